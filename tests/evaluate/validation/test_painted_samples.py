import numpy as np
import pytest
from stand_in_engine import StandInEngine, fill

from wallpaint import Color, Repainter, TextureSample
from wallpaint.evaluate import ValidationPhoto, ValidationSample
from wallpaint.evaluate.validation.painted_samples import MEASURED, paint_samples
from wallpaint.metrics import METRICS, compute_color_fidelity_metrics
from wallpaint.reference import create_solid_color_reference

SAGE, NAVY = Color.from_rgb8((122, 158, 126)), Color.from_rgb8((27, 42, 92))


@pytest.fixture
def photo(room_pixels, wall_alpha):
    depth = np.tile(np.linspace(0, 1, 240, dtype=np.float32), (160, 1))
    return ValidationPhoto("room", room_pixels, wall_alpha, depth)


def painted(samples, paint=None, **choices):
    engine = StandInEngine(paint, **choices) if paint else StandInEngine(**choices)
    return list(paint_samples(Repainter(engine), samples))


def test_samples_of_one_photo_are_looked_at_once_and_keep_their_order(photo, room_pixels, wall_alpha):
    other = ValidationPhoto("other", room_pixels[:, ::-1].copy(), wall_alpha[:, ::-1].copy())
    samples = [ValidationSample(photo, SAGE), ValidationSample(photo, NAVY), ValidationSample(other, SAGE)]
    engine = StandInEngine()
    done = list(paint_samples(Repainter(engine), samples))
    assert (engine.looked, engine.painted) == (2, 3)
    assert [each.sample for each in done] == samples


def test_metrics_are_those_of_the_masked_pixels_against_a_clean_swatch(photo):
    [done] = painted([ValidationSample(photo, SAGE)])
    clean = create_solid_color_reference(SAGE, (64, 64), add_texture=False, add_lighting_gradient=False)
    known = compute_color_fidelity_metrics(clean, done.raw, photo.mask)
    assert {name: done.raw_metrics[name] for name in METRICS} == pytest.approx({name: known[name] for name in METRICS})
    unmasked = done.raw.copy()
    unmasked[photo.mask <= 0.5] = 0
    assert compute_color_fidelity_metrics(clean, unmasked, photo.mask) == known


def test_raw_and_locked_are_measured_apart(photo):
    [done] = painted([ValidationSample(photo, SAGE)], lambda pixels, wall, color: fill(pixels, wall, color / 2))
    assert done.raw_metrics["lab_distance"] > 20
    assert done.locked_metrics["delta_e_2000_median"] < 1
    assert done.record["lab_distance"] == done.raw_metrics["lab_distance"]
    assert done.record["locked"]["lab_distance"] == done.locked_metrics["lab_distance"]


def test_the_distance_to_the_truth_is_0_at_the_truth_and_is_there_only_with_one(photo):
    [without] = painted([ValidationSample(photo, SAGE)])
    [exact] = painted([ValidationSample(photo, SAGE, without.raw)])
    [off] = painted([ValidationSample(photo, NAVY, without.raw)])
    assert "delta_e_2000_truth" not in without.raw_metrics
    assert exact.raw_metrics["delta_e_2000_truth"] == 0
    assert off.raw_metrics["delta_e_2000_truth"] > 20
    assert set(MEASURED) <= set(exact.raw_metrics)


@pytest.mark.parametrize(
    "mask", [np.zeros((160, 240)), np.pad(np.ones((3, 3)), ((0, 157), (0, 237))), np.ones((160, 240))]
)
def test_a_mask_that_holds_no_wall_is_not_painted_and_not_valid(photo, mask):
    samples = [ValidationSample(ValidationPhoto("bad", photo.pixels, mask.astype(np.float32)), SAGE)]
    [bad, good] = painted([*samples, ValidationSample(photo, SAGE)])
    assert bad.raw is None
    assert bad.record["valid"] is False
    assert good.record["valid"] is True


def test_the_albedo_engines_answer_counts_as_raw_and_locked(photo):
    [done] = paint_samples(Repainter(), [ValidationSample(photo, SAGE)])
    np.testing.assert_array_equal(done.raw, done.locked)
    assert done.raw_metrics == done.locked_metrics


def test_depth_is_kept_where_it_had_a_say(photo):
    assert painted([ValidationSample(photo, SAGE)], uses_depth=True)[0].depth is photo.depth
    assert painted([ValidationSample(photo, SAGE)])[0].depth is None


def test_a_texture_sample_is_a_reference_too(photo):
    stripes = np.zeros((8, 8, 3), np.uint8) + np.array([90, 120, 80], np.uint8)
    stripes[:, :3] = (200, 190, 170)
    sample = ValidationSample(photo, TextureSample(stripes))
    [done] = painted([sample])
    assert done.sample.color.rgb8 == (90, 120, 80)
    assert done.raw_metrics["valid"]


def test_progress_counts_samples_and_parts_of_them(photo):
    calls = []
    samples = [ValidationSample(photo, color) for color in (SAGE, NAVY)]
    list(paint_samples(Repainter(StandInEngine()), samples, lambda done, total: calls.append((done, total))))
    assert calls == [(1, 2), (2, 2), (2, 2)]
