"""Accuracy of wall selection: automatic, and after 1, 3 and 5 clicks.

    python benchmarks/selection.py [FOLDER] [--finder rooms --finder edges] [--miss 15] [--only NAME ...] [--sheet FILE]

FOLDER holds photos NAME.jpg (or .png) with masks NAME.mask.png (white is wall, 128 is not counted), or snapshots or
paintable rooms from `wallpaint rooms render`. Without FOLDER, starter rooms of `--seeds` are used, in random paints
and through random cameras.

- Photos: everything white in the mask is meant, automatically and by clicks.
- Snapshots, clean and through a camera: automatic selection means all walls, clicks mean the paint with the largest
  area.
- Paintable rooms: clicks mean the painted walls. Tracks: clean, camera, and wallpaper where a room has a papered twin.

Clicks follow the rule that interactive segmentation is compared by (Gulshan et al., "Geodesic star convexity for
interactive image segmentation", CVPR 2010; Xu et al., "Deep interactive object selection", CVPR 2016): the first in the
middle of the true wall, each further one in the middle of the largest connected error; the truth decides whether it
keeps or drops. The middle is the pixel farthest from the region's edge. With `--miss` each click is off by 3 to that
many pixels in a random direction, as people's are. Figures are intersection over union with the truth.
"""

from __future__ import annotations

import argparse
import time
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
from PIL import Image

from wallpaint import load_finder
from wallpaint.data.samples.paints import draw_paint
from wallpaint.mask.select import Click, Finder, WallSelector, overlay
from wallpaint.photo import read_photo
from wallpaint.rooms import Camera, PaintableRoom, Snapshot, starter_rooms
from wallpaint.sheet import contact_sheet, save_sheet, thumbnail

CLICKS = 5
SHOWN = (1, 3, 5)
_IGNORED = 128
_LEAST_MISS = 3.0  # pixels


@dataclass(frozen=True, eq=False)
class Picture:
    """One picture and what is meant in it.

    Attributes
    ----------
    group, name : str
    pixels : (H, W, 3) uint8
    walls : (H, W) bool or None
        What automatic selection should find.
    wall : (H, W) bool
        What the clicks mean.
    counted : (H, W) bool
        Pixels whose truth is known.
    """

    group: str
    name: str
    pixels: np.ndarray
    walls: np.ndarray | None
    wall: np.ndarray
    counted: np.ndarray


@dataclass(frozen=True)
class Result:
    """Figures of one picture: overlaps (NaN where not measured), confidence, seconds to look and for each click."""

    automatic: float
    confidence: float
    clicks: list[float]
    look_seconds: float
    click_seconds: float

    def row(self) -> list[float]:
        shown = [self.clicks[count - 1] for count in SHOWN]
        return [self.automatic, self.confidence, *shown, self.look_seconds, self.click_seconds]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path, nargs="?", help="photos with masks, snapshots or rooms")
    parser.add_argument("--finder", action="append", help="a name or model that load_finder takes; may be repeated")
    parser.add_argument("--miss", type=float, default=0.0, help="pixels by which clicks miss at most, 3 at least")
    parser.add_argument("--seeds", type=int, nargs=2, default=(8008, 8017), help="starter rooms: first, last + 1")
    parser.add_argument("--paints", type=int, default=4, help="paints per starter room")
    parser.add_argument("--only", nargs="+", metavar="NAME", help="names of the photos to measure")
    parser.add_argument("--sheet", type=Path, help="file for a sheet of the masks")
    arguments = parser.parse_args()
    tiles: list[tuple[str, Image.Image]] = []
    for name in arguments.finder or ["rooms"]:
        finder = load_finder(name)
        columns = ["automatic", "confidence", *(f"{count} clicks" for count in SHOWN), "look s", "click s"]
        print(f"\nFinder: {name}\n\n| IoU | {' | '.join(columns)} |")
        print("|---|---|---|---|---|---|---|---|")
        results: dict[str, list[Result]] = defaultdict(list)
        for number, picture in enumerate(pictures(arguments)):
            result, masks, clicks = measure(picture, finder, arguments.miss, np.random.default_rng(number))
            results[picture.group].append(result)
            print(line(picture.name, result.row()), flush=True)
            tiles += [
                (f"{picture.name}, {label}", picture_of(picture.pixels, mask, clicks[:count]))
                for label, count, mask in masks
            ]
        for group, measured in results.items():
            rows = np.array([result.row() for result in measured])
            print(line(f"**{group}: mean of {len(rows)}**", rows.mean(axis=0)))
            print(line(f"**{group}: median**", np.median(rows, axis=0)))
            print(line(f"**{group}: worst**", [*rows[:, :5].min(axis=0), *rows[:, 5:].max(axis=0)]))
    if arguments.sheet:
        save_sheet(contact_sheet(tiles, columns=6), arguments.sheet)


