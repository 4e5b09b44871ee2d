import math
import warnings

import colour
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from PIL import Image

from wallpaint.color import Color, delta_e_2000, parse_color, srgb_to_lab
from wallpaint.errors import WallpaintWarning
from wallpaint.metrics import METRICS, aggregate_metrics, compute_color_fidelity_metrics

CONTRACT = {
    "lab_distance",
    "delta_e",
    "delta_e_2000",
    "hue_error",
    "chroma_diff",
    "lightness_diff",
    "delta_e_2000_p50",
    "delta_e_2000_p95",
}
PAIRS = [("#b9a08c", "#a08c7b"), ("#c1440e", "#7a9e7e"), ("#2f4858", "#f2efe6"), ("#ff00ff", "#00ff00")]


def flat(color, shape=(20, 30)):
    return np.full((*shape, 3), parse_color(color).rgb8, np.uint8)


def everywhere(picture):
    return np.ones(picture.shape[:2], bool)


def lab_by_colour_science(color):
    xyz = colour.sRGB_to_XYZ(np.array(parse_color(color).srgb))
    return colour.XYZ_to_Lab(xyz, colour.CCS_ILLUMINANTS["CIE 1931 2 Degree Standard Observer"]["D65"])


def sample(**values):
    """Metrics of a valid sample, all 1 but for those given."""
    return {**dict.fromkeys(METRICS, 1.0), "num_pixels": 50, "valid": True, **values}


def test_the_keys_are_those_of_the_contract():
    picture = flat("#b9a08c")
    metrics = compute_color_fidelity_metrics(parse_color("#b9a08c"), picture, everywhere(picture))
    assert set(metrics) == CONTRACT | {"num_pixels", "valid"}
    assert set(METRICS) == CONTRACT
    assert metrics["valid"] is True
    assert all(type(metrics[name]) is float for name in METRICS)
    assert type(metrics["num_pixels"]) is int


@pytest.mark.parametrize(("reference", "output"), PAIRS)
def test_metrics_of_flat_colours_are_those_of_colour_science(reference, output):
    picture = flat(output)
    metrics = compute_color_fidelity_metrics(parse_color(reference), picture, everywhere(picture))
    lab_1, lab_2 = lab_by_colour_science(reference), lab_by_colour_science(output)
    assert metrics["lab_distance"] == pytest.approx(colour.delta_E(lab_1, lab_2, method="CIE 1976"), abs=0.02)
    assert metrics["delta_e"] == metrics["lab_distance"]
    assert metrics["delta_e_2000"] == pytest.approx(colour.delta_E(lab_1, lab_2, method="CIE 2000"), abs=0.02)
    assert metrics["lightness_diff"] == pytest.approx(abs(lab_1[0] - lab_2[0]), abs=0.02)
    assert metrics["chroma_diff"] == pytest.approx(math.hypot(*(lab_1 - lab_2)[1:]), abs=0.02)
    hues = [math.degrees(math.atan2(lab[2], lab[1])) for lab in (lab_1, lab_2)]
    turn = abs(hues[0] - hues[1]) % 360
    assert metrics["hue_error"] == pytest.approx(min(turn, 360 - turn), abs=0.1)
    assert metrics["delta_e_2000_p50"] == metrics["delta_e_2000_p95"] == pytest.approx(metrics["delta_e_2000"])
    assert metrics["num_pixels"] == 600


def test_a_picture_of_the_reference_has_no_error():
    picture = flat("#c1440e")
    metrics = compute_color_fidelity_metrics(parse_color("#c1440e"), picture, everywhere(picture))
    assert all(metrics[name] == pytest.approx(0, abs=1e-9) for name in METRICS)


def test_means_are_of_lab_and_not_of_bytes():
    picture = flat("#000000")
    picture[:, :15] = 255
    metrics = compute_color_fidelity_metrics(parse_color("#777777"), picture, everywhere(picture))
    assert metrics["lightness_diff"] == pytest.approx(abs(50 - lab_by_colour_science("#777777")[0]), abs=0.02)


