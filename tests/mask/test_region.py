import numpy as np
import pytest

from wallpaint.errors import SettingError
from wallpaint.mask import EDGES, find_region
from wallpaint.mask.region import edge_reach


@pytest.fixture
def binary(wall_mask):
    return (wall_mask > 0).astype(np.float32)


def test_a_soft_mask_is_used_unchanged(room_pixels, wall_alpha):
    region = find_region(room_pixels, wall_alpha)
    np.testing.assert_array_equal(region.alpha, wall_alpha)
    assert region.edge_width == 0


def test_a_soft_mask_is_not_refined_even_with_an_edge_width(room_pixels, wall_alpha):
    np.testing.assert_array_equal(find_region(room_pixels, wall_alpha, edge_width=6).alpha, wall_alpha)


def test_a_binary_mask_is_refined_within_the_band_of_the_photo(room_pixels, binary):
    region = find_region(room_pixels, binary)
    assert region.edge_width == 3
    assert ((region.alpha > 0) & (region.alpha < 1)).any()
    assert find_region(room_pixels, binary, edge_width=5).edge_width == 5


def test_hard_edges_are_the_mask_itself(room_pixels, binary):
    region = find_region(room_pixels, binary, "hard")
    np.testing.assert_array_equal(region.alpha, binary)
    assert len(region.mixed) == 0
    assert region.edge_width == 0


def test_hard_edges_make_a_soft_mask_binary_at_a_half(room_pixels, wall_alpha):
    region = find_region(room_pixels, wall_alpha, "hard")
    np.testing.assert_array_equal(region.alpha, wall_alpha > 0.5)
    assert len(region.mixed) == 0


def test_an_edge_width_of_zero_is_a_hard_edge(room_pixels, binary):
    np.testing.assert_array_equal(find_region(room_pixels, binary, edge_width=0).alpha, binary)


@pytest.mark.parametrize("edges", EDGES)
def test_the_window_is_the_smallest_that_holds_the_wall(room_pixels, edges):
    mask = np.zeros(room_pixels.shape[:2], np.float32)
    mask[20:31, 150:171] = 1
    region = find_region(room_pixels, mask, edges)
    rows, columns = region.window
    held = region.alpha > 0
    assert held.sum() == held[rows, columns].sum()
    for side in (held[rows.start], held[rows.stop - 1], held[:, columns.start], held[:, columns.stop - 1]):
        assert side.any()
    if edges == "hard":
        assert region.window == (slice(20, 31), slice(150, 171))


def test_a_mixed_pixel_is_neither_all_wall_nor_none(room_pixels, wall_alpha):
    region = find_region(room_pixels, wall_alpha)
    mixed = np.zeros(wall_alpha.shape, bool)
    mixed[region.mixed.rows, region.mixed.columns] = True
    np.testing.assert_array_equal(mixed, (wall_alpha > 0) & (wall_alpha < 1))
    np.testing.assert_array_equal(region.mixed.alpha, wall_alpha[region.mixed.rows, region.mixed.columns])
    np.testing.assert_array_equal(region.is_pure, wall_alpha == 1)
    np.testing.assert_array_equal(region.is_wall, wall_alpha > 0.5)


@pytest.mark.parametrize("edges", EDGES)
def test_is_wall_comes_from_the_mask_alone(room_pixels, binary, edges):
    np.testing.assert_array_equal(find_region(room_pixels, binary, edges).is_wall, binary > 0)


def test_the_reach_of_painting_needs_no_photo(room_pixels, wall_alpha, binary):
    for mask in (wall_alpha, binary):
        for edges in EDGES:
            for width in (None, 0, 5):
                assert edge_reach(mask, edges, width) == find_region(room_pixels, mask, edges, width).edge_width
    assert [edge_reach(binary, edge_width=width) for width in (None, 0, 5)] == [3, 0, 5]


def test_highlights_join_the_mixed_pixels_as_pure_wall(room_pixels, wall_alpha):
    mixed = find_region(room_pixels, wall_alpha).mixed
    joined = mixed.with_highlights(np.array([3, 4]), np.array([5, 6]), np.full((2, 3), 0.25))
    assert len(joined) == len(mixed) + 2
    assert joined.rows[-2:].tolist() == [3, 4]
    assert joined.columns[-2:].tolist() == [5, 6]
    assert joined.alpha[-2:].tolist() == [1, 1]
    np.testing.assert_array_equal(joined.radiance[-2:], 0.25)
    np.testing.assert_array_equal(joined.radiance[:-2], mixed.radiance)
    assert joined.radiance.dtype == joined.alpha.dtype == np.float32


@pytest.mark.parametrize("edges", ["soft", "", None, "Hard"])
def test_edges_of_another_kind_are_refused(room_pixels, binary, edges):
    with pytest.raises(SettingError, match="refined or hard"):
        find_region(room_pixels, binary, edges)


@pytest.mark.parametrize("width", [-1, 65, 1000])
def test_an_edge_width_out_of_range_is_refused(room_pixels, binary, width):
    with pytest.raises(SettingError, match="choose 0 to 64"):
        find_region(room_pixels, binary, edge_width=width)
