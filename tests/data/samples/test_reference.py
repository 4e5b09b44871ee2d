"""References: the colour of the target's wall, and a swatch of nothing else."""

from __future__ import annotations

import numpy as np
import pytest

from wallpaint.data import ReferenceSettings


@pytest.fixture
def bleeding():
    """A green room with a tan wall, and a mask that bleeds two pixels over its edges."""
    picture = np.full((64, 64, 3), (10, 200, 30), np.uint8)
    picture[20:44, 20:44] = (185, 160, 140)
    mask = np.zeros((64, 64), np.float32)
    mask[18:46, 18:46] = 1
    return picture, mask


def test_erosion_keeps_what_segmenters_bleed_over_out_of_the_mean(bleeding):
    eroded, kept = (ReferenceSettings("mean", mask_erosion_size=size).color_of(*bleeding) for size in (5, 0))
    assert eroded == (185, 160, 140)
    assert kept != eroded


def test_a_wall_too_thin_to_erode_is_eroded_less():
    picture = np.full((64, 64, 3), (10, 200, 30), np.uint8)
    picture[30:33] = (185, 160, 140)
    mask = np.zeros((64, 64), np.float32)
    mask[30:33] = 1
    assert ReferenceSettings(mask_erosion_size=9).color_of(picture, mask) == (185, 160, 140)


def test_a_swatch_is_its_colour_and_nothing_else():
    swatch = ReferenceSettings().swatch((185, 160, 140), np.random.default_rng(0))
    assert swatch.shape == (224, 224, 3)
    np.testing.assert_allclose(swatch.mean((0, 1)), (185, 160, 140), atol=1)
    assert swatch.std((0, 1)).max() < 10


def test_a_plain_swatch_has_one_colour():
    settings = ReferenceSettings(add_texture=False, add_lighting_gradient=False)
    assert (settings.swatch((1, 2, 3), np.random.default_rng(0)) == (1, 2, 3)).all()