def test_only_masked_pixels_count(room_pixels, wall_mask):
    reference = parse_color("#7a9e7e")
    metrics = compute_color_fidelity_metrics(reference, room_pixels, wall_mask)
    labs = srgb_to_lab(room_pixels[wall_mask > 0] / 255)
    assert metrics["num_pixels"] == (wall_mask > 0).sum()
    assert metrics["delta_e_2000"] == pytest.approx(float(delta_e_2000(labs.mean(axis=0), reference.lab)), abs=1e-9)
    disturbed = room_pixels.copy()
    disturbed[wall_mask == 0] = 255 - disturbed[wall_mask == 0]
    assert compute_color_fidelity_metrics(reference, disturbed, wall_mask) == metrics


def test_percentiles_are_of_each_pixel_against_the_reference(room_pixels, wall_mask):
    reference = parse_color("#7a9e7e")
    metrics = compute_color_fidelity_metrics(reference, room_pixels, wall_mask)
    each = delta_e_2000(srgb_to_lab(room_pixels[wall_mask > 0] / 255), reference.lab)
    for percent in (50, 95):
        plain = np.percentile(each, percent, method="inverted_cdf")
        assert metrics[f"delta_e_2000_p{percent}"] == pytest.approx(plain, abs=1e-9)
    assert metrics["delta_e_2000_p95"] > metrics["delta_e_2000_p50"]


@given(arrays(np.uint8, (5, 6, 3), elements=st.integers(0, 255)), arrays(np.uint8, (3, 4, 3)))
def test_counting_distinct_colours_equals_going_through_every_pixel(output, swatch):
    metrics = compute_color_fidelity_metrics(swatch, output, np.ones((5, 6), bool))
    reference = srgb_to_lab(swatch.reshape(-1, 3) / 255).mean(axis=0)
    labs = srgb_to_lab(output.reshape(-1, 3) / 255)
    each = delta_e_2000(labs, reference)
    assert metrics["lab_distance"] == pytest.approx(math.dist(labs.mean(axis=0), reference), abs=1e-9)
    assert metrics["delta_e_2000_p50"] == pytest.approx(np.percentile(each, 50, method="inverted_cdf"), abs=1e-9)
    assert metrics["delta_e_2000_p95"] == pytest.approx(np.percentile(each, 95, method="inverted_cdf"), abs=1e-9)


def test_all_pixels_of_a_swatch_count():
    swatch = flat("#000000", (10, 10))
    swatch[:5] = 255
    picture = flat("#777777")
    metrics = compute_color_fidelity_metrics(swatch, picture, everywhere(picture))
    assert metrics["lightness_diff"] == pytest.approx(abs(50 - lab_by_colour_science("#777777")[0]), abs=0.02)


def test_pictures_may_be_images_or_arrays(room_pixels, wall_mask):
    swatch = flat("#b9a08c", (8, 8))
    images = [Image.fromarray(np.array(array)) for array in (swatch, room_pixels, wall_mask)]
    assert compute_color_fidelity_metrics(*images) == compute_color_fidelity_metrics(swatch, room_pixels, wall_mask)


def test_masks_of_every_kind_mean_the_same(room_pixels, wall_mask):
    reference = parse_color("#b9a08c")
    expected = compute_color_fidelity_metrics(reference, room_pixels, wall_mask)
    wall = wall_mask > 0
    for mask in (wall, wall.astype(np.float32), np.where(wall, 0.51, 0.5), np.where(wall, 128, 127).astype(np.uint8)):
        assert compute_color_fidelity_metrics(reference, room_pixels, mask) == expected


@pytest.mark.parametrize(("reference", "output"), [("#808080", "#c1440e"), ("#c1440e", "#808080"), ("#fff", "#000")])
def test_grey_has_no_hue(reference, output):
    picture = flat(output)
    assert math.isnan(compute_color_fidelity_metrics(parse_color(reference), picture, everywhere(picture))["hue_error"])