def measure(
    picture: Picture, finder: Finder, miss: float, random: np.random.Generator
) -> tuple[Result, list[tuple[str, int, np.ndarray]], list[Click]]:
    """Figures of one picture; masks to show, each with its label and number of clicks; the clicks."""
    selector = WallSelector(picture.pixels, finder)
    start = time.perf_counter()
    automatic = selector.select(edges="hard") if finder.automatic else None
    looked = time.perf_counter()
    clicks: list[Click] = []
    masks: list[np.ndarray] = []
    seconds = 0.0
    for _ in range(CLICKS):
        error = largest(masks[-1] != picture.wall, picture.counted) if masks else picture.wall & picture.counted
        if error.any():
            row, column = middle(largest(error, picture.counted))
            keep = bool(picture.wall[row, column])
            if miss:
                row, column = missed(row, column, miss, picture.wall.shape, random)
            clicks.append(Click(row, column, keep))
        began = time.perf_counter()
        masks.append(selector.select(clicks, edges="hard").mask > 0.5)
        seconds += time.perf_counter() - began
    result = Result(
        automatic=np.nan
        if automatic is None or picture.walls is None
        else overlap(automatic.mask > 0.5, picture.walls, picture.counted),
        confidence=np.nan if automatic is None else automatic.confidence,
        clicks=[overlap(mask, picture.wall, picture.counted) for mask in masks],
        look_seconds=looked - start,
        click_seconds=seconds / CLICKS,
    )
    shown = [] if automatic is None else [(_labelled("automatic", result.automatic), 0, automatic.mask > 0.5)]
    shown += [(_labelled(str(count), result.clicks[count - 1]), count, masks[count - 1]) for count in SHOWN[::2]]
    return result, shown, clicks


def pictures(arguments: argparse.Namespace) -> Iterator[Picture]:
    folder = arguments.folder
    if folder is None:
        yield from furnished(starter_rooms(), range(*arguments.seeds), arguments.paints)
    elif snapshots := sorted(folder.glob("snapshot-*.npz")):
        yield from from_snapshots(snapshots)
    elif rooms := sorted(folder.glob("room-*.npz")):
        yield from benchmark_rooms(rooms)
    else:
        yield from photos(folder, arguments.only)


def furnished(rooms: list[PaintableRoom], seeds: range, paints: int) -> Iterator[Picture]:
    """Rooms, each in several paints and through as many cameras."""
    for room in rooms:
        if room.seed in seeds:
            for number in range(paints):
                random = np.random.default_rng([room.seed, number, 0])
                paint = draw_paint(random)
                pixels = room.photo(paint, Camera.draw(random), random)
                yield _all_counted("camera", f"{room.seed} {paint.hex}", pixels, None, room.alpha > 0.5)


