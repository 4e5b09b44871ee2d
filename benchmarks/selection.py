"""Accuracy of wall selection after 1, 3 and 5 clicks.

    python benchmarks/selection.py [FOLDER] [--seeds 8008 8017] [--paints 4] [--sheet FILE]

Clicks follow the rule that interactive segmentation is compared by (Gulshan et al., "Geodesic star convexity for
interactive image segmentation", CVPR 2010; Xu et al., "Deep interactive object selection", CVPR 2016): the first in the
middle of the true wall, each further one in the middle of the largest connected error; the truth decides whether it
keeps or drops. The middle is the pixel farthest from the region's edge.

Without FOLDER, the starter rooms of these seeds are used, each in random paints and through random cameras; the
selector's weights were fitted on those below 8008. FOLDER holds photos NAME.jpg (or .png) with masks NAME.mask.png,
white = wall. Figures are intersection over union with the truth.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Iterator
from pathlib import Path

import cv2
import numpy as np
from PIL import Image

from wallpaint.data.samples.paints import draw_paint
from wallpaint.mask import read_mask
from wallpaint.mask.select import Click, WallSelector, overlay
from wallpaint.photo import read_photo
from wallpaint.rooms import Camera, starter_rooms
from wallpaint.sheet import contact_sheet, save_sheet, thumbnail

CLICKS = 5
SHOWN = (1, 3, 5)

Picture = tuple[str, np.ndarray, np.ndarray]  # name, (H, W, 3) uint8, (H, W) bool


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path, nargs="?", help="photos with masks, instead of rooms")
    parser.add_argument("--seeds", type=int, nargs=2, default=(8008, 8017), help="seeds of rooms: first, last + 1")
    parser.add_argument("--paints", type=int, default=4, help="paints per room")
    parser.add_argument("--sheet", type=Path, help="file for a sheet of the masks")
    arguments = parser.parse_args()
    pictures = photos(arguments.folder) if arguments.folder else rooms(*arguments.seeds, arguments.paints)
    results, sheet = [], []
    print(f"| IoU after clicks | {' | '.join(map(str, SHOWN))} | seconds to analyse | seconds per click |")
    print("|---|---|---|---|---|---|")
    for name, pixels, truth in pictures:
        start = time.perf_counter()
        selector = WallSelector(pixels)
        looked = time.perf_counter()
        masks, clicks = clicked(selector, truth)
        done = time.perf_counter()
        scores = [intersection_over_union(mask, truth) for mask in masks]
        results.append([*scores, looked - start, (done - looked) / CLICKS])
        print(line(name, results[-1]), flush=True)
        sheet += [
            (f"{name}, {count}: {scores[count - 1]:.3f}", picture_of(pixels, masks[count - 1], clicks[:count]))
            for count in SHOWN
        ]
    print(line(f"**mean of {len(results)}**", np.mean(results, axis=0)))
    if arguments.sheet:
        save_sheet(contact_sheet(sheet, columns=len(SHOWN) * 2), arguments.sheet)


def rooms(first: int, end: int, paints: int) -> Iterator[Picture]:
    """Starter rooms, each in several paints and through as many cameras."""
    for room in starter_rooms():
        if first <= room.seed < end:
            for number in range(paints):
                rng = np.random.default_rng([room.seed, number, 0])
                paint = draw_paint(rng)
                yield f"{room.seed} {paint.hex}", room.photo(paint, Camera.draw(rng), rng), room.alpha > 0.5


def photos(folder: Path) -> Iterator[Picture]:
    """Photos with a mask beside them."""
    for photo in sorted(folder.glob("*")):
        mask = photo.with_name(f"{photo.stem}.mask.png")
        if photo.suffix in {".jpg", ".jpeg", ".png"} and mask.exists():
            pixels = read_photo(photo)
            yield photo.stem, pixels, read_mask(mask, (pixels.shape[0], pixels.shape[1])) > 0.5


def clicked(selector: WallSelector, truth: np.ndarray) -> tuple[list[np.ndarray], list[Click]]:
    """The wall, (H, W) bool, after each click."""
    clicks: list[Click] = []
    masks: list[np.ndarray] = []
    for _ in range(CLICKS):
        error = largest(masks[-1] != truth) if masks else truth
        if error.any():
            row, column = middle(error)
            clicks.append(Click(row, column, keep=bool(truth[row, column])))
        masks.append(selector.select(clicks, edges="hard") > 0.5)
    return masks, clicks


def largest(region: np.ndarray) -> np.ndarray:
    """(H, W) bool: the largest connected part of a region."""
    count, parts, stats, _ = cv2.connectedComponentsWithStats(region.astype(np.uint8), connectivity=4)
    if count == 1:
        return region
    return parts == 1 + int(stats[1:, cv2.CC_STAT_AREA].argmax())


def middle(region: np.ndarray) -> tuple[int, int]:
    """Row and column of the pixel of a region farthest from its edge, the picture's own included."""
    inside = np.pad(region, 1).astype(np.uint8)
    distance = cv2.distanceTransform(inside, cv2.DIST_L2, cv2.DIST_MASK_PRECISE)[1:-1, 1:-1]
    row, column = np.unravel_index(distance.argmax(), distance.shape)
    return int(row), int(column)


def intersection_over_union(first: np.ndarray, second: np.ndarray) -> float:
    return float((first & second).sum() / (first | second).sum())


def picture_of(pixels: np.ndarray, mask: np.ndarray, clicks: list[Click]) -> Image.Image:
    return thumbnail(overlay(pixels, mask.astype(np.float32), clicks), 256)


def line(name: str, result: np.ndarray | list[float]) -> str:
    scores = " | ".join(f"{result[count - 1]:.3f}" for count in SHOWN)
    return f"| {name} | {scores} | {result[CLICKS]:.2f} | {result[CLICKS + 1]:.2f} |"


if __name__ == "__main__":
    main()
