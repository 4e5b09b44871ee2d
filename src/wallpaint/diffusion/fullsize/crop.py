"""The part of a photo that a diffusion model is shown, and the grid it sees it on.

A model works at about the size it was trained at, whatever the photo's. It is shown the wall with a margin of what
stands around it, so that it knows floor and ceiling, shrunk to that size; its picture is then enlarged over the wall.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from math import ceil

import cv2
import numpy as np

from wallpaint.errors import SettingError
from wallpaint.mask import WallRegion
from wallpaint.mask.matting import Window
from wallpaint.photo import LINEAR_OF_BYTE, linear_to_bytes

_CONTEXT = 0.15  # of the wall's longer side, on each of its sides
_MOST_ENLARGED = 2.0  # pixels of the model to one of the photo, along a side
_STEPS = 65535
_STEPS_OF_BYTE = np.rint(_STEPS * LINEAR_OF_BYTE).astype(np.uint16)


@dataclass(frozen=True)
class Frame:
    """A rectangle of a photo and the smaller grid on which a model sees it.

    Attributes
    ----------
    window : two slices
        The rectangle, in pixels of the photo. Holds all of the wall.
    wall : two slices
        `WallRegion.window`, in pixels of the photo.
    size : (h, w)
        Of the model's grid. Its aspect is that of `window` as nearly as `multiple` allows; what is left is a stretch.
    """

    window: Window
    wall: Window
    size: tuple[int, int]

    def shrink(self, pixels: np.ndarray) -> np.ndarray:
        """What a camera of so few pixels would have seen.

        Means over the photo's pixels in linear light, since it is light that a larger pixel gathers: in sRGB bytes
        thin bright things come out too dark, and a pixel that is wall in part could not be unmixed.

        (H, W, 3) uint8 sRGB photo → (h, w, 3) uint8 sRGB.
        """
        light = cv2.LUT(np.ascontiguousarray(pixels[self.window]), _STEPS_OF_BYTE)
        return linear_to_bytes(self._shrunk(light).astype(np.float32) / _STEPS)

    def shrink_mask(self, alpha: np.ndarray) -> np.ndarray:
        """Where the model must paint: every pixel into which wall falls, be it a thousandth of a photo's pixel.

        Old paint in a pixel that the model keeps would tint the new wall beside it.

        (H, W) float in [0, 1], or bool → (h, w) bool.
        """
        return self._shrunk((alpha[self.window] > 0).astype(np.float32)) > 0

    def shrink_light(self, window: np.ndarray, marked: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Means of the marked pixels' light.

        Parameters
        ----------
        window : (H', W', 3) uint8
            sRGB over the wall's window.
        marked : (H', W') uint8
            1 = counts, 0 = does not. Over the wall's window.

        Returns
        -------
        light : (h, w, 3) float32
            Linear, [0, 1]; 0 where nothing is marked.
        share : (h, w) float32
            Of marked pixels, [0, 1].
        """
        share = self._shrunk(self._framed(marked.astype(np.float32)))
        steps = cv2.LUT(cv2.bitwise_and(window, window, mask=marked), _STEPS_OF_BYTE)
        total = self._shrunk(self._framed(steps)).astype(np.float32) / _STEPS
        return np.divide(total, share[..., None], out=np.zeros_like(total), where=share[..., None] > 0), share

    def enlarge(self, picture: np.ndarray) -> np.ndarray:
        """A picture of the model's grid on the photo's, linearly interpolated between the centres of pixels.

        (h, w) or (h, w, C) of a type OpenCV resizes → (H', W') or (H', W', C) of that type, over the wall's window.
        """
        rows, columns = self.window
        size = (columns.stop - columns.start, rows.stop - rows.start)
        return cv2.resize(picture, size, interpolation=cv2.INTER_LINEAR)[self._wall_in_window]

    @property
    def reduction(self) -> float:
        """Pixels of the photo along the side of one of the grid's; below 1 where the grid is finer."""
        rows, columns = self.window
        covered = (rows.stop - rows.start) * (columns.stop - columns.start)
        return float((covered / (self.size[0] * self.size[1])) ** 0.5)

    def regridded(self, side: int) -> Frame:
        """The same rectangle of the photo on a grid of about `side`² pixels."""
        scale = side / (self.size[0] * self.size[1]) ** 0.5
        height, width = (max(1, round(scale * length)) for length in self.size)
        return replace(self, size=(height, width))

    @property
    def _wall_in_window(self) -> Window:
        rows, columns = (
            slice(inner.start - outer.start, inner.stop - outer.start)
            for inner, outer in zip(self.wall, self.window, strict=True)
        )
        return rows, columns

    def _framed(self, over_wall: np.ndarray) -> np.ndarray:
        """The same over the frame's window, with zeros around."""
        rows, columns = self.window
        whole = np.zeros((rows.stop - rows.start, columns.stop - columns.start, *over_wall.shape[2:]), over_wall.dtype)
        whole[self._wall_in_window] = over_wall
        return whole

    def _shrunk(self, values: np.ndarray) -> np.ndarray:
        return cv2.resize(values, self.size[::-1], interpolation=cv2.INTER_AREA)


def frame_of(region: WallRegion, working_size: int, multiple: int = 64) -> Frame:
    """Frame a wall for a model.

    The wall's window, widened by 15 % of its longer side all around as far as the photo reaches, and then towards the
    shape of the grid. The grid has about `working_size`² pixels whatever its shape. A small wall is given more context
    rather than enlarged more than twofold; a photo too small even for that gets a smaller grid.

    Parameters
    ----------
    region : WallRegion
    working_size : int
        Side of the square pictures the model was trained on, in pixels.
    multiple : int
        Of which both sides of the grid are multiples.

    Raises
    ------
    SettingError
        A working size smaller than `multiple`, or none at all.
    """
    if multiple < 1 or working_size < multiple:
        raise SettingError(
            f"a model cannot work at {working_size} pixels: choose a size of {max(multiple, 1)} or more."
        )
    limits = region.alpha.shape
    sides = [span.stop - span.start for span in region.window]
    wanted = [side + 2 * _CONTEXT * max(sides) for side in sides]
    wanted = [min(limit, max(side, working_size / _MOST_ENLARGED)) for side, limit in zip(wanted, limits, strict=True)]
    size = _grid(wanted[0], wanted[1], working_size, multiple)
    rows_a_column = size[0] / size[1]
    wanted = [max(wanted[0], wanted[1] * rows_a_column), max(wanted[1], wanted[0] / rows_a_column)]
    rows, columns = (
        _widened(span, ceil(side), limit) for span, side, limit in zip(region.window, wanted, limits, strict=True)
    )
    return Frame((rows, columns), region.window, size)


def _grid(height: float, width: float, working_size: int, multiple: int) -> tuple[int, int]:
    scale = min(_MOST_ENLARGED, working_size / (height * width) ** 0.5)
    rows, columns = (max(1, round(scale * side / multiple)) * multiple for side in (height, width))
    return rows, columns


def _widened(span: slice, length: int, limit: int) -> slice:
    """As much to either side; where the photo ends, more to the other."""
    length = min(length, limit)
    start = span.start - (length - (span.stop - span.start)) // 2
    start = min(max(start, 0), limit - length)
    return slice(start, start + length)
