"""Paints: in gamut, below the brightest there is, each family in its share."""

from __future__ import annotations

import numpy as np
import pytest

from wallpaint.color import lab_to_lch
from wallpaint.data import FAMILIES, draw_paint
from wallpaint.data.samples.paints import MAX_REFLECTANCE


@pytest.fixture(scope="module")
def paints():
    rng = np.random.default_rng(1)
    return [draw_paint(rng) for _ in range(1500)]


def test_a_screen_can_show_every_paint_and_a_shop_can_mix_it(paints):
    linear = np.array([paint.linear for paint in paints])
    assert linear.min() >= 0
    assert linear.max() <= MAX_REFLECTANCE + 1e-9


def test_families_share_out_all_paints():
    assert sum(family.share for family in FAMILIES) == pytest.approx(1)


@pytest.mark.parametrize(
    ("family", "belongs"),
    [
        ("saturated", lambda lightness, chroma: chroma > 32),
        ("white", lambda lightness, chroma: (lightness > 85) & (chroma < 10)),
        ("dark", lambda lightness, chroma: lightness < 35),
    ],
)
def test_each_family_is_drawn_as_often_as_stated(paints, family, belongs):
    lightness, chroma, _ = lab_to_lch(np.array([paint.lab for paint in paints])).T
    share = next(one.share for one in FAMILIES if one.name == family)
    assert belongs(lightness, chroma).mean() == pytest.approx(share, abs=0.04)


def test_every_hue_occurs(paints):
    _, chroma, hue = lab_to_lch(np.array([paint.lab for paint in paints])).T
    counts, _ = np.histogram(hue[chroma > 10], 12, (0, 360))
    assert counts.min() > 20
