"""Speed and memory of a training step, side by side with a stock loop in the same run.

    python benchmarks/training.py [--steps 3] [--batch 1] [--model FOLDER]

Both train a LoRA of rank 8 beside a frozen IP-Adapter Plus, on the same photo at 512², with AdamW. The weights have
Stable Diffusion 1.5's exact sizes and random values, unless a folder with real ones is given. Stock is the loop of the
public diffusers examples: in every step the VAE encodes target and masked photo, the text encoder its words and the
image encoder the reference; float32 on a CPU, half precision on a GPU. Ours is `wallpaint train` with its defaults, on
photos without crop or repainting and with uniform references, so that latents and reference features are cached; and,
for comparison, with textured references, whose features cannot be cached.

Each runs in a separate process, which runs until every photo was used once, and is timed after that; peak memory is the
process's maximum.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import torch
from accelerate import Accelerator
from diffusers import DDPMScheduler
from inference import SIDE, example_square, peak_gigabytes
from PIL import Image
from random_sd15 import write_random_sd15

PHOTOS = 2  # whose latents and features ours caches


def run_stock(model: Path, steps: int, batch: int) -> dict[str, float]:
    """A training step of diffusers' examples."""
    from diffusers import AutoencoderKL, UNet2DConditionModel
    from transformers import CLIPTextModel, CLIPVisionModelWithProjection

    from wallpaint.diffusion.adapters.ip_adapter import load_ip_adapters, read_ip_adapter
    from wallpaint.diffusion.adapters.lora import LoraSettings, attach_lora
    from wallpaint.diffusion.encoders.image_encoder import clip_input

    accelerator = Accelerator(mixed_precision="fp16" if torch.cuda.is_available() else "no")
    dtype = torch.float16 if torch.cuda.is_available() else torch.float32
    vae = AutoencoderKL.from_pretrained(model / "vae", torch_dtype=dtype)
    unet = UNet2DConditionModel.from_pretrained(model / "unet", torch_dtype=dtype)
    text_encoder = CLIPTextModel.from_pretrained(model / "text_encoder", dtype=dtype)
    image_encoder = CLIPVisionModelWithProjection.from_pretrained(model / "image_encoder", dtype=dtype)
    schedule = DDPMScheduler.from_pretrained(model / "scheduler")
    for part in (vae, unet, text_encoder, image_encoder):
        part.requires_grad_(False).to(accelerator.device)
    load_ip_adapters(unet, {"ip_adapter": read_ip_adapter(model / "ip_adapter.safetensors")})
    trained = attach_lora(unet, LoraSettings(rank=8, alpha=8))
    unet, optimizer = accelerator.prepare(unet, torch.optim.AdamW(trained, lr=1e-4))
    pixels, hole = _signed_photo(batch, accelerator.device, dtype)
    reference = clip_input(torch.full((batch, 3, 224, 224), 0.3, device=accelerator.device), 224).to(dtype)
    words = torch.full((batch, 77), 49407, device=accelerator.device)

    def step() -> None:
        latents = vae.encode(pixels).latent_dist.sample() * vae.config.scaling_factor
        masked_latents = vae.encode(pixels * (1 - hole)).latent_dist.sample() * vae.config.scaling_factor
        mask = torch.nn.functional.interpolate(hole, latents.shape[-2:])
        prompt = text_encoder(words)[0]
        features = image_encoder(reference, output_hidden_states=True).hidden_states[-2]
        noise = torch.randn_like(latents)
        timesteps = torch.randint(len(schedule), (batch,), device=latents.device)
        noisy = schedule.add_noise(latents, noise, timesteps)
        predicted = unet(
            torch.cat([noisy, mask, masked_latents], dim=1),
            timesteps,
            prompt,
            added_cond_kwargs={"image_embeds": [features[:, None]]},
        ).sample
        accelerator.backward(torch.nn.functional.mse_loss(predicted.float(), noise.float()))
        accelerator.clip_grad_norm_(trained, 1.0)
        optimizer.step()
        optimizer.zero_grad()

    return _timed(step, 1, steps)


