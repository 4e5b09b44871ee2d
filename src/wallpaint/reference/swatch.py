"""Swatch: a clean picture of one colour, used as the reference image instead of the original photo."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from PIL import Image

from wallpaint.color import Color, linear_to_srgb
from wallpaint.errors import SettingError


def create_solid_color_reference(
    color: Color | Sequence[int],
    size: tuple[int, int] = (512, 512),
    add_texture: bool = True,
    noise_std: float = 8.0,
    add_lighting_gradient: bool = True,
    gradient: tuple[float, float] = (0.95, 1.05),
    generator: np.random.Generator | None = None,
) -> Image.Image:
    """Picture of a solid colour, optionally with noise and a lighting gradient as on a real surface.

    Parameters
    ----------
    color : Color or three integers in [0, 255]
    size : (width, height)
        Pixels.
    add_texture : bool
        Add Gaussian noise, independent in each channel.
    noise_std : float
        Standard deviation of the noise in bytes, ≥ 0.
    add_lighting_gradient : bool
        Light the swatch from one side, in a random direction.
    gradient : (float, float)
        Factors on linear light at the two ends, > 0.
    generator : numpy Generator, optional
        Source of the noise and the direction; by default one with a fixed seed, so the picture is always the same.

    Returns
    -------
    PIL.Image
        RGB; its mean is the colour up to noise, unless the noise is clipped at 0 or 255.

    Raises
    ------
    SettingError
        `noise_std` is below 0, or a factor of `gradient` is not above 0.
    """
    if noise_std < 0 or min(gradient) <= 0:
        raise SettingError(f"noise_std must be ≥ 0 and gradient > 0; they are {noise_std} and {gradient}.")
    generator = np.random.default_rng(0) if generator is None else generator
    color = color if isinstance(color, Color) else Color.from_rgb8(color)
    width, height = size
    linear = np.broadcast_to(color.linear, (height, width, 3))
    if add_lighting_gradient:
        linear = linear * _ramp(width, height, gradient, generator.uniform(0, 2 * np.pi))[..., None]
    pixels = 255 * linear_to_srgb(linear)
    if add_texture:
        pixels = pixels + generator.normal(0, noise_std, (height, width, 3))
    return Image.fromarray(np.clip(np.rint(pixels), 0, 255).astype(np.uint8))


def _ramp(width: int, height: int, ends: tuple[float, float], angle: float) -> np.ndarray:
    """(height, width) linear gradient from `ends[0]` to `ends[1]` in the direction `angle`, in radians."""
    y, x = np.mgrid[-1 : 1 : height * 1j, -1 : 1 : width * 1j]
    along = x * np.cos(angle) + y * np.sin(angle)
    return np.interp(along, [along.min(), along.max()], ends)
