"""Contact sheets: many rooms in one picture, each in another wall colour."""

from __future__ import annotations

from collections.abc import Iterable

import cv2
import numpy as np

from wallpaint.color import Color, lab_to_srgb, lch_to_lab
from wallpaint.rooms.paintable import PaintableRoom
from wallpaint.rooms.snapshots.labels import LABEL_COLORS
from wallpaint.rooms.snapshots.snapshot import Snapshot


def wall_color(seed: int) -> Color:
    """Random wall colour of a seed: CIELAB L* 30 to 92, C* 2 to 45, any hue."""
    rng = np.random.default_rng([seed, 2])
    lch = np.array([rng.uniform(30, 92), 2 + 43 * rng.beta(1.2, 2.2), rng.uniform(0, 360)])
    red, green, blue = np.clip(lab_to_srgb(lch_to_lab(lch)), 0, 1)
    return Color((float(red), float(green), float(blue)))


def contact_sheet(rooms: Iterable[PaintableRoom], columns: int = 8, side: int = 160) -> np.ndarray:
    """Contact sheet, (H, W, 3) uint8 sRGB: rooms row by row, `side` × `side` pixels each."""
    cells = [
        cv2.resize(room.photo(wall_color(room.seed)), (side, side), interpolation=cv2.INTER_AREA) for room in rooms
    ]
    columns = min(columns, len(cells))
    cells += [np.full((side, side, 3), 255, np.uint8)] * (-len(cells) % columns)
    rows = [np.hstack(cells[start : start + columns]) for start in range(0, len(cells), columns)]
    return np.vstack(rows)


def snapshot_sheet(snapshots: Iterable[Snapshot], columns: int = 8, side: int = 200) -> np.ndarray:
    """(H, W, 3) uint8 sRGB, snapshots row by row, under each its classes in `LABEL_COLORS`."""
    cells = []
    for shot in snapshots:
        classes = np.array(LABEL_COLORS, np.uint8)[shot.classes]
        cells.append(np.vstack([_in_square(shot.photo(), side), _in_square(classes, side)]))
    columns = min(columns, len(cells))
    cells += [np.full((2 * side, side, 3), 255, np.uint8)] * (-len(cells) % columns)
    rows = [np.hstack(cells[start : start + columns]) for start in range(0, len(cells), columns)]
    return np.vstack(rows)


def _in_square(picture: np.ndarray, side: int) -> np.ndarray:
    scale = side / max(picture.shape[:2])
    size = max(1, round(picture.shape[1] * scale)), max(1, round(picture.shape[0] * scale))
    cell = np.full((side, side, 3), 255, np.uint8)
    cell[: size[1], : size[0]] = cv2.resize(picture, size, interpolation=cv2.INTER_AREA)
    return cell
