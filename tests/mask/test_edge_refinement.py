"""Refinement of edges from coarse to fine, with networks that need no training."""

import cv2
import numpy as np
import pytest
from synthetic_room import BEIGE, half_plane, to_bytes

from wallpaint.errors import SettingError
from wallpaint.mask import edge_limits, find_region
from wallpaint.mask.edge_refinement import default_edge_width, refine_edges
from wallpaint.networks.edge_inputs import PATCH, edge_inputs


class Projection:
    """Takes alpha from the place of a pixel's colour between those of the two sides, as a network would."""

    def __init__(self):
        self.patches = 0

    def refine(self, patches):
        self.patches += len(patches)
        assert all(pixels.shape == (PATCH, PATCH, 3) and mask.shape == (PATCH, PATCH) for pixels, mask in patches)
        alpha = np.stack([np.clip(edge_inputs(pixels, mask).planes[9] + 0.5, 0, 1) for pixels, mask in patches])
        return alpha, np.ones_like(alpha)


class Grey:
    """Says a half everywhere."""

    def refine(self, patches):
        alpha = np.full((len(patches), PATCH, PATCH), 0.5, np.float32)
        return alpha, alpha


def scene(shift, height=200, width=260):
    """A wall beside something dark, its true alpha, and a mask that is `shift` pixels off."""
    truth = half_plane(20, (120.3, 90.6), height, width)
    pixels = to_bytes(truth[..., None] * np.array(BEIGE) + (1 - truth[..., None]) * np.array([0.03, 0.02, 0.015]))
    return pixels, truth, half_plane(20, (120.3 + shift, 90.6), height, width) > 0.5


@pytest.mark.parametrize(("shift", "width"), [(2, 4), (5, 8), (12, 16), (30, 40)])
def test_masks_far_off_are_corrected_from_coarse_to_fine(shift, width):
    pixels, truth, wall = scene(shift)
    alpha = refine_edges(pixels, wall, width, "network", Projection())
    assert alpha.dtype == np.float32
    assert np.abs(alpha - truth).sum() < 0.1 * np.abs(wall - truth).sum()


@pytest.mark.parametrize("width", [1, 3, 6, 10, 30])
def test_alpha_is_the_mask_beyond_the_band(width):
    pixels, _, wall = scene(0)
    alpha = refine_edges(pixels, wall, width, "network", Grey())
    inner, outer = edge_limits(wall, width)
    np.testing.assert_array_equal(alpha[inner], 1)
    np.testing.assert_array_equal(alpha[~outer], 0)
    assert ((alpha > 0.4) & (alpha < 0.6)).sum() > 100


def test_tiles_cover_every_pixel_of_the_band_once_and_no_others():
    pixels, _, wall = scene(0)
    alpha = refine_edges(pixels, wall, 3, "network", Grey())
    inner, outer = edge_limits(wall, 3)
    assert (np.abs(alpha[(inner != outer)] - 0.5) < 0.01).all()


def test_only_patches_along_the_edge_are_computed():
    wall = np.zeros((1000, 1000), bool)
    wall[:, 500:] = True
    network = Projection()
    refine_edges(np.zeros((1000, 1000, 3), np.uint8), wall, 3, "network", network)
    assert network.patches <= 34


@pytest.mark.parametrize("shape", [(5, 7), (1, 40), (47, 48), (33, 65)])
def test_pictures_smaller_than_a_patch_are_refined(shape):
    wall = np.zeros(shape, bool)
    wall[:, shape[1] // 2 :] = True
    pixels = np.where(wall[..., None], 200, 50).astype(np.uint8).repeat(3, -1)
    np.testing.assert_array_equal(refine_edges(pixels, wall, 2, "network", Projection()).shape, shape)


@pytest.mark.parametrize("value", [False, True])
def test_a_mask_without_edge_is_kept(value):
    wall = np.full((60, 60), value)
    alpha = refine_edges(np.zeros((60, 60, 3), np.uint8), wall, 3, "network", Grey())
    np.testing.assert_array_equal(alpha, wall)


def test_unknown_methods_are_refused():
    with pytest.raises(SettingError, match="matting or network"):
        refine_edges(np.zeros((8, 8, 3), np.uint8), np.eye(8) > 0, 1, "magic")


def test_the_network_takes_a_wider_band_where_the_mask_was_enlarged():
    y, x = np.mgrid[:150, :200]
    small = (y < 75 + 20 * np.sin(x / 17)).astype(np.uint8)
    large = cv2.resize(small, None, fx=8, fy=8, interpolation=cv2.INTER_NEAREST).astype(np.float32)
    assert default_edge_width(large, "network") == 10
    assert default_edge_width(large, "matting") == 3
    assert default_edge_width(small.astype(np.float32), "network") == 3


def test_find_region_uses_the_method_asked_for(monkeypatch):
    pixels, truth, wall = scene(2)
    monkeypatch.setattr("wallpaint.mask.edge_refinement.shipped_edge_network", Projection)
    region = find_region(pixels, wall.astype(np.float32), edge_width=4, refinement="network")
    assert np.abs(region.alpha - truth).sum() < 0.1 * np.abs(wall - truth).sum()
    assert region.edge_width == 4
