"""`load_engine`: from a folder to an engine with its sampling settings."""

import json

import pytest
import tiny_models

from wallpaint.diffusion import SamplingSettings, load_engine
from wallpaint.errors import SettingError, WeightsError

CHOICES = {"steps": 2, "precision": "fp32", "device": "cpu"}


@pytest.fixture
def folder(tmp_path):
    return tiny_models.save_tiny_model(tmp_path / "model")


def test_a_folder_can_recommend_a_strength(folder):
    assert load_engine(folder, **CHOICES).sampling.effective_strength == 1
    (folder / "sampling.json").write_text(json.dumps({"strength": 0.3}))
    assert load_engine(folder, **CHOICES).sampling.effective_strength == 0.3


def test_a_given_strength_overrides_the_recommended_one(folder):
    (folder / "sampling.json").write_text(json.dumps({"strength": 0.3}))
    assert load_engine(folder, strength=0.7, **CHOICES).sampling.effective_strength == 0.7
    assert load_engine(folder, init="noise", **CHOICES).sampling.effective_strength == 1


def test_the_shipped_mini_starts_at_half():
    assert load_engine("mini", **CHOICES).sampling.effective_strength == 0.5


@pytest.mark.parametrize("text", ["{", "[]", '{"steps": 3}', '{"strength": "much"}'])
def test_a_damaged_file_is_named(folder, text):
    (folder / "sampling.json").write_text(text)
    with pytest.raises(WeightsError, match=r"sampling\.json"):
        load_engine(folder, **CHOICES)


def test_sampling_settings_are_given_together_or_by_name(folder):
    sampling = SamplingSettings(steps=3, seed=7)
    together = load_engine(folder, sampling=sampling, precision="fp32", device="cpu")
    by_name = load_engine(folder, steps=3, seed=7, precision="fp32", device="cpu")
    both = load_engine(folder, sampling=sampling, seed=8, precision="fp32", device="cpu")
    assert together.sampling == by_name.sampling == sampling
    assert both.sampling == SamplingSettings(steps=3, seed=8)


def test_an_unknown_setting_is_named_before_anything_is_loaded():
    with pytest.raises(SettingError, match="there is no sampling setting 'step': choose steps, "):
        load_engine("no/such-model", step=3)
