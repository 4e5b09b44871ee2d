"""Speed and memory of the albedo engine, side by side with OpenCV's Lab swap in the same run.

    python benchmarks/albedo.py

Both get a photo of 12 megapixels and the same soft mask; reading, writing and matting are not colour work and are left
out. The Lab swap is what a simple visualiser does: to 8-bit Lab, replace a* and b*, back, blend with the mask. Then a
separate process opens and paints a JPEG of 24 megapixels, from file to file, and prints its peak memory.
"""

from __future__ import annotations

import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import cv2
import numpy as np
from PIL import Image

from wallpaint import Repainter, parse_color
from wallpaint.albedo import AlbedoRoom
from wallpaint.example import example_room
from wallpaint.mask import find_region

COLORS = ("#F2EFE6", "#B9A08C", "#2F4858", "#7A9E7E", "#C1440E", "#1B1B1B")
ROUNDS = 5


def enlarged_example(megapixels: float) -> tuple[np.ndarray, np.ndarray]:
    """The example room resized, with camera noise, and its mask."""
    photo, mask = (
        np.asarray(Image.open(path).convert(mode)) for path, mode in zip(example_room(), ("RGB", "L"), strict=True)
    )
    scale = (megapixels * 1e6 / (photo.shape[0] * photo.shape[1])) ** 0.5
    size = (round(photo.shape[1] * scale), round(photo.shape[0] * scale))
    large = cv2.resize(photo, size, interpolation=cv2.INTER_CUBIC)
    noise = np.random.default_rng(0).normal(0, 2, large.shape[:2]).astype(np.int8)
    large = cv2.add(large, cv2.merge([noise] * 3), dtype=cv2.CV_8U)
    return large, cv2.resize(mask, size, interpolation=cv2.INTER_NEAREST)


def lab_swap(pixels: np.ndarray, alpha: np.ndarray, rgb: tuple[int, int, int]) -> np.ndarray:
    lab = cv2.cvtColor(pixels, cv2.COLOR_RGB2Lab)
    wanted = cv2.cvtColor(np.uint8([[rgb]]), cv2.COLOR_RGB2Lab)[0, 0]
    lab[..., 1], lab[..., 2] = wanted[1], wanted[2]
    return cv2.blendLinear(cv2.cvtColor(lab, cv2.COLOR_Lab2RGB), pixels, alpha, 1 - alpha)


def seconds(work: Callable[[], object]) -> float:
    """Best of several rounds, because the machine may be shared."""
    best = np.inf
    for _ in range(ROUNDS):
        start = time.perf_counter()
        work()
        best = min(best, time.perf_counter() - start)
    return best


def compare_speed() -> None:
    pixels, mask = enlarged_example(12)
    region = find_region(pixels, (mask > 127).astype(np.float32))
    colors = [parse_color(color) for color in COLORS]

    def look() -> AlbedoRoom:
        return AlbedoRoom.of_photo(pixels, region)

    room = look()
    room.paint_wall(colors[0])  # computes and keeps what only pale paint needs
    swap = seconds(lambda: lab_swap(pixels, region.alpha, colors[1].rgb8))
    first = seconds(lambda: look().paint_wall(colors[1]))
    print(
        f"{pixels.shape[1]} × {pixels.shape[0]} pixels, {region.is_wall.mean():.0%} wall, {cv2.getNumThreads()} threads"
    )
    print("| colour work | seconds | Lab swap relative |\n|---|---|---|")
    print(f"| OpenCV Lab swap, soft blending | {swap:.3f} | 1.00 × |")
    print(f"| wallpaint, first colour (light read, colour locked) | {first:.3f} | {swap / first:.2f} × |")
    for color in colors:
        further = seconds(lambda color=color: room.paint_wall(color))
        print(f"| wallpaint, further colour {color.hex} | {further:.3f} | {swap / further:.2f} × |")


def measure_memory() -> None:
    with tempfile.TemporaryDirectory() as folder:
        pixels, mask = enlarged_example(24)
        photo, wall = Path(folder, "photo.jpg"), Path(folder, "wall.png")
        Image.fromarray(pixels).save(photo, quality=92)
        Image.fromarray(mask).save(wall)
        del pixels, mask
        run = subprocess.run([sys.executable, __file__, photo, wall], capture_output=True, text=True, check=True)
        print(f"\n24 megapixels, file to file, white and navy: {run.stdout.strip()}")


def paint_large(photo: str, wall: str) -> None:
    start = time.perf_counter()
    room = Repainter().open(photo, wall)
    opened = time.perf_counter() - start
    for color in COLORS[:3:2]:
        room.paint(color).save(Path(photo).with_name(f"{color[1:]}.png"))
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024**2
    print(f"{opened:.1f} s to open, {time.perf_counter() - start:.1f} s in total, peak memory {peak:.2f} GiB")


if __name__ == "__main__":
    if len(sys.argv) == 3:
        paint_large(*sys.argv[1:])
    else:
        compare_speed()
        measure_memory()
