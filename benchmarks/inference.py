"""Speed and memory of painting by diffusion, side by side with diffusers' stock inpainting pipeline in the same run.

    python benchmarks/inference.py [--steps 8] [--colors 8] [--model FOLDER]

Both get the same weights, the same photo and the same number of steps, at 512². The weights have Stable Diffusion 1.5's
exact sizes and random values (speed does not depend on the values), unless a folder with real ones is given. Stock
follows diffusers' documentation: float32 on a CPU and float16 on a GPU, an empty prompt through the text encoder,
guidance 7.5. Ours is `Repainter` with its defaults, from photo and mask to the locked and composited picture.

Each runs in a separate process, which paints once to warm up (one step) and once timed; peak memory is the process's
maximum.
"""

from __future__ import annotations

import argparse
import json
import re
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
import torch
from PIL import Image
from random_sd15 import write_random_sd15

from wallpaint import Repainter
from wallpaint.diffusion import DiffusionEngine, SamplingSettings, load_engine
from wallpaint.diffusion.encoders.empty_prompt import encode_empty_prompt
from wallpaint.example import example_room

SIDE = 512
# Other colours than COLORS, because reference embeddings are cached.
UNTIMED = tuple(f"#{value:02x}8040" for value in range(0, 256, 32))
COLORS = ("#B9A08C", "#7A9E7E", "#2F4858", "#F2EFE6", "#C1440E", "#D9B44A", "#8C6FB0", "#1B1B1B")


def example_square() -> tuple[np.ndarray, np.ndarray]:
    """The example room at 512²: (512, 512, 3) uint8 and (512, 512) uint8."""
    photo, mask = (
        np.asarray(Image.open(path).convert(mode).resize((SIDE, SIDE), Image.Resampling.BOX))
        for path, mode in zip(example_room(), ("RGB", "L"), strict=True)
    )
    return photo, np.where(mask > 127, 255, 0).astype(np.uint8)


class Clock:
    """Seconds of a whole painting and of its steps."""

    def __init__(self) -> None:
        self.start = time.perf_counter()
        self.ticks: list[float] = []

    def tick(self, *_: object) -> dict[str, object]:
        self.ticks.append(time.perf_counter())
        return {}

    def result(self) -> dict[str, float]:
        seconds = time.perf_counter() - self.start
        return {"seconds": seconds, "step": float(np.median(np.diff(self.ticks))), "gigabytes": peak_gigabytes()}


def run_stock(model: Path, steps: int, colors: int) -> dict[str, float]:
    """diffusers' pipeline; it has no reference input, so every colour is one more call of the same cost."""
    from diffusers import AutoencoderKL, DDIMScheduler, StableDiffusionInpaintPipeline, UNet2DConditionModel
    from transformers import CLIPTextModel

    photo, mask = (Image.fromarray(pixels) for pixels in example_square())
    device, dtype = ("cuda", torch.float16) if torch.cuda.is_available() else ("cpu", torch.float32)
    pipeline = StableDiffusionInpaintPipeline(
        vae=AutoencoderKL.from_pretrained(model / "vae", torch_dtype=dtype),
        text_encoder=CLIPTextModel.from_pretrained(model / "text_encoder", dtype=dtype),
        unet=UNet2DConditionModel.from_pretrained(model / "unet", torch_dtype=dtype),
        scheduler=DDIMScheduler.from_pretrained(model / "scheduler"),
        **dict.fromkeys(("tokenizer", "safety_checker", "feature_extractor")),
        requires_safety_checker=False,
    ).to(device)
    pipeline.set_progress_bar_config(disable=True)

    def paint(clock: Clock, count: int) -> None:
        for _ in range(colors):
            embeds = encode_empty_prompt(pipeline.text_encoder).to(device, dtype)  # there is no tokenizer
            pipeline(
                image=photo,
                mask_image=mask,
                prompt_embeds=embeds,
                negative_prompt_embeds=embeds,
                num_inference_steps=count,
                height=SIDE,
                width=SIDE,
                guidance_scale=7.5,
                generator=torch.Generator().manual_seed(0),
                callback_on_step_end=clock.tick,
            )

    paint(Clock(), 1)
    clock = Clock()
    paint(clock, steps)
    return clock.result()


def run_ours(model: Path, steps: int, colors: int) -> dict[str, float]:
    """`Repainter` with its defaults; opening the photo is part of the time."""
    photo, mask = example_square()
    engine = load_engine(model, steps=steps, depth=False)
    print(f"ours: {engine.model.precision.why}", file=sys.stderr)
    Repainter(DiffusionEngine(engine.model, SamplingSettings(steps=1))).open(photo, mask).palette(UNTIMED[:colors])
    clock = Clock()
    Repainter(engine).open(photo, mask).palette(COLORS[:colors], callback=clock.tick)
    return clock.result()


def peak_gigabytes() -> float:
    """Peak memory of this process in 10⁹ bytes: the GPU's where there is one, otherwise resident memory (Linux).

    Not from getrusage, which includes memory of the parent process before exec.
    """
    if torch.cuda.is_available():
        return torch.cuda.max_memory_allocated() / 1e9
    peak = re.search(r"VmHWM:\s+(\d+) kB", Path("/proc/self/status").read_text())
    return int(peak[1]) * 1024 / 1e9 if peak else float("nan")


RUNS = {"stock": run_stock, "ours": run_ours}


def measured(run: str, model: Path, steps: int, colors: int) -> dict[str, float]:
    """One run in a separate process."""
    command = [
        sys.executable,
        __file__,
        "--run",
        run,
        "--model",
        str(model),
        "--steps",
        str(steps),
        "--colors",
        str(colors),
    ]
    output = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True).stdout
    return dict(json.loads(output.splitlines()[-1]))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--steps", type=int, default=8, help="denoising steps, for both")
    parser.add_argument("--colors", type=int, default=len(COLORS), choices=range(1, len(COLORS) + 1))
    parser.add_argument("--model", type=Path, help="diffusers folder with real weights; random ones if not given")
    parser.add_argument("--run", choices=RUNS, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.run:
        print(json.dumps(RUNS[options.run](options.model, options.steps, options.colors)))
        return
    with tempfile.TemporaryDirectory() as folder:
        model = options.model or write_random_sd15(Path(folder))
        stock = measured("stock", model, options.steps, 1)
        one, many = (measured("ours", model, options.steps, colors) for colors in (1, options.colors))
    print(f"{options.steps} steps, {SIDE}², {torch.get_num_threads()} threads, torch {torch.__version__}")
    print(f"{'':24}{'step':>10}{'total':>10}{'peak':>10}")
    for name, result in (
        ("stock, 1 colour", stock),
        ("ours, 1 colour", one),
        (f"ours, {options.colors} colours", many),
    ):
        print(f"{name:24}{result['step']:>9.2f}s{result['seconds']:>9.1f}s{result['gigabytes']:>7.2f} GB")
    print(f"whole picture: {stock['seconds'] / one['seconds']:.1f} times as fast as stock")
    print(f"peak memory: {one['gigabytes'] / stock['gigabytes']:.0%} of stock's")
    print(f"{options.colors} colours of one photo: {many['seconds'] / one['seconds']:.1f} times one")


if __name__ == "__main__":
    main()
