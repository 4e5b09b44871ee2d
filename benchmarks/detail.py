"""Source of a wall's fine detail, model or photo: the size limit between them, and the separation of plain walls.

    python benchmarks/detail.py [FOLDER]

FOLDER holds stored rooms (wallpaint rooms render); without it, the starter rooms are used. The model is replaced by an
oracle: the truth in the new paint, on a grid half as fine as the photo's, with three grades of error. *exact* has none.
*autoencoder* is slightly blurred, with noise at 29 dB and a shift of colour. *shading* also has 15 % of invented light
and shadow, in areas of a fifth of the crop. First table: `pattern_contrast` on plain and on papered walls. Second:
CIEDE2000 to the truth inside the wall after the colour lock, mean / mean of the 95th percentiles.
"""

from __future__ import annotations

import argparse
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path
from unittest import mock

import cv2
import numpy as np

from wallpaint.color import linear_to_srgb, srgb_to_linear
from wallpaint.data.samples.from_rooms import RoomAugmentation, draw_shot
from wallpaint.diffusion.fullsize.compositing import diffused_wall
from wallpaint.diffusion.fullsize.crop import Crop, crop_of
from wallpaint.diffusion.fullsize.detail import Detail, read_detail
from wallpaint.diffusion.fullsize.pattern_detection import PATTERN_THRESHOLD, pattern_contrast
from wallpaint.evaluate import room_cases
from wallpaint.evaluate.repaintbench.benchmark_cases import TRACKS, Case
from wallpaint.evaluate.repaintbench.scores import score
from wallpaint.mask import find_region
from wallpaint.rooms import PaintableRoom, starter_rooms

CUTOFFS = (1 / 32, 1 / 16, 1 / 12, 1 / 8, 1 / 5, 1 / 3)
ERRORS = ("exact", "autoencoder", "shading")
PLAIN_SOURCES = ("plain", "eggshell")
_NOISE = 10 ** (-29 / 20)


def oracle(case: Case, crop: Crop, error: str, random: np.random.Generator) -> np.ndarray:
    """(h, w, 3) float sRGB: the truth with a model's errors."""
    picture = crop.shrink(case.truth).astype(np.float32) / 255
    if error == "exact":
        return picture
    noise = cv2.GaussianBlur(random.normal(size=picture.shape).astype(np.float32), (0, 0), 0.7)
    picture = cv2.GaussianBlur(picture, (0, 0), 0.6) + _NOISE * noise / noise.std() + 0.02 * random.normal(size=3)
    picture = np.clip(picture, 0, 1)
    if error == "shading":
        coarse = random.normal(size=(5, 5)).astype(np.float32)
        invented = cv2.resize(coarse, crop.size[::-1], interpolation=cv2.INTER_CUBIC)
        picture = linear_to_srgb(np.clip(srgb_to_linear(picture) * np.exp(0.15 * invented[..., None]), 0, 1))
    return picture


def choices() -> Iterator[tuple[str, Detail, float]]:
    yield "model", "model", 1.0
    for cutoff in CUTOFFS:
        yield f"photo, finer than 1/{round(1 / cutoff)} of the crop", "photo", cutoff
    yield "auto", "auto", 1 / 8


def measure_sources(rooms: list[PaintableRoom]) -> None:
    scores = defaultdict(list)
    for room in rooms:
        cases = [
            case for number, case in enumerate(room_cases(room)) if number % 3 == room.seed % 3 or "paper" in case.track
        ]
        for number, case in enumerate(cases):
            region = find_region(case.source, case.mask)
            crop = crop_of(region, room.shape[0] // 2, 16)
            for error in ERRORS:
                picture = oracle(case, crop, error, np.random.default_rng([room.seed, number]))
                for name, detail, cutoff in choices():
                    with mock.patch("wallpaint.diffusion.fullsize.detail._CUTOFF", cutoff):
                        wall = diffused_wall(read_detail(case.source, region, crop, detail), picture)
                    result = score(case, wall.lock(np.array(case.reference.srgb)).picture, 0.0)
                    scores[name, case.track, error].append((result.inside, result.inside_p95))
    columns = [(track, error) for track in TRACKS for error in ERRORS]
    print("\n| detail from | " + " | ".join(f"{track}: {error}" for track, error in columns) + " |")
    print("|---" * (1 + len(columns)) + "|")
    for name, _, _ in choices():
        means = [np.mean(scores[(name, *column)] or [(np.nan,) * 2], axis=0) for column in columns]
        print(f"| {name} | " + " | ".join(f"{mean:.2f} / {p95:.2f}" for mean, p95 in means) + " |")


def measure_pattern_detection(rooms: list[PaintableRoom]) -> None:
    contrasts = defaultdict(list)
    for room in rooms:
        for papered in (False, True) if room.wallpaper is not None else (False,):
            for camera in (False, True):
                recipe = RoomAugmentation(
                    wallpaper_prob=float(papered), camera_prob=float(camera), mask_degrade_prob=float(camera)
                )
                shot = draw_shot(room, room.shape[0], recipe, np.random.default_rng([room.seed, papered, camera]))
                region = find_region(shot.source, shot.mask, "hard")
                contrast = pattern_contrast(shot.source, region, crop_of(region, room.shape[0] // 2, 16))
                is_plain = not papered or room.meta.get("source") in PLAIN_SOURCES
                contrasts[camera, is_plain].append(contrast)
    print(
        "| | plain walls | taken for patterned | patterned walls | taken for plain | AUC |\n|---|---|---|---|---|---|"
    )
    for camera, name in ((False, "clean"), (True, "camera")):
        plain, patterned = (np.array(contrasts[camera, is_plain]) for is_plain in (True, False))
        print(
            f"| {name} | {len(plain)} | {(plain >= PATTERN_THRESHOLD).mean():.1%} | {len(patterned)} | "
            f"{(patterned < PATTERN_THRESHOLD).mean():.1%} | {(patterned[:, None] > plain).mean():.3f} |"
        )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path, nargs="?")
    parser.add_argument("--every", type=int, default=1, help="use every N-th room for the second table")
    folder, every = (arguments := parser.parse_args()).folder, arguments.every
    cv2.setNumThreads(1)
    rooms = [PaintableRoom.load(path) for path in sorted(folder.glob("room-*.npz"))] if folder else starter_rooms()
    measure_pattern_detection([room for room in rooms if (room.alpha >= 1).sum() >= 400])
    measure_sources(rooms[::every])


if __name__ == "__main__":
    main()