@pytest.mark.parametrize(("chroma", "has_hue"), [(2.9, False), (3.1, True)])
def test_hue_begins_at_a_chroma_of_three(chroma, has_hue):
    reference = parse_color(f"lab(60, {chroma}, 0)")
    picture = flat("#c1440e")
    hue_error = compute_color_fidelity_metrics(reference, picture, everywhere(picture))["hue_error"]
    assert math.isnan(hue_error) is not has_hue


def test_hue_error_is_circular():
    picture = np.full((20, 30, 3), parse_color("lab(55, 40, 3)").rgb8, np.uint8)
    reference = parse_color("lab(55, 40, -3)")
    hue_error = compute_color_fidelity_metrics(reference, picture, everywhere(picture))["hue_error"]
    assert hue_error == pytest.approx(2 * math.degrees(math.atan2(3, 40)), abs=0.5)


@pytest.mark.parametrize(("masked", "valid"), [(0, False), (9, False), (10, True)])
def test_fewer_than_ten_pixels_give_zeros_marked_invalid(masked, valid):
    picture = flat("#c1440e")
    mask = (np.arange(600) < masked).reshape(20, 30)
    with warnings.catch_warnings(record=True) as told:
        warnings.simplefilter("always", WallpaintWarning)
        metrics = compute_color_fidelity_metrics(parse_color("#ffffff"), picture, mask)
    assert metrics["valid"] is valid
    assert metrics["num_pixels"] == masked
    if valid:
        assert metrics["delta_e_2000"] > 10
        assert not told
    else:
        assert [metrics[name] for name in METRICS] == [0.0] * len(METRICS)
        assert [w.category for w in told] == [WallpaintWarning]
        assert str(told[0].message).startswith(f"only {masked} pixels are masked")


def test_the_keys_of_aggregates_are_those_of_the_contract():
    statistics = ("mean", "std", "p95", "min", "max")
    expected = {f"val/{metric}_{statistic}" for metric in CONTRACT for statistic in statistics}
    counts = {f"val/{metric}_count" for metric in CONTRACT}
    assert set(aggregate_metrics([sample()])) == expected | counts | {"val/valid_samples"}


def test_aggregates_are_the_statistics_of_the_samples():
    values = [1.0, 2.0, 6.0, 7.0]
    aggregates = aggregate_metrics(sample(delta_e_2000=value) for value in values)
    assert aggregates["val/delta_e_2000_mean"] == 4.0
    assert aggregates["val/delta_e_2000_std"] == pytest.approx(math.sqrt(6.5))
    assert aggregates["val/delta_e_2000_p95"] == pytest.approx(6.85)
    assert (aggregates["val/delta_e_2000_min"], aggregates["val/delta_e_2000_max"]) == (1.0, 7.0)
    assert aggregates["val/valid_samples"] == 4


def test_an_invalid_sample_is_in_no_average():
    with pytest.warns(WallpaintWarning, match="nothing was measured"):
        empty = compute_color_fidelity_metrics(Color((1, 1, 1)), flat("#000"), np.zeros((20, 30), bool))
    aggregates = aggregate_metrics([sample(delta_e=3.0), empty, sample(delta_e=5.0)])
    assert aggregates["val/delta_e_mean"] == 4.0
    assert aggregates["val/delta_e_min"] == 3.0
    assert aggregates["val/valid_samples"] == 2


def test_a_grey_sample_is_left_out_of_the_hue_alone():
    aggregates = aggregate_metrics([sample(hue_error=10.0), sample(hue_error=math.nan), sample(hue_error=20.0)])
    assert aggregates["val/hue_error_mean"] == 15.0
    assert aggregates["val/hue_error_count"] == 2
    assert aggregates["val/delta_e_count"] == aggregates["val/valid_samples"] == 3


def test_aggregates_of_nothing_are_nan():
    aggregates = aggregate_metrics([])
    assert aggregates["val/valid_samples"] == 0
    assert aggregates["val/delta_e_count"] == 0
    assert math.isnan(aggregates["val/delta_e_mean"])
