"""The figure of ``wallpaint demo``: one case of RepaintBench, painted by each engine, beside the truth."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from PIL import Image

from wallpaint.color import delta_e_76, srgb_to_lab
from wallpaint.evaluate.repaintbench.baselines import Method
from wallpaint.evaluate.repaintbench.benchmark_cases import Case, room_cases
from wallpaint.evaluate.repaintbench.scores import error_map
from wallpaint.mask import is_wall
from wallpaint.rooms.starter import starter_rooms
from wallpaint.sheet import Captioned, contact_sheet, swatch

SEED, PAIR = 8007, "beige → sage"
_SHOWN = (360, 360)  # pixels; wide enough for the captions


def demo_case() -> Case:
    """The case in the demo's figure, in a room that no shipped model was trained on."""
    room = next(room for room in starter_rooms() if room.seed == SEED)
    return next(case for case in room_cases(room, ("clean",)) if case.pair == PAIR)


def demo_sheet(case: Case, methods: Mapping[str, Method]) -> np.ndarray:
    """Photo, reference, the result of each method, and the physical truth; (H, W, 3) uint8.

    Under each picture: the mean CIEDE2000 of its wall to the truth, and the CIELAB distance (CIE76) of its wall's mean
    to the reference, which even the truth has, since its light is uneven.
    """
    pictures: list[Captioned] = [
        ("photo", _enlarged(case.source)),
        (f"reference {case.reference.hex}", swatch(case.reference, _SHOWN)),
    ]
    for name, method in methods.items():
        painted = method(case.source, case.mask, case.reference)
        pictures.append((f"{name}: {_measured(case, painted)}", _enlarged(painted)))
    pictures.append((f"physical truth: {_measured(case, case.truth)}", _enlarged(case.truth)))
    return contact_sheet(pictures, columns=3)


def _measured(case: Case, picture: np.ndarray) -> str:
    wall = srgb_to_lab(picture[is_wall(case.alpha)] / 255.0).mean(axis=0)
    to_truth = error_map(case, picture)[case.alpha >= 1].mean()
    return f"dE {to_truth:.1f} to truth, {float(delta_e_76(wall, case.reference.lab)):.1f} to swatch"


def _enlarged(pixels: np.ndarray) -> Image.Image:
    return Image.fromarray(pixels).resize(_SHOWN, Image.Resampling.LANCZOS)
