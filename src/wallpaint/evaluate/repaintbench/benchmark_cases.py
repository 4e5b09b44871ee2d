"""RepaintBench cases: a room in its old paint, the new colour, and the true picture of the room in the new paint."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Literal, get_args

import numpy as np

from wallpaint.color import Color, luminance, srgb_to_linear
from wallpaint.data.samples.ray_depth import axis_distance
from wallpaint.mask import is_wall
from wallpaint.photo import linear_to_bytes, relative_disparity
from wallpaint.reference import wall_median
from wallpaint.rooms import Camera, PaintableRoom, degrade_mask

Track = Literal["clean", "camera", "wallpaper"]
TRACKS: tuple[Track, ...] = get_args(Track)

COLOR_PAIRS: Mapping[str, tuple[tuple[float, float, float], tuple[float, float, float]]] = {
    "black → white": ((0.05, 0.05, 0.05), (0.85, 0.85, 0.85)),
    "white → black": ((0.85, 0.85, 0.85), (0.05, 0.05, 0.05)),
    "white → terracotta": ((0.80, 0.80, 0.77), (0.60, 0.20, 0.10)),
    "white → navy": ((0.80, 0.80, 0.77), (0.03, 0.05, 0.16)),
    "terracotta → blue": ((0.60, 0.20, 0.10), (0.10, 0.40, 0.70)),
    "beige → sage": ((0.60, 0.52, 0.40), (0.36, 0.43, 0.31)),
    "blue → white": ((0.10, 0.40, 0.70), (0.80, 0.80, 0.77)),
    "sage → light grey": ((0.36, 0.43, 0.31), (0.60, 0.60, 0.60)),
}  #: old and new paint, linear reflectance

_MEDIAN_SHOWN = 0.42  # sRGB of the median pixel in the brighter of the two pictures
_FEWEST_WALL_PIXELS = 400


@dataclass(frozen=True)
class Case:
    """One painting task with its true result.

    Attributes
    ----------
    room : int
        The room's seed.
    pair : str
        A key of `COLOR_PAIRS`.
    track : {"clean", "camera", "wallpaper"}
    source : (H, W, 3) uint8
        The photo before painting, sRGB.
    mask : (H, W) float32
        The mask for the method, in [0, 1].
    reference : Color
        The wanted colour: the wall's median in the truth.
    truth : (H, W, 3) uint8
        The same room in the new paint, with the same light and exposure, sRGB.
    alpha : (H, W) float32
        True share of wall in each pixel, in [0, 1]; `mask` may differ.
    depth : (H, W) float32
        Exact relative disparity in [0, 1], near = 1; for methods that use depth.
    """

    room: int
    pair: str
    track: Track
    source: np.ndarray
    mask: np.ndarray
    reference: Color
    truth: np.ndarray
    alpha: np.ndarray
    depth: np.ndarray


def room_cases(room: PaintableRoom, tracks: tuple[Track, ...] = TRACKS) -> Iterator[Case]:
    """All cases of a room: colour pairs × tracks. A track that the room has no picture for gives none.

    *clean*: the render and its true alpha. *camera*: both pictures through one random camera, the photo with noise and
    JPEG, the truth without; the mask is hard and jagged, with errors like a segmenter's. *wallpaper*: the photo is the
    room's wallpapered twin; the old paint of the pair is not used.
    """
    alpha = room.alpha
    if (alpha >= 1).sum() < _FEWEST_WALL_PIXELS:
        return
    depth = relative_disparity(axis_distance(room))
    for number, (pair, (old, new)) in enumerate(COLOR_PAIRS.items()):
        light = {"old": room.render(np.array(old), 1.0), "new": room.render(np.array(new), 1.0)}
        for track in tracks:
            before = room.wallpaper if track == "wallpaper" else light["old"]
            if before is None:
                continue
            exposure = min(_exposure(before), _exposure(light["new"]))
            random = np.random.default_rng([room.seed, number])
            source, truth, mask = _shown(before * exposure, light["new"] * exposure, alpha, track, random)
            reference = Color.from_rgb8(round(float(channel)) for channel in wall_median(truth, is_wall(alpha)))
            yield Case(room.seed, pair, track, source, mask, reference, truth, alpha, depth)


def _shown(
    before: np.ndarray, after: np.ndarray, alpha: np.ndarray, track: Track, random: np.random.Generator
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Photo, truth and mask from linear light before and after painting, already exposed."""
    if track != "camera":
        return linear_to_bytes(before), linear_to_bytes(after), alpha
    camera = replace(Camera.draw(random), jpeg_quality=90)
    quiet = replace(camera, full_well=np.inf, read_noise=0.0, jpeg_quality=None)
    return camera.apply(before, random), quiet.apply(after, random), degrade_mask(alpha, random)


def _exposure(light: np.ndarray) -> float:
    """The factor that brings the median luminance to the usual brightness of a photo."""
    shown = float(srgb_to_linear(np.array(_MEDIAN_SHOWN)))
    return shown / max(float(np.median(luminance(light))), 1e-5)
