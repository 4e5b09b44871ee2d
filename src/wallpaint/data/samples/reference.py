"""The reference of a sample: the dominant colour of the target's wall, and a swatch of it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from wallpaint.mask import erode, is_wall
from wallpaint.reference import create_solid_color_reference, extract_dominant_color
from wallpaint.reference.dominant import Method

REFERENCE_SIZE = 224  #: pixels a side, what CLIP's image encoders take
_FEWEST_PIXELS = 100  # with fewer, `extract_dominant_color` does not use the mask


@dataclass(frozen=True)
class ReferenceSettings:
    """Settings for extracting a wall's colour and drawing its swatch; same names as in the training configuration.

    Attributes
    ----------
    extraction_method : {"median", "mean", "kmeans"}
    mask_erosion_size : int
        Width of the element by which the mask is eroded before the colour is taken, at the sample's size: 5 takes 2
        pixels off its rim, 0 and 1 none. Segmenters bleed 1 to 3 pixels over edges, and those would tint the
        reference; but a wall's rim is darker than its middle, so more is not better: in rooms of 256 pixels a side,
        2 pixels move the median by 0.3 CIEDE2000, 5 by 0.5. Less is taken off where fewer than 100 pixels would stay.
    add_texture, texture_noise_std, add_lighting_gradient
        As in `create_solid_color_reference`.
    """

    extraction_method: Method = "median"
    mask_erosion_size: int = 5
    add_texture: bool = True
    texture_noise_std: float = 8.0
    add_lighting_gradient: bool = True

    def color_of(self, target: np.ndarray, mask: np.ndarray) -> tuple[int, int, int]:
        """The dominant colour of a wall.

        Parameters
        ----------
        target : (H, W, 3) uint8
            sRGB; the picture the model should produce, never its input.
        mask : (H, W) float or bool
            Wall is > 0.5.

        Returns
        -------
        (R, G, B) integers in [0, 255]
        """
        wall = is_wall(mask)
        for rim in range(self.mask_erosion_size // 2, 0, -1):
            core = erode(wall, rim)
            if np.count_nonzero(core) >= _FEWEST_PIXELS:
                return extract_dominant_color(target, core, self.extraction_method)
        return extract_dominant_color(target, wall, self.extraction_method)

    def swatch(self, color: tuple[int, int, int], generator: np.random.Generator) -> np.ndarray:
        """(224, 224, 3) uint8 sRGB: a swatch of the colour for the image encoder."""
        picture = create_solid_color_reference(
            color,
            (REFERENCE_SIZE, REFERENCE_SIZE),
            add_texture=self.add_texture,
            noise_std=self.texture_noise_std,
            add_lighting_gradient=self.add_lighting_gradient,
            generator=generator,
        )
        return np.asarray(picture)
