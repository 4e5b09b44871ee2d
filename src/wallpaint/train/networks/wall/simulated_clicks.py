"""Simulated people: which surface they mean, and where they click next.

The rule of interactive segmentation (Xu et al., CVPR 2016; Sofiiuk et al., "Reviving Iterative Training with Mask
Guidance", ICIP 2022): the first click lies in the surface meant, each further one in a large error of the last answer.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import cv2
import numpy as np

from wallpaint.networks.wall_inputs import Cell

_OTHER_SURFACES = 100
_PAINT, _ALL_WALLS = 0.72, 0.16  # shares of people who mean one paint, all walls; the rest means another thing
_MIDDLE = 0.6  # share of clicks in the middle of a region; the rest is anywhere in it
_MISS = 0.12  # share of clicks that miss by a few cells


@dataclass
class Person:
    """One simulated person and what was clicked so far.

    Attributes
    ----------
    meant : (H/2, W/2) float32
        Share of the surface meant in each pixel.
    keeps, drops : lists of (row, column)
        Cells of the clicks, at half the resolution of `meant`.
    """

    meant: np.ndarray
    keeps: list[Cell] = field(default_factory=list)
    drops: list[Cell] = field(default_factory=list)

    def click(self, answer: np.ndarray | None, random: np.random.Generator) -> None:
        """Add a click: in what is meant, or in an error of the last answer, (H/2, W/2) float, > 0.5 is wall."""
        truth = self.meant > 0.5
        error = truth if answer is None else truth != (answer > 0.5)
        place = _place(error, random)
        if place is None:
            place = _place(truth if random.random() < 0.5 else ~truth, random)
        if place is None:
            return
        row, column = place
        keep = bool(truth[row, column])
        if random.random() < _MISS:
            row, column = (
                int(np.clip(at + random.integers(-4, 5), 0, length - 1))
                for at, length in zip(place, truth.shape, strict=True)
            )
        (self.keeps if keep else self.drops).append((row // 2, column // 2))


def draw_people(wall: np.ndarray, surfaces: np.ndarray, random: np.random.Generator) -> list[Person]:
    """One person for each photo.

    wall : (B, H, W) float, share of wall; surfaces : (B, H, W) uint8, as `WallViews.surfaces`.
    """
    return [Person(_meant(share, numbers, random)) for share, numbers in zip(wall, surfaces, strict=True)]


def _meant(wall: np.ndarray, surfaces: np.ndarray, random: np.random.Generator) -> np.ndarray:
    numbers, counts = np.unique(surfaces, return_counts=True)
    large = counts > 0.01 * surfaces.size
    paints = numbers[large & (numbers < _OTHER_SURFACES)]
    others = numbers[large & (numbers >= _OTHER_SURFACES) & (numbers != 255)]
    choice = random.random()
    if len(paints) and (choice < _PAINT or not len(others)):
        return _share(wall, surfaces, paints[int(random.integers(len(paints)))])
    if len(paints) and choice < _PAINT + _ALL_WALLS:
        return wall
    if not len(others):
        return wall
    area = surfaces == others[int(random.integers(len(others)))]
    _, parts, stats, _ = cv2.connectedComponentsWithStats(area.astype(np.uint8), connectivity=4)
    return (parts == 1 + int(stats[1:, cv2.CC_STAT_AREA].argmax())).astype(np.float32)


def _share(wall: np.ndarray, surfaces: np.ndarray, paint: int) -> np.ndarray:
    """Share of one paint: the share of wall, near pixels of that paint and not nearer to another paint's."""
    kernel = np.ones((3, 3), np.uint8)
    own = cv2.dilate((surfaces == paint).astype(np.uint8), kernel)
    other = (surfaces < _OTHER_SURFACES) & (surfaces != paint)
    return np.where((own > 0) & ~other, wall, 0).astype(np.float32)


def _place(region: np.ndarray, random: np.random.Generator) -> tuple[int, int] | None:
    """A pixel of one of the region's larger parts; None where there is none of a few pixels."""
    count, parts, stats, _ = cv2.connectedComponentsWithStats(region.astype(np.uint8), connectivity=4)
    areas = stats[1:, cv2.CC_STAT_AREA].astype(np.float64) if count > 1 else np.zeros(0)
    if not len(areas) or areas.max() < 8:
        return None
    weights = areas**2
    part = 1 + int(random.choice(len(areas), p=weights / weights.sum()))
    inside = np.pad(parts == part, 1).astype(np.uint8)
    distance = cv2.distanceTransform(inside, cv2.DIST_L2, 3)[1:-1, 1:-1]
    floor = (0.7 if random.random() < _MIDDLE else random.uniform(0.05, 0.6)) * distance.max()
    rows, columns = np.nonzero(distance >= floor)
    pick = int(random.integers(len(rows)))
    return int(rows[pick]), int(columns[pick])
