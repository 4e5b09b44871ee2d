import numpy as np
import pytest
from PIL import Image

from wallpaint.errors import MissingFileError, UnreadableImageError
from wallpaint.reference import TextureSample, read_texture


@pytest.fixture
def brick():
    """(30, 40, 3) uint8: red bricks with a quarter of pale mortar."""
    pixels = np.full((30, 40, 3), (150, 70, 50), np.uint8)
    pixels[:, ::5] = (210, 205, 200)
    return pixels


def test_the_colour_of_a_texture_is_its_median(brick):
    assert TextureSample(brick).color.rgb8 == (150, 70, 50)


def test_the_median_is_each_channels_own():
    pixels = np.array([[[10, 90, 50], [20, 80, 60], [30, 70, 10]]], np.uint8)
    assert TextureSample(pixels).color.rgb8 == (20, 80, 50)


def test_a_sample_is_read_from_a_file(brick, tmp_path):
    Image.fromarray(brick).save(tmp_path / "brick.png")
    sample = read_texture(tmp_path / "brick.png")
    assert isinstance(sample, TextureSample)
    np.testing.assert_array_equal(sample.pixels, brick)


def test_a_missing_sample_is_named(tmp_path):
    with pytest.raises(MissingFileError, match=r"none\.png"):
        read_texture(tmp_path / "none.png")


def test_a_sample_that_is_no_image_is_refused(tmp_path):
    (tmp_path / "brick.png").write_text("bricks")
    with pytest.raises(UnreadableImageError, match=r"brick\.png"):
        read_texture(tmp_path / "brick.png")
