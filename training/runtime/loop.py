"""The loop that trains every part: draw a batch, take a step, show how it goes, save.."""

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from random import Random
from typing import Protocol

import torch
from torch import Tensor

from training.runtime.checkpoint import Budget, Run
from training.runtime.device import accelerator
from training.runtime.progress import Progress

CURVE_EVERY = 20
SAMPLES_EVERY = 500


class Rates(Protocol):
    """What says how fast to learn at a step, when such a share of the budget is spent."""

    def rate(self, step: int, spent: float) -> float: ...


@dataclass(frozen=True, slots=True)
class Schedule:
    """Linear warm-up to a peak, a plateau, then linear decay over the last `decay` of the budget."""

    peak: float
    warm_up: int
    decay: float

    def rate(self, step: int, spent: float) -> float:
        return self.peak * min(1.0, (step + 1) / self.warm_up) * min(1.0, max(0.02, (1 - spent) / self.decay))


def train(
    run: Run,
    budget: Budget,
    schedule: Rates,
    loss_of: Callable[[Random, torch.Generator, float], Tensor],
    samples: Callable[[Progress], None] | None = None,
) -> None:
    """Take steps until the budget is spent. `loss_of` gets the step's randomness and the share of the budget spent.

    `samples` shows what the averaged weights can do, every 500 steps and at the end; it must not change the run.
    """
    recent: deque[Tensor] = deque(maxlen=200)
    with Progress(run.name, run.home, run.step) as progress:
        while (spent := _spent(run, budget)) < 1:
            random, generator = run.seed_step()
            rate = schedule.rate(run.step, spent)
            loss = loss_of(random, generator, spent)
            run.update(loss, rate)
            recent.append(loss.detach())
            if run.step % CURVE_EVERY == 0 or budget.share(run.step, run.trained_s) >= 1:
                _show(progress, run, budget, rate, recent)
            if run.step % SAMPLES_EVERY == 0:
                _sample(run, progress, samples)
            run.save_every(budget.save_s)
        _sample(run, progress, samples)
        run.save()
    accelerator().wait_for_everyone()


def _spent(run: Run, budget: Budget) -> float:
    """The share of the budget that is spent; processes whose clocks differ agree on one."""
    share = budget.share(run.step, run.trained_s)
    if accelerator().num_processes == 1:
        return share
    return float(accelerator().reduce(torch.tensor(share, device=run.device), reduction="mean"))


def _sample(run: Run, progress: Progress, samples: Callable[[Progress], None] | None) -> None:
    if samples is not None and accelerator().is_main_process:
        with run.averaged(), torch.no_grad():
            samples(progress)


def _show(progress: Progress, run: Run, budget: Budget, rate: float, recent: deque[Tensor]) -> None:
    loss = torch.stack(list(recent)).mean().item()
    progress.show(budget.share(run.step, run.trained_s), f"step {run.step}, loss {loss:.4f}")
    progress.curve("loss", loss, run.step)
    progress.curve("learning rate", rate, run.step)
