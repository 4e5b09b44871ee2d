"""The whole of a validation, by a stand-in and by a tiny random model."""

import json
import warnings

import numpy as np
import pytest
from PIL import Image
from stand_in_engine import StandInEngine, fill, go_blind

from wallpaint import Color
from wallpaint.errors import SettingError, WallpaintError, WallpaintWarning
from wallpaint.evaluate import ValidationPhoto, ValidationSample, room_samples, validate


@pytest.fixture(scope="module")
def samples(papered_room, plain_room):
    return room_samples([papered_room, plain_room], 3, 96)


def test_a_model_that_follows_its_reference_scores_well_and_one_that_does_not_scores_badly(samples, tmp_path):
    def strayed(pixels, wall, color):
        return fill(pixels, wall, 255 - color) + np.arange(96, dtype=np.uint8)[:, None, None] % 2

    good = validate(StandInEngine(), samples, tmp_path, 2)
    bad = validate(StandInEngine(strayed), samples, tmp_path, 1)
    assert good.value("lab_distance") < 5
    assert bad.value("lab_distance") > 40
    assert bad.value("lab_distance", prefix="val_locked") < 5
    assert good.value("delta_e_2000_truth") < bad.value("delta_e_2000_truth")


def test_metrics_and_sheets_are_left_in_the_folder(samples, tmp_path):
    validation = validate(StandInEngine(), samples, tmp_path / "grids", 500)
    content = json.loads((tmp_path / "grids/step_000500_metrics.json").read_text())
    assert content["step"] == validation.step == 500
    assert content["aggregated_metrics"]["val/valid_samples"] == 3
    assert [sample["name"] for sample in content["samples"]] == [sample.name for sample in samples]
    assert Image.open(tmp_path / "grids/step_000500_grid_01.png").height > 3 * 192


def test_the_same_again_gives_the_same_bytes(papered_room, tmp_path):
    for folder in ("one", "two"):
        again = room_samples([papered_room], 2, 96, seed=4)
        validate("albedo", again, tmp_path / folder, 7)
    one, two = ({path.name: path.read_bytes() for path in (tmp_path / name).iterdir()} for name in ("one", "two"))
    assert one == two
    assert len(one) == 2


def test_a_model_that_is_not_given_the_reference_is_refused_before_any_work(samples, tmp_path):
    engine = StandInEngine(go_blind)
    with pytest.raises(WallpaintError, match="does not reach the model"):
        validate(engine, samples, tmp_path, 0)
    assert engine.painted == 2
    assert not list(tmp_path.iterdir())


def test_a_model_with_a_reference_scale_of_0_is_measured_with_a_warning(samples, tmp_path):
    with pytest.warns(WallpaintWarning, match="scale is 0"):
        validation = validate(StandInEngine(go_blind, scales=(0.0,)), samples, tmp_path, 0)
    assert validation.value("lab_distance") > 10


def test_failed_checks_give_warnings_and_the_metrics_are_kept(samples, tmp_path):
    with pytest.warns(WallpaintWarning, match="3 of 3 samples .*one flat colour"):
        validate(StandInEngine(fill), samples, tmp_path, 0)
    assert (tmp_path / "step_000000_metrics.json").is_file()


def test_an_empty_mask_among_others_gives_a_warning_and_is_left_out(samples, tmp_path):
    empty = ValidationPhoto("dark", samples[0].photo.pixels, np.zeros((96, 96), np.float32))
    broken = ValidationSample(empty, Color.from_rgb8((9, 99, 9)))
    with pytest.warns(WallpaintWarning, match=r"1 of 4 samples .*the mask covers no pixel \(0 of 9,216\)"):
        validation = validate(StandInEngine(), [broken, *samples], tmp_path, 0)
    assert validation.aggregated_metrics["val/valid_samples"] == 3
    with pytest.raises(SettingError, match=r"none of 1 samples can be painted.*dark: the mask covers no pixel"):
        validate(StandInEngine(), [broken], tmp_path, 0)


def test_progress_reaches_the_end(samples, tmp_path):
    calls = []
    validate(StandInEngine(), samples, tmp_path, 0, progress=lambda done, total: calls.append((done, total)))
    assert calls == sorted(calls)
    assert calls[-1] == (3, 3)


def test_a_live_model_is_validated_without_a_trace(samples, tmp_path, tmp_path_factory):
    torch = pytest.importorskip("torch")
    import tiny_models

    from wallpaint.diffusion import load_engine

    folder = tiny_models.save_tiny_model(tmp_path_factory.mktemp("model"), controlnet=True)
    engine = load_engine(folder, steps=2, precision="fp32", device="cpu", batch_size=2)
    unet = engine.model.base.unet
    before = {name: value.clone() for name, value in unet.state_dict().items()}
    state, drawn = torch.get_rng_state(), np.random.get_state()[1].copy()
    first, second = (validate(engine, samples, tmp_path / name, 3) for name in "ab")
    assert first.samples == second.samples
    assert all(torch.equal(before[name], value) for name, value in unet.state_dict().items())
    assert torch.equal(state, torch.get_rng_state())
    np.testing.assert_array_equal(drawn, np.random.get_state()[1])
    for sample in first.samples:
        assert sample["outside_max_change"] == 0
        assert sample["locked"]["delta_e_2000_median"] <= 0.5 < sample["delta_e_2000_median"]
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        silent = load_engine(folder, steps=2, precision="fp32", device="cpu", ip_adapter_scale=0, depth=False)
        validate(silent, samples[:1], tmp_path / "c", 0)
    assert any("IP-Adapter scale is 0" in str(warning.message) for warning in caught)
