import numpy as np
import pytest

from wallpaint.networks.edge_inputs import CHANNELS, contrast_of, edge_inputs, signed_distance, straightened


def half(angle, size=48, shift=0.0):
    """(size, size) float32 coverage of a half plane whose outline passes `shift` pixels from the middle."""
    y, x = np.mgrid[:size, :size] - (size - 1) / 2
    across = x * np.cos(np.radians(angle)) + y * np.sin(np.radians(angle)) - shift
    return np.clip(across + 0.5, 0, 1).astype(np.float32), across


@pytest.mark.parametrize("angle", [0, 20, 45, 77])
def test_distances_to_a_straight_outline_are_exact_to_a_tenth_of_a_pixel(angle):
    mask, across = half(angle)
    inner = np.s_[12:-12, 12:-12]
    near = np.abs(across[inner]) < 5
    np.testing.assert_allclose(signed_distance(mask)[inner][near], across[inner][near], atol=0.12)


def test_a_straight_outline_stays_where_it_is():
    mask = np.zeros((48, 48), np.float32)
    mask[:, 20:] = 1
    np.testing.assert_allclose(straightened(mask), mask, atol=0.02)


def test_stair_steps_become_a_straight_line():
    y, x = np.mgrid[:48, :48]
    steps = (x // 3 > y // 3).astype(np.float32)
    truth = np.clip((x - y - 1.5) / np.sqrt(2) + 0.5, 0, 1)
    inner = np.s_[10:-10, 10:-10]
    before, after = (np.abs(each - truth)[inner].mean() for each in (steps, straightened(steps, 2.0)))
    assert after < 0.4 * before


def test_the_place_between_two_sides_is_the_share_of_wall():
    share, _ = half(30)
    light = share[..., None] * np.array([0.6, 0.5, 0.4]) + (1 - share[..., None]) * np.array([0.02, 0.05, 0.1])
    pixels = np.rint(255 * np.sqrt(light)).astype(np.uint8)  # the inputs square values to get light
    planes = edge_inputs(pixels, (share > 0.5).astype(np.float32)).planes
    assert planes.shape == (CHANNELS, 48, 48)
    assert planes.dtype == np.float32
    np.testing.assert_allclose(planes[9] + 0.5, share, atol=0.03)


def test_contrast_is_that_of_the_two_sides():
    mask, _ = half(0)
    pixels = np.where(mask[..., None] > 0.5, 120, 121).astype(np.uint8).repeat(3, -1)
    assert edge_inputs(pixels, mask).contrast.max() == 0
    pixels[mask > 0.5] = 160
    assert edge_inputs(pixels, mask).contrast.min() == 1
    assert contrast_of(np.array([3.0, 5.5, 8.0])).tolist() == [0, 0.5, 1]


@pytest.mark.parametrize("value", [0.0, 1.0])
def test_a_patch_of_one_side_has_finite_inputs(value):
    pixels = np.random.default_rng(0).integers(0, 256, (48, 48, 3), np.uint8)
    planes, contrast = edge_inputs(pixels, np.full((48, 48), value, np.float32))
    assert np.isfinite(planes).all()
    assert np.isfinite(contrast).all()
