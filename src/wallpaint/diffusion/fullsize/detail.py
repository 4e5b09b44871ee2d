"""The wall's own fine detail, put back into what a small picture of it says.

A model paints a few hundred pixels a side; the photo has thousands. What is coarse in the painted wall is the model's,
what is fine is the photo's:

    painted = smooth(model) · photo / smooth(photo)

in light, of which painting changes the amount and hardly the proportions. A plain wall's detail is that of its
luminance: plaster, cracks and soft shadows have no colour of their own, noise and JPEG blocks have. Smooth is a
Gaussian mean over pure wall alone (normalized convolution), so that nothing that stands before the wall leaks in.

The wider the mean, the less of the model's own noise and invented shading is seen, and the less of what new paint does
to the light between walls: docs/detail.md has what ``python benchmarks/detail.py`` measured.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Literal, get_args

import cv2
import numpy as np

from wallpaint.albedo.light import median_wall_color, mixed_shading_log_light, shading_log_light
from wallpaint.albedo.log_light import LOG_LIGHT_OF_ONE, STEPS_PER_NEPER, encode_log_factor, encode_log_light
from wallpaint.albedo.noise import noise_level, smoothing_shift
from wallpaint.color import luminance
from wallpaint.diffusion.fullsize.crop import Frame
from wallpaint.diffusion.fullsize.pattern_detection import is_plain
from wallpaint.errors import SettingError
from wallpaint.mask import WallRegion, mean_around
from wallpaint.photo import FAINTEST, LINEAR_OF_BYTE, each_channel

Detail = Literal["auto", "photo", "model"]
DETAILS: tuple[Detail, ...] = get_args(Detail)

_CUTOFF = 0.125  # standard deviation of the Gaussian, of the side of a square frame
_CELLS_A_CUTOFF = 3.0
_WIDER = (1.0, 3.0, 9.0)  # times the reach, where there is no pure wall within it
_PURE = 0.999
_MIXED_WEIGHT = 1e-3  # of a pixel of the model that is wall in part: counts only where nothing better is near
_CODES_OF_BYTE = encode_log_light(np.maximum(LINEAR_OF_BYTE, FAINTEST))


@dataclass(frozen=True)
class PhotoDetail:
    """What a photo tells about the fine detail of its wall; made once a photo, for every colour.

    Light is ln of linear light relative to `middle`. Where detail is to come from the model, there is none of the
    photo's: `shading` and `coarse` are that of an evenly lit wall.

    Attributes
    ----------
    pixels : (H, W, 3) uint8
        The photo, sRGB.
    region : WallRegion
    frame : Frame
    source : {"photo", "model"}
        Whose fine detail the painted wall is to have.
    wall_color : (3,) float64
        Linear light of the wall's median in the photo.
    middle : float
        Luminance that `shading` is relative to.
    shading : (H', W') uint16
        Luminance over `region.window`, on the scale of `repaint.codes`.
    purity : (h, w) float32
        How much a pixel of the model counts when its light is averaged.
    coarse : (rows, columns) float32
        ln of the luminance relative to `middle`, as smooth as the model's light will be.
    tint : (rows, columns, 3) float32
        ln of each channel relative to luminance, equally smooth.
    """

    pixels: np.ndarray
    region: WallRegion
    frame: Frame
    source: Literal["photo", "model"]
    wall_color: np.ndarray
    middle: float
    shading: np.ndarray
    purity: np.ndarray
    coarse: np.ndarray
    tint: np.ndarray

    def smooth(self, light: np.ndarray) -> np.ndarray:
        """What is kept of a picture of the model's.

        (h, w, 3) linear light → (rows, columns, 3) ln of it. Smooth where the photo gives the detail. Where the model
        does, its luminance is kept as it is; its colour is as smooth as ever, since one wall has one paint and what
        varies quickly is an autoencoder's noise.
        """
        smooth = np.log(np.maximum(_smoothed(light, self.purity), FAINTEST))
        if self.source == "photo":
            return smooth
        own = np.log(np.maximum(luminance(_own_light(light, self.purity)), FAINTEST))
        tint = smooth - np.log(luminance(np.exp(smooth)))[..., None]
        return own[..., None] + cv2.resize(tint.astype(np.float32), self.frame.size[::-1])

    @cached_property
    def mixed_shading(self) -> np.ndarray:
        """(N,) float codes, as `shading`, of the wall behind `region.mixed`."""
        if self.source == "model":
            return np.full(len(self.region.mixed), LOG_LIGHT_OF_ONE, np.float64)
        return mixed_shading_log_light(self.region.mixed, self.middle)

    @cached_property
    def smoothing(self) -> np.ndarray:
        """(H', W') int16 shift of `shading` that takes the photo's noise out."""
        noise = noise_level(self.pixels[self.region.window], self.region.pure_window)
        return smoothing_shift(self.shading, self.region.pure_window, float(luminance(self.wall_color)), noise)

    @cached_property
    def chroma(self) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """3 × (H', W') int16 shift of `shading` that gives a channel its own fine detail instead of the luminance's.

        Stains, which stay where new paint is the old one; and chroma noise.
        """
        window, middle = self.pixels[self.region.window], round(STEPS_PER_NEPER * np.log(self.middle))

        def channel_chroma(channel: int) -> np.ndarray:
            codes = cv2.LUT(cv2.extractChannel(window, channel), _CODES_OF_BYTE)
            beyond_luminance = cv2.subtract(codes, self.shading, dtype=cv2.CV_32S) - middle
            return np.clip(beyond_luminance - self._tint_shift(channel), -32768, 32767)

        red, green, blue = each_channel(lambda channel: channel_chroma(channel).astype(np.int16))
        return red, green, blue

    @cached_property
    def mixed_chroma(self) -> np.ndarray:
        """(N, 3) float, as `chroma`, of the wall behind `region.mixed`."""
        own = STEPS_PER_NEPER * np.log(np.maximum(self.region.mixed.radiance, FAINTEST) / self.middle)
        places = self.region.mixed.within(self.region.window)
        tint = np.stack([self._tint_shift(channel)[places] for channel in range(3)], axis=-1)
        return own - tint - (self.mixed_shading - LOG_LIGHT_OF_ONE)[:, None]

    def _tint_shift(self, channel: int) -> np.ndarray:
        return self.frame.enlarge(encode_log_factor(self.tint[..., channel]))