def benchmark_rooms(paths: list[Path]) -> Iterator[Picture]:
    """Paintable rooms in one random paint: clean, through a camera, and the papered twin through a camera."""
    for path in paths:
        room = PaintableRoom.load(path)
        wall = room.alpha > 0.5
        if wall.mean() < 0.01:
            continue
        random = np.random.default_rng([room.seed, 0])
        paint, camera = draw_paint(random), Camera.draw(random)
        yield _all_counted("clean", f"{room.seed} clean", room.photo(paint), None, wall)
        yield _all_counted("camera", f"{room.seed} camera", room.photo(paint, camera, random), None, wall)
        papered = room.wallpaper_photo()
        if papered is not None:
            yield _all_counted("wallpaper", f"{room.seed} wallpaper", papered, None, wall)


def from_snapshots(paths: list[Path]) -> Iterator[Picture]:
    for path in paths:
        snapshot = Snapshot.load(path)
        walls = snapshot.alpha > 0.5
        counts = np.bincount(snapshot.paints[walls], minlength=2)
        if walls.mean() < 0.01 or not counts[1:].sum():
            continue
        wall = walls & (snapshot.paints == 1 + counts[1:].argmax())
        random = np.random.default_rng([snapshot.seed, 0])
        yield _all_counted("clean", f"{snapshot.seed} clean", snapshot.photo(), walls, wall)
        photo = snapshot.photo(random, Camera.draw(random), repaint=0.0, exposure=0.15)
        yield _all_counted("camera", f"{snapshot.seed} camera", photo, walls, wall)


def photos(folder: Path, only: list[str] | None) -> Iterator[Picture]:
    """Photos with a mask beside them."""
    for photo in sorted(folder.glob("*")):
        mask = photo.with_name(f"{photo.stem}.mask.png")
        if photo.suffix in {".jpg", ".jpeg", ".png"} and mask.exists() and (not only or photo.stem in only):
            pixels = read_photo(photo)
            values = np.asarray(Image.open(mask).convert("L"))
            values = cv2.resize(values, pixels.shape[1::-1], interpolation=cv2.INTER_NEAREST)
            counted = values != _IGNORED
            wall = values > _IGNORED
            yield Picture("photos", photo.stem, pixels, wall, wall, counted)


def _all_counted(group: str, name: str, pixels: np.ndarray, walls: np.ndarray | None, wall: np.ndarray) -> Picture:
    return Picture(group, name, pixels, walls, wall, np.ones(wall.shape, bool))


def largest(region: np.ndarray, counted: np.ndarray) -> np.ndarray:
    """(H, W) bool: the largest connected part of a region, of the pixels that count."""
    region = region & counted
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


def missed(row: int, column: int, most: float, shape: tuple[int, ...], random: np.random.Generator) -> tuple[int, int]:
    """A place 3 to `most` pixels away."""
    angle, distance = random.uniform(0, 2 * np.pi), random.uniform(_LEAST_MISS, max(most, _LEAST_MISS))
    return (
        int(np.clip(row + distance * np.sin(angle), 0, shape[0] - 1)),
        int(np.clip(column + distance * np.cos(angle), 0, shape[1] - 1)),
    )


def overlap(mask: np.ndarray, truth: np.ndarray, counted: np.ndarray) -> float:
    """Intersection over union of the pixels that count."""
    return float((mask & truth & counted).sum() / max(1, ((mask | truth) & counted).sum()))


def picture_of(pixels: np.ndarray, mask: np.ndarray, clicks: list[Click]) -> Image.Image:
    return thumbnail(overlay(pixels, mask.astype(np.float32), clicks), 256)


def _labelled(name: str, score: float) -> str:
    return f"{name}: {score:.3f}" if score == score else name


def line(name: str, values: list[float] | np.ndarray) -> str:
    figures = [f"{value:.3f}" if value == value else "" for value in values[:5]]
    return f"| {name} | {' | '.join([*figures, *(f'{value:.2f}' for value in values[5:])])} |"


if __name__ == "__main__":
    main()
