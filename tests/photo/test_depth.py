"""Depth: disparity, near is 1, from whatever file a person has."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from wallpaint.errors import FileError, MissingFileError, UnreadableImageError, WallpaintWarning
from wallpaint.photo import read_depth, relative_disparity, stretched

SHAPE = (12, 20)
RAMP = np.linspace(0, 1, 240, dtype=np.float32).reshape(SHAPE)


def saved_picture(path, values):
    Image.fromarray(values).save(path)
    return path


def saved_array(path, values):
    np.save(path, values)
    return path


def test_the_nearest_is_one_and_the_farthest_nought():
    depth = relative_disparity(np.array([[1.0, 2.0], [4.0, 1.0]]))
    np.testing.assert_allclose(depth, [[1, 1 / 3], [0, 1]], atol=1e-6)
    assert depth.dtype == np.float32


def test_what_is_infinitely_far_is_nought():
    depth = relative_disparity(np.array([[np.inf, np.nan, -1.0, 0.0, 2.0]]))
    np.testing.assert_array_equal(depth, [[0, 0, 0, 0, 1]])


def test_what_is_equally_far_is_in_the_middle():
    np.testing.assert_array_equal(relative_disparity(np.full((3, 3), 2.5)), 0.5)


def test_a_crop_may_be_stretched_again():
    distance = np.random.default_rng(0).uniform(1, 6, (20, 20))
    crop = slice(5, 15)
    np.testing.assert_allclose(
        stretched(relative_disparity(distance)[crop, crop]), relative_disparity(distance[crop, crop]), atol=1e-5
    )


@given(scale=st.floats(1e-3, 1e3), shift=st.floats(-10, 10))
def test_scale_and_shift_of_disparity_do_not_matter(scale, shift):
    np.testing.assert_allclose(stretched(RAMP.astype(float) * scale + shift * scale), RAMP, atol=1e-6)


@pytest.mark.parametrize(
    ("name", "stored", "step"),
    [
        ("eight.png", np.round(RAMP * 255).astype(np.uint8), 1 / 255),
        ("sixteen.png", np.round(RAMP * 65535).astype(np.uint16), 1 / 65535),
        ("float.tif", RAMP * 3 + 2, 1e-6),
        ("rgb.png", np.repeat(np.round(RAMP * 255).astype(np.uint8)[..., None], 3, axis=-1), 1 / 255),
        ("grey-alpha.png", np.stack([np.round(RAMP * 255).astype(np.uint8), np.full(SHAPE, 9, np.uint8)], -1), 1 / 255),
    ],
)
def test_a_grey_picture_is_read_with_white_as_near(tmp_path, name, stored, step):
    depth = read_depth(saved_picture(tmp_path / name, stored), SHAPE)
    assert depth.dtype == np.float32
    np.testing.assert_allclose(depth, RAMP, atol=step)


@pytest.mark.parametrize("dtype", [np.float64, np.float16, np.int32])
def test_an_array_is_read_with_large_as_near(tmp_path, dtype):
    stored = (RAMP * 1000 - 300).astype(dtype)
    np.testing.assert_allclose(read_depth(saved_array(tmp_path / "depth.npy", stored), SHAPE), RAMP, atol=2e-3)
    np.savez(tmp_path / "depth.npz", anything=stored)
    np.testing.assert_allclose(read_depth(tmp_path / "depth.npz", SHAPE), RAMP, atol=2e-3)


def test_what_is_not_finite_is_far_away(tmp_path):
    values = RAMP + 5
    values[3, 4], values[3, 5], values[3, 6] = np.nan, np.inf, -np.inf
    depth = read_depth(saved_array(tmp_path / "depth.npy", values), SHAPE)
    np.testing.assert_array_equal(depth[3, 4:7], 0)
    np.testing.assert_allclose(np.delete(depth, [64, 65, 66]), np.delete(RAMP, [64, 65, 66]), atol=1e-5)


def test_a_dead_pixel_does_not_flatten_the_map(tmp_path):
    values = np.tile(np.linspace(0, 1, 100), (100, 1))
    values[50, 50] = 1e6
    depth = read_depth(saved_array(tmp_path / "depth.npy", values), values.shape)
    assert depth[0, 50] == pytest.approx(50 / 99, abs=1e-3)
    assert depth[50, 50] == 1


@pytest.mark.parametrize("shape", [(24, 40), (6, 10), (48, 81)])
def test_a_map_of_the_same_shape_is_brought_to_the_size_of_the_photo(tmp_path, shape):
    depth = read_depth(saved_array(tmp_path / "depth.npy", np.tile(np.linspace(0, 1, 20), (12, 1))), shape)
    assert depth.shape == shape
    np.testing.assert_allclose(depth, np.tile(np.linspace(0, 1, shape[1]), (shape[0], 1)), atol=0.04)


def test_a_map_of_another_shape_is_refused(tmp_path):
    with pytest.raises(FileError, match="20 × 12, the photo 21 × 12, another aspect ratio"):
        read_depth(saved_array(tmp_path / "depth.npy", RAMP), (12, 21))


def test_a_constant_map_gives_a_warning(tmp_path):
    path = saved_picture(tmp_path / "flat.png", np.full(SHAPE, 80, np.uint8))
    with pytest.warns(WallpaintWarning, match="has the same depth"):
        np.testing.assert_array_equal(read_depth(path, SHAPE), 0.5)


def test_a_map_in_false_colours_is_refused(tmp_path):
    path = saved_picture(tmp_path / "inferno.png", np.random.default_rng(0).integers(0, 256, (12, 20, 3), np.uint8))
    with pytest.raises(FileError, match="in colours"):
        read_depth(path, SHAPE)


@pytest.mark.parametrize(
    ("values", "fault"),
    [
        (np.full(SHAPE, np.nan), "none of the 240 numbers"),
        (np.zeros((1, 12, 20)), r"\(1, 12, 20\) float64"),
        (np.zeros((0, 20)), r"\(0, 20\)"),
        (np.full(SHAPE, "far"), "<U3"),
        (np.zeros(SHAPE, complex), "complex"),
    ],
)
def test_an_array_that_is_no_depth_map_is_refused(tmp_path, values, fault):
    with pytest.raises(FileError, match=fault):
        read_depth(saved_array(tmp_path / "depth.npy", values), SHAPE)


def test_a_file_of_several_arrays_is_refused(tmp_path):
    np.savez(tmp_path / "room.npz", a=RAMP, depth=RAMP)
    with pytest.raises(FileError, match="2 arrays"):
        read_depth(tmp_path / "room.npz", SHAPE)


def test_a_file_that_is_not_there_or_damaged_is_named(tmp_path):
    with pytest.raises(MissingFileError, match=r"missing\.npy"):
        read_depth(tmp_path / "missing.npy", SHAPE)
    whole = saved_array(tmp_path / "torn.npy", RAMP)
    whole.write_bytes(whole.read_bytes()[:-9])
    with pytest.raises(UnreadableImageError, match=r"torn\.npy: .*damaged"):
        read_depth(whole, SHAPE)
    np.savez(tmp_path / "torn.npz", RAMP)
    (tmp_path / "torn.npz").write_bytes((tmp_path / "torn.npz").read_bytes()[:200])
    with pytest.raises(UnreadableImageError, match=r"torn\.npz: .*damaged"):
        read_depth(tmp_path / "torn.npz", SHAPE)


def test_no_code_hidden_in_an_array_is_run(tmp_path):
    np.save(tmp_path / "trap.npy", np.array([[Exception("boom")]], dtype=object), allow_pickle=True)
    with pytest.raises(UnreadableImageError, match=r"trap\.npy"):
        read_depth(tmp_path / "trap.npy", SHAPE)


def test_an_array_whose_header_is_damaged_is_one_line(tmp_path):
    path = tmp_path / "depth.npy"
    np.save(path, np.zeros((4, 4)))
    path.write_bytes(path.read_bytes().replace(b"(4, 4)", b"((4, 4"))
    with pytest.raises(UnreadableImageError, match="damaged") as caught:
        read_depth(path, (4, 4))
    assert len(str(caught.value).splitlines()) == 1
