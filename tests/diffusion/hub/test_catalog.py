"""The catalogue of known models."""

from __future__ import annotations

import pytest

from wallpaint.diffusion.hub.catalog import KNOWN_MODELS, MODEL_SETS, members
from wallpaint.diffusion.hub.download import find_model
from wallpaint.errors import SettingError


@pytest.mark.parametrize("model", KNOWN_MODELS.values(), ids=lambda model: model.name)
def test_every_model_has_a_licence_a_size_and_a_description(model):
    assert model.licence
    assert model.description
    assert 0 < model.gigabytes < 10
    assert set(model.revision) <= set("0123456789abcdef")


def test_models_trained_on_ade20k_say_that_its_images_are_for_research():
    trained = [model for model in KNOWN_MODELS.values() if "ADE20K" in model.description]
    assert {model.name for model in trained} == {"upernet-ade", "oneformer-ade", "wall-segmenter"}
    assert all("images for research only" in model.description for model in trained)


@pytest.mark.parametrize("name", MODEL_SETS)
def test_sets_hold_known_models_whose_licences_allow_commerce(name):
    assert name not in KNOWN_MODELS
    assert len(members(name)) > 1
    assert all(KNOWN_MODELS[each].licence in ("MIT", "Apache-2.0") for each in members(name))


def test_a_set_is_no_model():
    with pytest.raises(SettingError, match="is a set of models: name one of upernet-ade, sam2"):
        find_model("wall-finder")
