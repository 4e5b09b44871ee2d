"""Detail transfer: the photo's fine detail of the wall in the model's coarse picture of it.

A model paints a few hundred pixels a side, a photo has thousands. The coarse part of the painted wall is the model's,
the fine part is the photo's:

    painted = smooth(model) · photo / smooth(photo)

in linear light. For a plain wall only the detail of luminance is used: plaster, cracks and soft shadows have no colour
of their own, but noise and JPEG blocks have. "smooth" is a Gaussian mean over pure wall (normalized convolution), so
that objects in front of the wall do not count.

A wider mean removes more of the model's noise and wrong shading, but also more of the change in interreflection:
docs/detail.md has the measurements of ``python benchmarks/detail.py``.
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
from wallpaint.diffusion.fullsize.crop import Crop
from wallpaint.diffusion.fullsize.pattern_detection import is_plain
from wallpaint.errors import SettingError
from wallpaint.mask import WallRegion, mean_around
from wallpaint.photo import FAINTEST, LINEAR_OF_BYTE, each_channel

Detail = Literal["auto", "photo", "model"]
DETAILS: tuple[Detail, ...] = get_args(Detail)

_CUTOFF = 0.125  # standard deviation of the Gaussian, as a share of the side of a square crop
_CELLS_A_CUTOFF = 3.0
_WIDER = (1.0, 3.0, 9.0)  # factors on the radius, tried in turn where there is no pure wall within it
_PURE = 0.999
_MIXED_WEIGHT = 1e-3  # weight of model pixels that are partly wall: they count only where no pure ones are near
_CODES_OF_BYTE = encode_log_light(np.maximum(LINEAR_OF_BYTE, FAINTEST))


@dataclass(frozen=True)
class PhotoDetail:
    """The fine detail of a photo's wall; made once for a photo, for all colours.

    Light is stored as ln of linear light relative to `middle`. If the detail comes from the model, `shading` and
    `coarse` are those of an evenly lit wall.

    Attributes
    ----------
    pixels : (H, W, 3) uint8
        The photo, sRGB.
    region : WallRegion
    crop : Crop
    source : {"photo", "model"}
        Where the painted wall's fine detail comes from.
    wall_color : (3,) float64
        Linear light of the wall's median in the photo.
    middle : float
        Luminance that `shading` is relative to.
    shading : (H', W') uint16
        Luminance over `region.window`, on the scale of `albedo.log_light`.
    purity : (h, w) float32
        Weights of the model's pixels in averages of light.
    coarse : (rows, columns) float32
        ln of the luminance relative to `middle`, smoothed like the model's light.
    tint : (rows, columns, 3) float32
        ln of each channel relative to luminance, smoothed likewise.
    """

    pixels: np.ndarray
    region: WallRegion
    crop: Crop
    source: Literal["photo", "model"]
    wall_color: np.ndarray
    middle: float
    shading: np.ndarray
    purity: np.ndarray
    coarse: np.ndarray
    tint: np.ndarray

    def smooth(self, light: np.ndarray) -> np.ndarray:
        """The part of the model's picture that is used.

        (h, w, 3) linear light → (rows, columns, 3) ln of it. It is smoothed if the detail comes from the photo. If it
        comes from the model, only the colour is smoothed and the luminance is not: a wall has one paint, so fast
        variations of colour are noise of the autoencoder.
        """
        smooth = np.log(np.maximum(_smoothed(light, self.purity), FAINTEST))
        if self.source == "photo":
            return smooth
        own = np.log(np.maximum(luminance(_own_light(light, self.purity)), FAINTEST))
        tint = smooth - np.log(luminance(np.exp(smooth)))[..., None]
        return own[..., None] + cv2.resize(tint.astype(np.float32), self.crop.size[::-1])

    @cached_property
    def mixed_shading(self) -> np.ndarray:
        """(N,) float, like `shading`, for the wall's part of the pixels `region.mixed`."""
        if self.source == "model":
            return np.full(len(self.region.mixed), LOG_LIGHT_OF_ONE, np.float64)
        return mixed_shading_log_light(self.region.mixed, self.middle)

    @cached_property
    def smoothing(self) -> np.ndarray:
        """(H', W') int16 shift of `shading` that removes the photo's noise."""
        noise = noise_level(self.pixels[self.region.window], self.region.pure_window)
        return smoothing_shift(self.shading, self.region.pure_window, float(luminance(self.wall_color)), noise)

    @cached_property
    def chroma(self) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """3 × (H', W') int16 shifts of `shading` to the fine detail of each channel instead of that of luminance.

        This is the detail of stains, which stay if the new paint is close to the old one, and chroma noise.
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
        """(N, 3) float, like `chroma`, for the wall's part of the pixels `region.mixed`."""
        own = STEPS_PER_NEPER * np.log(np.maximum(self.region.mixed.radiance, FAINTEST) / self.middle)
        places = self.region.mixed.within(self.region.window)
        tint = np.stack([self._tint_shift(channel)[places] for channel in range(3)], axis=-1)
        return own - tint - (self.mixed_shading - LOG_LIGHT_OF_ONE)[:, None]

    def _tint_shift(self, channel: int) -> np.ndarray:
        return self.crop.enlarge(encode_log_factor(self.tint[..., channel]))


