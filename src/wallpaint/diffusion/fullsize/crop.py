"""The crop of a photo that a diffusion model paints, and the resizing between crop and photo.

A model works at about the size it was trained at, whatever the size of the photo. Its input is the wall with a margin,
so that it contains floor and ceiling, resized to that size. Its picture is then enlarged over the wall.
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
_MOST_ENLARGED = 2.0  # pixels of the model per pixel of the photo, along a side
_STEPS = 65535
_STEPS_OF_BYTE = np.rint(_STEPS * LINEAR_OF_BYTE).astype(np.uint16)


@dataclass(frozen=True)
class Crop:
    """A rectangle of a photo, and the size to which it is resized for the model.

    Attributes
    ----------
    window : two slices
        The rectangle in pixels of the photo. It contains the whole wall.
    wall : two slices
        `WallRegion.window`, in pixels of the photo.
    size : (h, w)
        Size of the model's picture. Its aspect is as near to that of `window` as `multiple` allows; the rest is a
        slight stretch.
    """

    window: Window
    wall: Window
    size: tuple[int, int]

    def shrink(self, pixels: np.ndarray) -> np.ndarray:
        """Crop a photo and resize it for the model.

        Pixels are averaged in linear light: averaged in sRGB, thin bright objects become too dark, and pixels that are
        partly wall could not be unmixed.

        (H, W, 3) uint8 sRGB photo → (h, w, 3) uint8 sRGB.
        """
        light = cv2.LUT(np.ascontiguousarray(pixels[self.window]), _STEPS_OF_BYTE)
        return linear_to_bytes(self._shrunk(light).astype(np.float32) / _STEPS)

    def shrink_mask(self, alpha: np.ndarray) -> np.ndarray:
        """Resize a mask for the model: every pixel that contains any wall is set.

        Old paint in a pixel that the model keeps would tint the new wall beside it.

        (H, W) float in [0, 1], or bool → (h, w) bool.
        """
        return self._shrunk((alpha[self.window] > 0).astype(np.float32)) > 0

    def shrink_light(self, window: np.ndarray, marked: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Resize the linear light of marked pixels only.

        Parameters
        ----------
        window : (H', W', 3) uint8
            sRGB, over the wall's window.
        marked : (H', W') uint8
            1 for pixels that count, else 0; over the wall's window.

        Returns
        -------
        light : (h, w, 3) float32
            Mean linear light of the marked pixels, [0, 1]; 0 where nothing is marked.
        share : (h, w) float32
            Share of marked pixels, [0, 1].
        """
        share = self._shrunk(self._padded(marked.astype(np.float32)))
        steps = cv2.LUT(cv2.bitwise_and(window, window, mask=marked), _STEPS_OF_BYTE)
        total = self._shrunk(self._padded(steps)).astype(np.float32) / _STEPS
        return np.divide(total, share[..., None], out=np.zeros_like(total), where=share[..., None] > 0), share

    def enlarge(self, picture: np.ndarray) -> np.ndarray:
        """Resize a picture of the model to the photo's pixels over the wall's window, by linear interpolation.

        (h, w) or (h, w, C) of a dtype that OpenCV resizes → (H', W') or (H', W', C) of that dtype.
        """
        rows, columns = self.window
        size = (columns.stop - columns.start, rows.stop - rows.start)
        return cv2.resize(picture, size, interpolation=cv2.INTER_LINEAR)[self._wall_in_window]

    @property
    def reduction(self) -> float:
        """Pixels of the photo per pixel of the model, along a side; below 1 if the crop is enlarged."""
        rows, columns = self.window
        covered = (rows.stop - rows.start) * (columns.stop - columns.start)
        return float((covered / (self.size[0] * self.size[1])) ** 0.5)

    def regridded(self, side: int) -> Crop:
        """The same rectangle of the photo, resized to about `side`² pixels."""
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

    def _padded(self, over_wall: np.ndarray) -> np.ndarray:
        """Values over the wall's window, padded with zeros to the crop's window."""
        rows, columns = self.window
        whole = np.zeros((rows.stop - rows.start, columns.stop - columns.start, *over_wall.shape[2:]), over_wall.dtype)
        whole[self._wall_in_window] = over_wall
        return whole

    def _shrunk(self, values: np.ndarray) -> np.ndarray:
        return cv2.resize(values, self.size[::-1], interpolation=cv2.INTER_AREA)


def crop_of(region: WallRegion, working_size: int, multiple: int = 64) -> Crop:
    """Choose the crop for a wall.

    It is the wall's window, extended by 15 % of its longer side in all directions within the photo, and then to the
    aspect of the model's picture. That has about `working_size`² pixels at any aspect. A small wall gets more context,
    so that it is enlarged at most twofold; a photo that is too small even for that gets a smaller picture.

    Parameters
    ----------
    region : WallRegion
    working_size : int
        Side of the model's square training pictures, in pixels.
    multiple : int
        Both sides of the model's picture are multiples of it.

    Raises
    ------
    SettingError
        `working_size` is smaller than `multiple`, or `multiple` is less than 1.
    """
    if multiple < 1 or working_size < multiple:
        raise SettingError(f"the working size cannot be {working_size} pixels: choose {max(multiple, 1)} or more.")
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
    return Crop((rows, columns), region.window, size)


def _grid(height: float, width: float, working_size: int, multiple: int) -> tuple[int, int]:
    scale = min(_MOST_ENLARGED, working_size / (height * width) ** 0.5)
    rows, columns = (max(1, round(scale * side / multiple)) * multiple for side in (height, width))
    return rows, columns


def _widened(span: slice, length: int, limit: int) -> slice:
    """Extend a span equally at both ends, and where the photo ends, more at the other end."""
    length = min(length, limit)
    start = span.start - (length - (span.stop - span.start)) // 2
    start = min(max(start, 0), limit - length)
    return slice(start, start + length)
