"""Previews of photos with marks, and positions on them."""

from __future__ import annotations

import itertools
from collections.abc import Sequence

import cv2
import numpy as np

from wallpaint.color import Color
from wallpaint.mask.select import Click

PREVIEW_SIDE = 1400  # maximum longer side of a preview, pixels; paintings and downloads have the size of the photo
_LINE, _KEPT, _DROPPED = (0, 122, 255), (24, 140, 70), (205, 50, 40)
_TINT = 0.25  # opacity of the line colour over the wall
_FADING = 0.35  # opacity of white over the rest
_EYEDROPPER = 5  # side of the square whose median is taken, pixels


def preview_size(shape: tuple[int, ...]) -> tuple[int, int]:
    """Preview size (width, height) of a photo of shape (H, W, …)."""
    scale = min(1.0, PREVIEW_SIDE / max(shape[:2]))
    return max(1, round(shape[1] * scale)), max(1, round(shape[0] * scale))


def preview(pixels: np.ndarray) -> np.ndarray:
    """Preview of a photo, (h, w, 3) uint8 sRGB, at most `PREVIEW_SIDE` pixels on the longer side."""
    size = preview_size(pixels.shape)
    if size == pixels.shape[1::-1]:
        return pixels
    return cv2.resize(pixels, size, interpolation=cv2.INTER_AREA)


def click_on(shape: tuple[int, int], place: tuple[int, int], keep: bool) -> Click:
    """Click on a photo of shape (H, W) from the position (x, y) on its preview."""
    width, height = preview_size(shape)
    row, column = int((place[1] + 0.5) * shape[0] / height), int((place[0] + 0.5) * shape[1] / width)
    return Click(min(row, shape[0] - 1), min(column, shape[1] - 1), keep)


def marked(
    pixels: np.ndarray, wall: np.ndarray | None, clicks: Sequence[Click], corners: Sequence[tuple[int, int]] = ()
) -> np.ndarray:
    """Preview with the wall tinted and outlined, the rest faded, clicks as dots, and the corners of an open outline.

    pixels : (H, W, 3) uint8; wall : (H, W) float in [0, 1]; corners : (row, column). Returns (h, w, 3) uint8.
    """
    shown = preview(pixels).copy()
    if wall is not None:
        share = cv2.resize(wall, shown.shape[1::-1], interpolation=cv2.INTER_AREA)[..., None]
        tinted = shown * (1 - _TINT) + np.array(_LINE, np.float32) * _TINT
        faded = shown * (1 - _FADING) + 255 * _FADING
        shown = np.round(share * tinted + (1 - share) * faded).astype(np.uint8)
        outlines, _ = cv2.findContours((share[..., 0] > 0.5).astype(np.uint8), cv2.RETR_CCOMP, cv2.CHAIN_APPROX_NONE)
        width = max(1, round(max(shown.shape) / 700))
        cv2.drawContours(shown, outlines, -1, (255, 255, 255), width + 2, cv2.LINE_AA)
        cv2.drawContours(shown, outlines, -1, _LINE, width, cv2.LINE_AA)
    scale = shown.shape[1] / pixels.shape[1]
    line = [_shown_at(row, column, scale) for row, column in corners]
    for first, second in itertools.pairwise(line):
        cv2.line(shown, first, second, _LINE, max(1, round(max(shown.shape) / 400)), cv2.LINE_AA)
    for click in clicks:
        _dot(shown, _shown_at(click.row, click.column, scale), _KEPT if click.keep else _DROPPED)
    for corner in line:
        _dot(shown, corner, _LINE)
    return shown


def _shown_at(row: int, column: int, scale: float) -> tuple[int, int]:
    """Position (x, y) on the preview."""
    return round((column + 0.5) * scale), round((row + 0.5) * scale)


def _dot(shown: np.ndarray, center: tuple[int, int], color: tuple[int, int, int]) -> None:
    radius = max(4, round(max(shown.shape) / 130))
    cv2.circle(shown, center, radius + 2, (255, 255, 255), -1, cv2.LINE_AA)
    cv2.circle(shown, center, radius, color, -1, cv2.LINE_AA)


def color_at(pixels: np.ndarray, column: int, row: int) -> Color:
    """Colour under an eyedropper: the median of 5 × 5 pixels."""
    reach = _EYEDROPPER // 2
    around = pixels[max(0, row - reach) : row + reach + 1, max(0, column - reach) : column + reach + 1]
    return Color.from_rgb8(np.median(around.reshape(-1, 3), axis=0).round())


def brushed(editor: dict[str, object]) -> np.ndarray | None:
    """Strokes of an image editor, (h, w) uint8, 255 under the brush; None if there are none."""
    layers = [np.asarray(layer) for layer in editor.get("layers") or ()]  # type: ignore[attr-defined]
    strokes = np.zeros(layers[0].shape[:2], np.uint8) if layers else None
    for layer in layers:
        strokes[layer[..., 3] > 127] = 255  # type: ignore[index]
    return strokes if strokes is not None and strokes.any() else None