def read_detail(pixels: np.ndarray, region: WallRegion, crop: Crop, detail: Detail = "auto") -> PhotoDetail:
    """Read a wall's fine detail.

    Parameters
    ----------
    pixels : (H, W, 3) uint8
        sRGB.
    region : WallRegion
    crop : Crop
    detail : {"auto", "photo", "model"}
        Where it comes from. "auto" is the photo if the wall is plain (`is_plain`), and the model if it has a pattern,
        which new paint covers.

    Raises
    ------
    SettingError
        `detail` is none of these.
    """
    if detail not in DETAILS:
        raise SettingError(f"detail cannot be {detail!r}: choose {', '.join(DETAILS[:-1])} or {DETAILS[-1]}.")
    from_photo = detail == "photo" or (detail == "auto" and is_plain(pixels, region, crop))
    window, pure = pixels[region.window], region.pure_window
    wall_color = median_wall_color(pixels, region)
    light, share = crop.shrink_light(window, pure)
    purity = np.where(share >= _PURE, 1, _MIXED_WEIGHT * share**2).astype(np.float32)
    if not from_photo:
        flat = np.full(window.shape[:2], LOG_LIGHT_OF_ONE, np.uint16)
        zero = np.zeros((*crop.size, 3), np.float32)
        return PhotoDetail(pixels, region, crop, "model", wall_color, 1.0, flat, purity, zero[..., 0], zero)
    shading, middle = shading_log_light(window, pure)
    smooth = np.maximum(_smoothed(light, purity), FAINTEST)
    brightness = luminance(smooth).astype(np.float32)
    coarse, tint = np.log(brightness / middle), np.log(smooth / brightness[..., None])
    return PhotoDetail(pixels, region, crop, "photo", wall_color, middle, shading, purity, coarse, tint)


def _smoothed(light: np.ndarray, purity: np.ndarray) -> np.ndarray:
    """(h, w, 3) → (rows, columns, 3) Gaussian means with `_CUTOFF`, on a grid just fine enough for them."""
    height, width = purity.shape
    side = _CUTOFF / _CELLS_A_CUTOFF * (height * width) ** 0.5
    cells = (max(1, round(width / side)), max(1, round(height / side)))
    weight = cv2.resize(purity, cells, interpolation=cv2.INTER_AREA)
    total = cv2.resize(light * purity[..., None], cells, interpolation=cv2.INTER_AREA)
    mean = np.divide(total, weight[..., None], out=np.zeros_like(total), where=weight[..., None] > 0)
    return _extended(mean, weight, _CELLS_A_CUTOFF)


def _own_light(light: np.ndarray, purity: np.ndarray) -> np.ndarray:
    """(h, w, 3) light of pixels that are completely wall; others get that of the nearest wall."""
    return np.where(purity[..., None] >= 1, light, _extended(light, purity, 1.5))


def _extended(light: np.ndarray, weight: np.ndarray, radius: float) -> np.ndarray:
    """Weighted means within a radius; where there is no weight, within larger ones; at last the mean of all."""
    weight = weight / weight.max()
    mean = np.broadcast_to(np.average(light, axis=(0, 1), weights=weight), light.shape).astype(np.float32)
    for factor in reversed(_WIDER):
        near, coverage = mean_around(light, weight, factor * radius)
        mean = np.where(coverage[..., None] > 0.01, near, mean)
    return mean
