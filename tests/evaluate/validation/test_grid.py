import numpy as np
import pytest
from stand_in_engine import StandInEngine

from wallpaint import Color, Repainter, TextureSample
from wallpaint.evaluate import ValidationPhoto, ValidationSample, normalize_depth_map, validation_grid
from wallpaint.evaluate.validation.grid import ROWS, grid_pages
from wallpaint.evaluate.validation.painted_samples import paint_samples

SAGE = Color.from_rgb8((122, 158, 126))
SIDE, MARGIN = 192, 12


@pytest.fixture
def photo():
    """192 × 192, so that the grid shows every pixel; the left half is wall."""
    pixels = np.random.default_rng(0).integers(60, 200, (SIDE, SIDE, 3), np.uint8)
    mask = np.tile((np.arange(SIDE) < SIDE // 2).astype(np.float32), (SIDE, 1))
    return ValidationPhoto("room", pixels, mask, np.tile(np.linspace(0, 1, SIDE, dtype=np.float32), (SIDE, 1)))


@pytest.fixture
def captions(monkeypatch):
    """What stands under the pictures of the grids that are drawn."""
    written = []

    def sheet(pictures, columns):
        written.extend(caption for caption, _ in pictures)
        return np.zeros((1, 1, 3), np.uint8)

    monkeypatch.setattr("wallpaint.evaluate.validation.grid.contact_sheet", sheet)
    return written


def painted(*samples, **choices):
    return list(paint_samples(Repainter(StandInEngine(**choices)), samples))


def column(grid, number):
    """The picture of the first row in a column."""
    left = MARGIN + number * (SIDE + MARGIN)
    return grid[MARGIN : MARGIN + SIDE, left : left + SIDE]


def test_a_row_shows_source_reference_mask_depth_output_and_locked(photo):
    [done] = painted(ValidationSample(photo, SAGE))
    grid = validation_grid([done])
    assert grid.shape[1] == 6 * (SIDE + MARGIN) + MARGIN
    np.testing.assert_array_equal(column(grid, 0), photo.pixels)
    assert (column(grid, 1) == SAGE.rgb8).all()
    np.testing.assert_array_equal(column(grid, 2)[..., 0], np.uint8(255 * photo.mask))
    np.testing.assert_array_equal(column(grid, 3), normalize_depth_map(photo.depth))
    np.testing.assert_array_equal(column(grid, 4), done.raw)
    np.testing.assert_array_equal(column(grid, 5), done.locked)


def test_the_truth_has_a_column_where_any_sample_has_one(photo):
    grid = validation_grid(painted(ValidationSample(photo, SAGE, photo.pixels), ValidationSample(photo, SAGE)))
    assert grid.shape[1] == 7 * (SIDE + MARGIN) + MARGIN
    np.testing.assert_array_equal(column(grid, 6), photo.pixels)


def test_each_row_tells_its_difference_before_and_after_the_lock(photo, captions):
    [done] = painted(ValidationSample(photo, SAGE))
    validation_grid([done])
    assert captions == [
        "room",
        "reference #7a9e7e",
        "mask 50%",
        "depth, not used",
        f"output ΔE {done.raw_metrics['delta_e_2000']:.2f}",
        f"locked ΔE {done.locked_metrics['delta_e_2000']:.2f}",
    ]


def test_the_caption_shows_whether_depth_was_used(photo, captions):
    unknown = ValidationPhoto("a-name-longer-than-its-picture", photo.pixels, photo.mask)
    validation_grid(painted(ValidationSample(photo, SAGE), ValidationSample(unknown, SAGE), uses_depth=True))
    assert captions[3::6] == ["depth", "no depth"]
    assert captions[6] == "a-name-longer-than-i.."


def test_what_was_not_painted_has_a_row_too(photo, captions):
    empty = ValidationPhoto("room", photo.pixels, np.zeros_like(photo.mask))
    validation_grid(painted(ValidationSample(empty, SAGE)))
    assert captions[4:] == ["output: nothing", "locked: nothing"]


def test_a_texture_is_shown_as_it_is(photo):
    reference = TextureSample(photo.pixels[::-1].copy())
    grid = validation_grid(painted(ValidationSample(photo, reference)))
    np.testing.assert_array_equal(column(grid, 1), reference.pixels)


def test_small_samples_are_shown_as_large_as_others(photo):
    small = ValidationPhoto("room", photo.pixels[:64, :64], np.eye(64, dtype=np.float32), photo.depth[:64, :64])
    grid = validation_grid(painted(ValidationSample(small, SAGE)))
    assert grid.shape[1] == 6 * (SIDE + MARGIN) + MARGIN
    np.testing.assert_array_equal(column(grid, 0)[1::3, 1::3], small.pixels)


@pytest.mark.parametrize(("count", "pages"), [(1, 1), (ROWS, 1), (ROWS + 1, 2)])
def test_ten_rows_make_a_page(photo, captions, count, pages):
    assert len(grid_pages(painted(ValidationSample(photo, SAGE)) * count)) == pages
    assert captions.count("room") == count
