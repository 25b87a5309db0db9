"""A training run that can be killed at any time: weights, their average, optimizer and counters in one file.

There is no random state to keep: every step seeds its own randomness from the run's seed and the step's number.
Several processes, one for each GPU, share a run: each draws its own examples, gradients are averaged, the first saves.
"""

import json
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from random import Random

import torch
from safetensors import safe_open
from safetensors.torch import save_file
from torch import Tensor, nn

from training.runtime.atomic_files import write_whole
from training.runtime.device import accelerator

EMA_HORIZON = 10


@dataclass(frozen=True, slots=True)
class Budget:
    """How long to train: a number of steps (repeatable to the bit), or minutes of training time if given."""

    steps: int
    minutes: float | None = None
    save_s: float = 60.0
    """Seconds between two checkpoints."""

    def share(self, step: int, trained_s: float) -> float:
        """How much of the budget is spent, 0 to 1."""
        return min(1.0, step / self.steps if self.minutes is None else trained_s / (self.minutes * 60))


class Run:
    """The state of one training run: `step` and `trained_s` say how far it is; `average` follows the weights slowly."""

    def __init__(self, path: Path, module: nn.Module, optimizer: torch.optim.Optimizer, seed: int, ema: float) -> None:
        self._path, self._module, self._optimizer, self._seed, self._ema = path, module, optimizer, seed, ema
        self.device: torch.device = accelerator().device
        module.to(self.device)
        self._parameters = list(module.parameters())
        self._saved = self._resumed = time.monotonic()
        self._trained_before_s = 0.0
        self.step = 0
        self.average = [parameter.detach().clone() for parameter in self._parameters]
        if path.exists():
            self._load()

    @property
    def name(self) -> str:
        return self._path.stem

    @property
    def home(self) -> Path:
        return self._path.parent

    @property
    def trained_s(self) -> float:
        """Seconds of training in all processes so far."""
        return self._trained_before_s + time.monotonic() - self._resumed

    def seed_step(self) -> tuple[Random, torch.Generator]:
        """The randomness of the next step; it also seeds torch's own."""
        rank = accelerator().process_index
        random = Random(f"{self._seed} {self.name} {self.step}" + (f" {rank}" if rank else ""))
        generator = torch.Generator().manual_seed(random.getrandbits(62))
        torch.manual_seed(random.getrandbits(62))
        return random, generator

    def update(self, loss: Tensor, rate: float) -> None:
        """One optimizer step with clipped gradients; counts the step and moves the average."""
        for group in self._optimizer.param_groups:
            group["lr"] = rate
        self._optimizer.zero_grad()
        loss.backward()
        if accelerator().num_processes > 1:
            self._average_gradients()
        torch.nn.utils.clip_grad_norm_(self._parameters, 1.0)
        self._optimizer.step()
        self.step += 1
        keep = min(self._ema, (1 + self.step) / (EMA_HORIZON + self.step))
        torch._foreach_lerp_(self.average, [parameter.detach() for parameter in self._parameters], 1 - keep)

    def _average_gradients(self) -> None:
        """Give every process the mean of all processes' gradients, in one exchange."""
        gradients = [parameter.grad for parameter in self._parameters if parameter.grad is not None]
        mean = accelerator().reduce(torch.cat([gradient.flatten() for gradient in gradients]), reduction="mean")
        for gradient, part in zip(gradients, mean.split([gradient.numel() for gradient in gradients]), strict=True):
            gradient.copy_(part.view_as(gradient))

    def save_every(self, seconds: float) -> bool:
        """Save if the last save is that long ago; returns whether it did."""
        if time.monotonic() - self._saved < seconds:
            return False
        self.save()
        return True

    def save(self) -> None:
        """Write the checkpoint; of several processes the first one does."""
        self._saved = time.monotonic()
        if not accelerator().is_main_process:
            return
        tensors = {f"average.{i}": tensor for i, tensor in enumerate(self.average)}
        tensors |= {f"weight.{name}": value for name, value in self._module.state_dict().items()}
        for index, state in self._optimizer.state_dict()["state"].items():
            tensors |= {f"optimizer.{index}.{key}": value for key, value in state.items()}
        metadata = {"state": json.dumps({"step": self.step, "trained_s": self.trained_s})}
        unshared = {
            name: tensor.detach().to("cpu").clone(memory_format=torch.contiguous_format)
            for name, tensor in tensors.items()
        }
        write_whole(self._path, lambda unfinished: save_file(unshared, unfinished, metadata))

    @contextmanager
    def averaged(self) -> Iterator[None]:
        """The averaged weights in the module for as long as this lasts."""
        trained = [parameter.detach().clone() for parameter in self._parameters]
        self.use_average()
        try:
            yield
        finally:
            with torch.no_grad():
                for parameter, value in zip(self._parameters, trained, strict=True):
                    parameter.copy_(value)

    def use_average(self) -> None:
        """Put the averaged weights into the module, for good: call it when training is over or in a reader."""
        with torch.no_grad():
            for parameter, average in zip(self._parameters, self.average, strict=True):
                parameter.copy_(average)

    def _load(self) -> None:
        with safe_open(self._path, framework="pt") as stored:
            state = json.loads(stored.metadata()["state"])
            tensors = {key: stored.get_tensor(key) for key in stored.keys()}  # noqa: SIM118 (not a dict)
        self.step, self._trained_before_s = state["step"], state["trained_s"]
        self._module.load_state_dict(_under("weight.", tensors))
        for index, average in enumerate(self.average):
            average.copy_(tensors[f"average.{index}"])
        moments: dict[int, dict[str, Tensor]] = {}
        for name, tensor in _under("optimizer.", tensors).items():
            number, key = name.split(".")
            moments.setdefault(int(number), {})[key] = _laid_out_as(self._parameters[int(number)], tensor)
        whole = self._optimizer.state_dict()
        self._optimizer.load_state_dict({"state": moments, "param_groups": whole["param_groups"]})


def write_first(path: Path, module: nn.Module) -> None:
    """Write the checkpoint of a run that has taken no step: the module's weights, also as their average."""
    Run(path, module, adamw(module.parameters(), 0.0), seed=0, ema=0.0).save()


def saved_step(path: Path) -> int:
    """The number of steps that a checkpoint's run had taken."""
    with safe_open(path, framework="pt") as stored:
        return int(json.loads(stored.metadata()["state"])["step"])


def adamw(
    parameters: Iterable[nn.Parameter], weight_decay: float, betas: tuple[float, float] = (0.9, 0.99)
) -> torch.optim.AdamW:
    return torch.optim.AdamW(list(parameters), lr=1e-3, betas=betas, weight_decay=weight_decay, fused=True)


def _laid_out_as(parameter: Tensor, tensor: Tensor) -> Tensor:
    """The tensor in the parameter's memory format, which files do not keep."""
    return torch.empty_like(parameter).copy_(tensor) if tensor.shape == parameter.shape else tensor


def _under(prefix: str, tensors: dict[str, Tensor]) -> dict[str, Tensor]:
    return {name.removeprefix(prefix): tensor for name, tensor in tensors.items() if name.startswith(prefix)}
