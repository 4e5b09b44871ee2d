import numpy as np
import pytest
import torch

from wallpaint.diffusion.pixel_values import from_pixel_values, to_pixel_values

EVERY_BYTE = np.arange(256, dtype=np.uint8).repeat(3).reshape(16, 16, 3)


def test_every_byte_comes_back():
    values = to_pixel_values(EVERY_BYTE)
    assert values.shape == (3, 16, 16)
    assert (float(values.min()), float(values.max())) == (-1, 1)
    np.testing.assert_array_equal(from_pixel_values(values), EVERY_BYTE)


@pytest.mark.parametrize("shape", [(5, 4, 3), (2, 5, 4, 3), (1, 2, 5, 4, 1)])
def test_only_the_channels_move(shape):
    image = np.random.default_rng(0).integers(0, 256, shape, np.uint8)
    values = to_pixel_values(image)
    assert values.shape == (*shape[:-3], shape[-1], *shape[-3:-1])
    assert values.is_contiguous()
    np.testing.assert_array_equal(from_pixel_values(values), image)


def test_values_outside_the_range_are_clipped():
    assert from_pixel_values(torch.tensor([-1.2, 1.2]).view(1, 1, 2)).ravel().tolist() == [0, 255]
