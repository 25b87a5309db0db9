"""What the exported pair can do, measured on combinations that no training has seen, through the ordinary loaders."""

import json
import time
from pathlib import Path
from random import Random
from typing import Any

import numpy as np
import torch
from diffusers import AutoPipelineForText2Image
from PIL import Image, ImageDraw
from torch import Tensor
from transformers import AutoModelForCausalLM, AutoTokenizer

from engine.starter.captions import detailed
from engine.starter.edits import sample_edit
from engine.starter.judge import adherence, load_judge
from engine.starter.latents import to_tensor
from engine.starter.planner import as_json
from engine.starter.renderer import render
from engine.starter.requests import Example, sample_request
from engine.starter.scene import SHAPES, Scene, sample_scene

KINDS = {"en": ("en",), "zh": ("zh",), "es, ja, de": ("es", "ja", "de")}


def evaluate_planner(folder: Path, count: int, seed: int) -> dict[str, Any]:
    """Shares of requests and edits answered with everything that was said, with exactly the right answer, as JSON."""
    tokenizer = AutoTokenizer.from_pretrained(folder)
    planner = AutoModelForCausalLM.from_pretrained(folder, dtype=torch.float32).eval()
    random, groups = Random(f"{seed} evaluation"), {}
    for name, codes in KINDS.items():
        groups[name] = _sample(lambda: sample_request(random, held_out=True), codes, count)
    groups["edits en"] = _sample(lambda: sample_edit(random, held_out=True), ("en",), count)
    groups["edits zh"] = _sample(lambda: sample_edit(random, held_out=True), ("zh",), count)
    groups["edits es, ja, de"] = _sample(lambda: sample_edit(random, held_out=True), ("es", "ja", "de"), count)
    report: dict[str, Any] = {}
    for name, examples in groups.items():
        answers = [_answer(tokenizer, planner, example) for example in examples]
        outcomes = [_outcome(text, example) for (text, _), example in zip(answers, examples, strict=True)]
        report[name] = {
            key: f"{sum(outcome[key] for outcome in outcomes)}/{len(outcomes)}" for key in ("json", "kept", "exact")
        }
        report[name]["seconds"] = round(float(np.mean([seconds for _, seconds in answers])), 3)
        report[name]["wrong"] = [
            (example.text, text) for (text, _), example, outcome in zip(answers, examples, outcomes, strict=True)
            if not outcome["kept"]
        ][:5]  # fmt: skip
    return report


def _sample(make: Any, codes: tuple[str, ...], count: int) -> list[Example]:
    examples: list[Example] = []
    while len(examples) < count:
        example = make()
        if example.language in codes:
            examples.append(example)
    return examples


@torch.no_grad()
def _answer(tokenizer: Any, planner: Any, example: Example) -> tuple[str, float]:
    """The planner's answer to a conversation, and how many seconds it took."""
    messages = [{"role": "system", "content": "Answer with a PromptSpec."}]
    if example.old is not None:
        messages += [{"role": "user", "content": "…"}, {"role": "assistant", "content": as_json(example.old)}]
    messages.append({"role": "user", "content": example.text})
    started = time.perf_counter()
    inputs = tokenizer.apply_chat_template(messages, add_generation_prompt=True, return_tensors="pt", return_dict=True)
    output = planner.generate(input_ids=inputs["input_ids"], attention_mask=inputs["attention_mask"])
    text = tokenizer.decode(output[0, inputs["input_ids"].shape[1] :], skip_special_tokens=True)
    return text, time.perf_counter() - started


def _outcome(text: str, example: Example) -> dict[str, bool]:
    """`kept`: all that was said, and nothing else, is in the keywords, and word for word in the prompt."""
    try:
        answer = json.loads(text)
    except ValueError:
        return {"json": False, "kept": False, "exact": False}
    valid = isinstance(answer, dict) and list(answer) == list(example.answer)
    keywords = answer.get("keywords") if valid else None
    kept = keywords == example.answer["keywords"] and all(word in answer["prompt"] for word in keywords)
    kept = kept and answer["negative"] == example.answer["negative"]
    return {"json": valid, "kept": kept, "exact": text == as_json(example.answer)}