def read_detail(pixels: np.ndarray, region: WallRegion, frame: Frame, detail: Detail = "auto") -> PhotoDetail:
    """Look at a wall's fine detail.

    Parameters
    ----------
    pixels : (H, W, 3) uint8
        sRGB.
    region : WallRegion
    frame : Frame
    detail : {"auto", "photo", "model"}
        Whose detail is wanted. "auto" is the photo's where the wall is plain (`is_plain`), and the model's where it has
        a pattern, which new paint covers.

    Raises
    ------
    SettingError
        No such choice.
    """
    if detail not in DETAILS:
        raise SettingError(f"detail cannot be {detail!r}: choose {', '.join(DETAILS)}.")
    from_photo = detail == "photo" or (detail == "auto" and is_plain(pixels, region, frame))
    window, pure = pixels[region.window], region.pure_window
    wall_color = median_wall_color(pixels, region)
    light, share = frame.shrink_light(window, pure)
    purity = np.where(share >= _PURE, 1, _MIXED_WEIGHT * share**2).astype(np.float32)
    if not from_photo:
        flat = np.full(window.shape[:2], LOG_LIGHT_OF_ONE, np.uint16)
        zero = np.zeros((*frame.size, 3), np.float32)
        return PhotoDetail(pixels, region, frame, "model", wall_color, 1.0, flat, purity, zero[..., 0], zero)
    shading, middle = shading_log_light(window, pure)
    smooth = np.maximum(_smoothed(light, purity), FAINTEST)
    brightness = luminance(smooth).astype(np.float32)
    coarse, tint = np.log(brightness / middle), np.log(smooth / brightness[..., None])
    return PhotoDetail(pixels, region, frame, "photo", wall_color, middle, shading, purity, coarse, tint)


def _smoothed(light: np.ndarray, purity: np.ndarray) -> np.ndarray:
    """(h, w, 3) → (rows, columns, 3) means within the cut-off, on a grid just fine enough to hold them."""
    height, width = purity.shape
    side = _CUTOFF / _CELLS_A_CUTOFF * (height * width) ** 0.5
    cells = (max(1, round(width / side)), max(1, round(height / side)))
    weight = cv2.resize(purity, cells, interpolation=cv2.INTER_AREA)
    total = cv2.resize(light * purity[..., None], cells, interpolation=cv2.INTER_AREA)
    mean = np.divide(total, weight[..., None], out=np.zeros_like(total), where=weight[..., None] > 0)
    return _carried_on(mean, weight, _CELLS_A_CUTOFF)


def _own_light(light: np.ndarray, purity: np.ndarray) -> np.ndarray:
    """(h, w, 3) light where a pixel is all wall, and the nearest wall's where it is not."""
    return np.where(purity[..., None] >= 1, light, _carried_on(light, purity, 1.5))


def _carried_on(light: np.ndarray, weight: np.ndarray, reach: float) -> np.ndarray:
    """Weighted means within a reach; where no pure wall is so near, within a wider one; at last the mean of all."""
    weight = weight / weight.max()
    mean = np.broadcast_to(np.average(light, axis=(0, 1), weights=weight), light.shape).astype(np.float32)
    for factor in reversed(_WIDER):
        near, coverage = mean_around(light, weight, factor * reach)
        mean = np.where(coverage[..., None] > 0.01, near, mean)
    return mean
