import numpy as np
import pytest

from wallpaint.color import delta_e_2000, parse_color, srgb_to_lab
from wallpaint.errors import WallpaintWarning
from wallpaint.metrics import (
    compare_with_source,
    compute_color_fidelity_metrics,
    measure_painting,
    measure_wall,
    outside_max_change,
    shading_correlation,
)
from wallpaint.reference import TextureSample


def test_a_wall_is_measured_by_its_pixels_and_by_its_median(room_pixels, wall_mask):
    reference, wall = parse_color("#7a9e7e"), wall_mask > 0
    metrics = measure_wall(reference, room_pixels, wall)
    median = srgb_to_lab(np.median(room_pixels[wall], axis=0) / 255)
    assert metrics.pop("delta_e_2000_median") == pytest.approx(float(delta_e_2000(median, reference.lab)))
    assert metrics == compute_color_fidelity_metrics(reference, room_pixels, wall)


def test_a_texture_is_measured_by_all_its_pixels_and_by_its_median(room_pixels, wall_mask):
    pixels = np.full((20, 20, 3), (150, 70, 50), np.uint8)
    pixels[:, ::4] = 220
    metrics = measure_wall(TextureSample(pixels), room_pixels, wall_mask > 0)
    swatch = compute_color_fidelity_metrics(pixels, room_pixels, wall_mask)
    assert metrics["delta_e_2000"] == swatch["delta_e_2000"]
    assert metrics["delta_e_2000_median"] == pytest.approx(
        measure_wall(parse_color("150,70,50"), room_pixels, wall_mask > 0)["delta_e_2000_median"]
    )
    assert metrics["delta_e_2000"] != pytest.approx(metrics["delta_e_2000_median"], abs=0.5)


def test_an_empty_mask_has_no_median(room_pixels):
    with pytest.warns(WallpaintWarning, match="only 0 pixels"):
        metrics = measure_wall(parse_color("#7a9e7e"), room_pixels, np.zeros(room_pixels.shape[:2], bool))
    assert metrics["valid"] is False
    assert "delta_e_2000_median" not in metrics


def test_shading_is_compared_on_pure_wall_and_bytes_where_nothing_may_change(room_pixels, wall_alpha):
    painted = room_pixels.copy()
    painted[wall_alpha == 1] //= 2
    painted[wall_alpha < 1] = 255 - painted[wall_alpha < 1]
    pure, touched = wall_alpha == 1, wall_alpha > 0
    comparison = compare_with_source(room_pixels, painted, pure, touched)
    assert comparison == {
        "shading_correlation": shading_correlation(room_pixels, painted, pure),
        "outside_max_change": outside_max_change(room_pixels, painted, touched),
    }
    assert comparison["shading_correlation"] > 0.99
    outside = room_pixels[~touched].astype(int)
    assert comparison["outside_max_change"] == np.abs(255 - 2 * outside).max()


def test_changes_outside_the_mask_are_counted(room_pixels, wall_mask):
    reference, mask = parse_color("#7a9e7e"), (wall_mask > 0).astype(np.float32)
    picture = room_pixels.copy()
    outside = np.argwhere(wall_mask == 0)[0]
    assert "outside_max_change" not in measure_painting(reference, picture, mask)
    assert measure_painting(reference, picture, mask, room_pixels, "hard")["outside_max_change"] == 0
    picture[tuple(outside)] ^= 8
    assert measure_painting(reference, picture, mask, room_pixels, "hard")["outside_max_change"] == 8


@pytest.mark.parametrize("faint", [0.0, 0.04, 0.4])
def test_a_change_where_the_painting_mask_is_faint_counts_as_outside(room_pixels, wall_alpha, faint):
    reference, picture = parse_color("#7a9e7e"), room_pixels.copy()
    mask = np.maximum(wall_alpha, np.float32(faint))
    assert measure_painting(reference, picture, mask, room_pixels)["outside_max_change"] == 0
    picture[150, 20] ^= 8  # on the floor, far from the wall
    assert measure_painting(reference, picture, mask, room_pixels)["outside_max_change"] == 8


def test_the_edge_band_of_a_soft_mask_is_not_outside(room_pixels, wall_alpha):
    reference, picture = parse_color("#7a9e7e"), room_pixels.copy()
    picture[(wall_alpha > 0) & (wall_alpha <= 0.5)] ^= 8
    assert measure_painting(reference, picture, wall_alpha, room_pixels)["outside_max_change"] == 0
    assert measure_painting(reference, picture, wall_alpha, room_pixels, "hard")["outside_max_change"] == 8