def evaluate_painter(home: Path, folder: Path, count: int, seed: int) -> dict[str, Any]:
    """Adherence by the judge on scenes seen and held out, beside the judge's own share on unseen renders."""
    judge, pipeline = load_judge(home, seed), _load_pipeline(folder)
    report: dict[str, Any] = {}
    for name, held_out in (("trained combinations", False), ("held-out combinations", True)):
        random = Random(f"{seed} {name}")
        scenes = [sample_scene(random, held_out=held_out) for _ in range(count)]
        renders = torch.stack([to_tensor(render(scene).pixels) for scene in scenes])
        started = time.perf_counter()
        painted = _paint(pipeline, scenes, seed)
        report[name] = {
            "painted": adherence(judge, painted, scenes),
            "renders": adherence(judge, renders, scenes),
            "seconds a picture": round((time.perf_counter() - started) / count, 3),
        }
    return report


def _load_pipeline(folder: Path) -> Any:
    pipeline = AutoPipelineForText2Image.from_pretrained(folder, dtype=torch.float32)
    pipeline.set_progress_bar_config(disable=True)
    return pipeline


def _paint(pipeline: Any, scenes: list[Scene], seed: int, shape: str = "square") -> Tensor:
    """(scenes, 3, height, width) in [-1, 1], with the folder's own settings."""
    card = json.loads((Path(pipeline.config._name_or_path) / "limner.json").read_text(encoding="utf-8"))
    generator, images = torch.Generator().manual_seed(seed), []
    width, height = SHAPES[shape]
    for start in range(0, len(scenes), 16):
        prompts = [detailed(scene) for scene in scenes[start : start + 16]]
        images.append(
            pipeline(
                prompt=prompts, width=width, height=height, num_inference_steps=card["steps"],
                guidance_scale=card["guidance"], generator=generator, output_type="np",
            ).images
        )  # fmt: skip
    return torch.from_numpy(np.concatenate(images)).permute(0, 3, 1, 2) * 2 - 1


def draw_sheet(folder: Path, path: Path, seed: int, rows: int = 5, columns: int = 8) -> None:
    """A contact sheet of pictures as they come: prompts drawn at random, the first seed, nothing picked."""
    pipeline, random = _load_pipeline(folder), Random(f"{seed} sheet")
    cell, caption = 128, 12
    sheet = Image.new("RGB", (columns * cell, rows * (cell + caption) + 160), "white")
    pen = ImageDraw.Draw(sheet)
    scenes = [sample_scene(random, held_out=index % 4 == 3) for index in range(rows * columns)]
    for index, image in enumerate(_paint(pipeline, scenes, seed)):
        x, y = index % columns * cell, index // columns * (cell + caption)
        sheet.paste(_picture(image), (x, y + caption))
        pen.text((x + 1, y), _label(scenes[index]), fill="black")
    x = 0
    for shape in ("portrait", "landscape", "tall", "wide") * 2:
        image = _picture(_paint(pipeline, [sample_scene(random)], seed, shape)[0])
        sheet.paste(image, (x, rows * (cell + caption)))
        x += image.width
    path.parent.mkdir(parents=True, exist_ok=True)
    palette = sheet.quantize(256)  # a third of the size; dithered, so that skies stay smooth
    sheet.quantize(palette=palette, dither=Image.Dither.FLOYDSTEINBERG).save(path, optimize=True)


def _picture(image: Tensor) -> Image.Image:
    pixels = image.clamp(-1, 1).add(1).mul(127.5).round().byte().permute(1, 2, 0).numpy()
    return Image.fromarray(pixels)


def _label(scene: Scene) -> str:
    """Short enough for a cell; an asterisk marks a held-out combination."""
    subject = f"{scene.color} {scene.subject}".replace("none", "").strip()
    words = " ".join(word for word in (subject, scene.place, scene.time, scene.style) if word)
    return ("*" if scene.held_out else "") + words[:22]
