"""Compositing: the wall that a diffusion model painted, at full size on the photo, in exactly the reference colour."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import cv2
import numpy as np

from wallpaint.albedo.color_lock import Locked, lock_color
from wallpaint.albedo.log_light import (
    LINEAR_OF_LOG_LIGHT,
    LOG_LIGHT_COUNT,
    LOG_LIGHT_OF_ONE,
    add_log_factor,
    encode_log_factor,
    quantile_log_light,
)
from wallpaint.albedo.noise import smoothing_share
from wallpaint.albedo.painting import similarity
from wallpaint.albedo.tone_response import roll_off_highlights
from wallpaint.color import srgb_to_linear
from wallpaint.diffusion.fullsize.detail import PhotoDetail
from wallpaint.mask import composite
from wallpaint.photo import FAINTEST, bytes_to_linear, each_channel, linear_to_bytes

_DARKEST = FAINTEST / 2  # linear light that is stored as a black byte
_MOST_GAIN = 4.0  # of light in a channel; with more, noise of the model becomes visible


@dataclass(frozen=True)
class DiffusedWall:
    """The light of a painted wall over `region.window`, on the scale of `albedo.log_light`.

    Attributes
    ----------
    detail : PhotoDetail
    color : (3,) float64
        Linear light of the painted wall's median.
    codes : 3 × (H', W') uint16
        Light relative to `color`, per channel.
    mixed_log_light : (N, 3) float64
        The same for `region.mixed`. It is extended from the pure wall beside it, because the edges in the model's
        picture are as wide as one of its pixels.
    """

    detail: PhotoDetail
    color: np.ndarray
    codes: tuple[np.ndarray, np.ndarray, np.ndarray]
    mixed_log_light: np.ndarray

    @cached_property
    def raw(self) -> np.ndarray:
        """(H, W, 3) uint8: the photo with the wall that the model painted, before the colour lock."""
        return self.aimed_at(self.color)

    def aimed_at(self, aim: np.ndarray) -> np.ndarray:
        """The photo with its wall painted so that the median is a given colour.

        Each channel's light is multiplied, by 4 at most; the rest of a larger gain is added light, so that a nearly
        black wall does not become noisy. Light that would clip is compressed below white. If the new paint is paler
        than the old one, the photo's detail is used without its noise; if it is close to the old one, with its stains.

        Parameters
        ----------
        aim : (3,) float
            Linear light, ≥ 0. Values above 1 (white) make parts that are darker than the median white too.

        Returns
        -------
        (H, W, 3) uint8
            sRGB; where α = 0, every byte is the photo's.
        """
        aim = np.maximum(aim, _DARKEST)
        depth = np.minimum(1, _MOST_GAIN * self.color / aim)
        from_photo = self.detail.source == "photo"
        smoothing = smoothing_share(self.detail.wall_color, aim) if from_photo else 0.0
        stains = similarity(self.detail.wall_color, aim) if from_photo else 0.0
        quiet = self.detail.smoothing if smoothing > 0 else None
        chroma = self.detail.chroma if stains > 0 else None
        brightest = self.brightest_log_light

        def paint_channel(channel: int) -> tuple[np.ndarray, np.ndarray]:
            codes, mixed_log_light = self.codes[channel], self.mixed_log_light[:, channel]
            if quiet is not None:
                codes = add_log_factor(codes, quiet, smoothing)
            if chroma is not None:
                codes = add_log_factor(codes, chroma[channel], stains)
                mixed_log_light = mixed_log_light + stains * self.detail.mixed_chroma[:, channel]
            light = aim[channel] * (1 + depth[channel] * (LINEAR_OF_LOG_LIGHT - 1))
            light = roll_off_highlights(light, aim[channel], float(light[brightest[channel]]))
            nearest = np.clip(np.rint(mixed_log_light), 0, LOG_LIGHT_COUNT - 1).astype(np.intp)
            return cv2.LUT(codes, linear_to_bytes(light)), light[nearest]

        channels = each_channel(paint_channel)
        painted = cv2.merge([plane for plane, _ in channels])
        mixed = np.stack([values for _, values in channels], axis=-1)
        return composite(self.detail.pixels, self.detail.region, painted, self.detail.region.mixed, mixed)

    @cached_property
    def brightest_log_light(self) -> tuple[int, int, int]:
        """Per channel, the 99.99th percentile of the wall's codes."""
        red, green, blue = (quantile_log_light(plane, self.detail.region.pure_window, 0.9999) for plane in self.codes)
        return red, green, blue

    def lock(self, reference: np.ndarray) -> Locked:
        """The picture whose wall has the reference as its median; see `lock_color`.

        reference : (3,) float sRGB in [0, 1].
        """
        return lock_color(self.aimed_at, reference, self.detail.region.is_wall)


def diffused_wall(detail: PhotoDetail, picture: np.ndarray) -> DiffusedWall:
    """Bring the model's picture to the size of the photo.

    Parameters
    ----------
    detail : PhotoDetail
        Detail of the photo, the same for every colour.
    picture : (h, w, 3) uint8, or float in [0, 1]
        The model's picture of `detail.crop`, sRGB. Only the wall is used.

    Raises
    ------
    ValueError
        The picture has another size, or values that are NaN or infinite.
    """
    if picture.shape != (*detail.crop.size, 3) or not np.isfinite(picture).all():
        raise ValueError(f"a finite picture of {detail.crop.size} × 3 is needed, not {picture.shape}")
    light = bytes_to_linear(picture) if picture.dtype == np.uint8 else srgb_to_linear(np.clip(picture, 0, 1))
    change = detail.smooth(light.astype(np.float32)) - detail.coarse[..., None]
    pure, places = detail.region.pure_window, detail.region.mixed.within(detail.region.window)
    mixed_shading = detail.mixed_shading

    def channel_codes(channel: int) -> tuple[np.ndarray, float, np.ndarray]:
        shift = detail.crop.enlarge(encode_log_factor(change[..., channel]))
        codes = cv2.add(detail.shading, shift, dtype=cv2.CV_16U)
        median = quantile_log_light(codes, pure)
        mixed = mixed_shading + shift[places] + (LOG_LIGHT_OF_ONE - median)
        relative = cv2.addWeighted(codes, 1.0, codes, 0.0, LOG_LIGHT_OF_ONE - median, dtype=cv2.CV_16U)
        return relative, float(LINEAR_OF_LOG_LIGHT[median]), mixed

    red, green, blue = each_channel(channel_codes)
    color = np.array([red[1], green[1], blue[1]])
    return DiffusedWall(detail, color, (red[0], green[0], blue[0]), np.stack([red[2], green[2], blue[2]], axis=-1))
