"""Colours of light against published chromaticities."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest

from wallpaint.color import luminance
from wallpaint.rooms.illuminant import chromaticity, illuminant


@pytest.mark.parametrize(
    ("kelvin", "x", "y"),
    [
        (2856, 0.4476, 0.4074),  # CIE illuminant A
        (5003, 0.3457, 0.3585),  # D50
        (5503, 0.3324, 0.3474),  # D55
        (6504, 0.3127, 0.3290),  # D65
        (7504, 0.2990, 0.3149),  # D75
    ],
)
def test_standard_illuminants(kelvin, x, y):
    np.testing.assert_allclose(chromaticity(kelvin), (x, y), atol=6e-4)


def test_lower_temperatures_are_redder():
    ratio = [np.divide(*illuminant(kelvin)[[0, 2]]) for kelvin in (2400, 2700, 3500, 4500, 6500, 9000)]
    assert all(warm > cool for warm, cool in pairwise(ratio))


@pytest.mark.parametrize("kelvin", [2000, 2700, 6500, 9000])
def test_every_light_has_luminance_one(kelvin):
    assert luminance(illuminant(kelvin)) == pytest.approx(1)


def test_temperatures_beyond_the_fit_are_refused():
    with pytest.raises(ValueError, match="1000 K"):
        chromaticity(1000)