def run_ours(model: Path, steps: int, batch: int, textured: bool = False) -> dict[str, float]:
    """`wallpaint train`, from reading the photos to the weight update."""
    from wallpaint.train import load_config
    from wallpaint.train.trainer.run import Run

    with tempfile.TemporaryDirectory() as folder:
        write_photos(Path(folder) / "photos")
        untimed = -(-PHOTOS // batch)
        chosen = {
            "output": Path(folder) / "run",
            "trackers": "[]",
            "model.base": model,
            "model.ip_adapter": model / "ip_adapter.safetensors",
            "model.image_encoder": model / "image_encoder",
            "data.path": Path(folder) / "photos",
            "data.workers": 0,
            "data.validation_share": 0.0,
            "data.quality_threshold": 0.0,
            "data.random_color_prob": 0.0,
            "data.mirror_prob": 0.0,
            "data.min_crop": 1.0,
            "training.reference.add_texture": str(textured).lower(),
            "training.reference.add_lighting_gradient": str(textured).lower(),
            "optimization.batch_size": batch,
            "optimization.max_steps": untimed + steps,
        }
        overrides = [f"{key}={value}" for key, value in chosen.items()]
        run = Run.set_up(load_config("configs/lora_training.yaml", overrides), None)
        print(f"ours: {run.models.precision.why}", file=sys.stderr)
        batches, done = run.batches(), iter(range(untimed + steps))
        return _timed(lambda: run.run_step(next(done), batches), untimed, steps)


def run_textured(model: Path, steps: int, batch: int) -> dict[str, float]:
    """Ours, with references drawn anew in each step."""
    return run_ours(model, steps, batch, textured=True)


def write_photos(folder: Path) -> None:
    """The example room, darker from photo to photo: a dataset in the flat layout."""
    photo, mask = example_square()
    for kind in ("images", "masks"):
        (folder / kind).mkdir(parents=True)
    for number in range(PHOTOS):
        darker = (photo * 0.9**number).astype(np.uint8)
        Image.fromarray(darker).save(folder / "images" / f"{number}.png")
        Image.fromarray(mask).save(folder / "masks" / f"{number}.png")


def _signed_photo(batch: int, device: torch.device, dtype: torch.dtype) -> tuple[torch.Tensor, torch.Tensor]:
    photo, mask = example_square()
    pixels = torch.tensor(photo).permute(2, 0, 1)[None] / 127.5 - 1
    hole = torch.from_numpy(mask)[None, None] / 255
    return tuple(part.to(device, dtype).expand(batch, -1, -1, -1) for part in (pixels, hole))


def _timed(step: Callable[[], object], untimed: int, steps: int) -> dict[str, float]:
    for _ in range(untimed):
        step()
    seconds = []
    for _ in range(steps):
        start = time.perf_counter()
        step()
        if torch.cuda.is_available():
            torch.cuda.synchronize()
        seconds.append(time.perf_counter() - start)
    return {"step": float(np.median(seconds)), "gigabytes": peak_gigabytes()}


RUNS = {"stock": run_stock, "ours": run_ours, "textured": run_textured}


def measured(run: str, options: argparse.Namespace, model: Path) -> dict[str, float]:
    """One run in a separate process."""
    words = {"run": run, "model": model, "steps": options.steps, "batch": options.batch}
    command = [sys.executable, __file__, *(word for name, value in words.items() for word in (f"--{name}", str(value)))]
    output = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True).stdout
    return dict(json.loads(output.splitlines()[-1]))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--steps", type=int, default=3, help="timed steps of each")
    parser.add_argument("--batch", type=int, default=1, help="samples per step")
    parser.add_argument("--model", type=Path, help="diffusers folder with real weights; random ones if not given")
    parser.add_argument("--run", choices=RUNS, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.run:
        print(json.dumps(RUNS[options.run](options.model, options.steps, options.batch)))
        return
    with tempfile.TemporaryDirectory() as folder:
        model = options.model or write_random_sd15(Path(folder))
        stock, ours, textured = (measured(run, options, model) for run in RUNS)
    threads = torch.get_num_threads()
    print(f"batch {options.batch}, {SIDE}², {threads} threads, torch {torch.__version__}")
    print(f"{'':28}{'step':>10}{'peak':>10}")
    for name, result in (("stock", stock), ("ours", ours), ("ours, textured references", textured)):
        print(f"{name:28}{result['step']:>9.2f}s{result['gigabytes']:>7.2f} GB")
    print(f"a step: {stock['step'] / ours['step']:.1f} times as fast as stock")
    print(f"peak memory: {ours['gigabytes'] / stock['gigabytes']:.0%} of stock's")


if __name__ == "__main__":
    main()
