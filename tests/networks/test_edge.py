"""The edge network that comes with the package."""

import numpy as np
import pytest
from synthetic_room import BEIGE, half_plane, to_bytes

from wallpaint.mask.edge_refinement import refine_edges
from wallpaint.networks.edge import shipped_edge_network

THING = (0.03, 0.02, 0.015)


def scene(angle, shift, thing=THING):
    truth = half_plane(angle, (120.3, 80.6))
    pixels = to_bytes(truth[..., None] * np.array(BEIGE) + (1 - truth[..., None]) * np.array(thing))
    wall = (
        half_plane(angle, (120.3 + shift * np.cos(np.radians(angle)), 80.6 + shift * np.sin(np.radians(angle)))) > 0.5
    )
    return pixels, truth, wall


@pytest.mark.parametrize("angle", [0, 7, 33, 80])
@pytest.mark.parametrize(("shift", "width"), [(1, 3), (-2, 4), (6, 10)])
def test_an_outline_that_is_off_is_brought_to_the_edge(angle, shift, width):
    pixels, truth, wall = scene(angle, shift)
    alpha = refine_edges(pixels, wall, width, "network")
    assert np.abs(alpha - truth).sum() < 0.25 * np.abs(wall - truth).sum()


def test_an_outline_where_the_photo_has_no_edge_stays():
    pixels, _, wall = scene(0, 0, thing=BEIGE)
    np.testing.assert_array_equal(refine_edges(pixels, wall, 4, "network") > 0.5, wall)


def test_the_network_expects_a_larger_error_on_noise_than_on_a_clear_edge():
    random = np.random.default_rng(0)
    mask = (np.arange(48) > 23).astype(np.float32) + np.zeros((48, 1), np.float32)
    clear = np.where(mask[..., None] > 0.5, 200, 40).astype(np.uint8).repeat(3, -1)
    noise = random.integers(0, 256, (48, 48, 3), np.uint8)
    _, (sure, unsure) = shipped_edge_network().refine([(clear, mask), (noise, mask)])
    band = np.s_[:, 18:30]
    assert sure[band].mean() > unsure[band].mean() + 0.05
