"""From a folder to an engine, and how much noise suits it."""

import json

import pytest
import tiny_models

from wallpaint.diffusion import load_engine
from wallpaint.errors import WeightsError

CHOICES = {"steps": 2, "precision": "fp32", "device": "cpu"}


@pytest.fixture
def folder(tmp_path):
    return tiny_models.save_tiny_model(tmp_path / "model")


def test_a_folder_says_how_much_noise_suits_it(folder):
    assert load_engine(folder, **CHOICES).sampling.noise == 1
    (folder / "sampling.json").write_text(json.dumps({"strength": 0.3}))
    assert load_engine(folder, **CHOICES).sampling.noise == 0.3


def test_what_a_person_says_counts_for_more(folder):
    (folder / "sampling.json").write_text(json.dumps({"strength": 0.3}))
    assert load_engine(folder, strength=0.7, **CHOICES).sampling.noise == 0.7
    assert load_engine(folder, init="noise", **CHOICES).sampling.noise == 1


def test_the_shipped_mini_starts_at_half():
    assert load_engine("mini", **CHOICES).sampling.noise == 0.5


@pytest.mark.parametrize("text", ["{", "[]", '{"steps": 3}', '{"strength": "much"}'])
def test_a_damaged_file_is_named(folder, text):
    (folder / "sampling.json").write_text(text)
    with pytest.raises(WeightsError, match=r"sampling\.json"):
        load_engine(folder, **CHOICES)
