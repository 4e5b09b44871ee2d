import pytest

import wallpaint.diffusion
from wallpaint.diffusion import SamplingSettings, load_engine
from wallpaint.errors import MissingWeightsError, SettingError
from wallpaint.serve.paint_options import Engines, PaintOptions


@pytest.mark.parametrize(
    "settings", [{"steps": 0}, {"steps": 101}, {"seed": -1}, {"seed": 2**32}, {"reference_strength": 11}]
)
def test_a_recipe_that_cannot_be_is_refused(settings):
    with pytest.raises(SettingError, match=str(next(iter(settings.values())))):
        PaintOptions(sampling=SamplingSettings(**settings))


def test_an_engine_that_is_not_here_is_refused_with_those_that_are():
    with pytest.raises(SettingError, match="choose albedo"):
        Engines().repainter(PaintOptions(engine="diffusion"))


@pytest.fixture
def no_weights(monkeypatch):
    def missing(*_, **__):
        raise MissingWeightsError("sd15", "it is not on this machine.")

    for name in ("find_model", "load_engine"):
        monkeypatch.setitem(vars(wallpaint.diffusion), name, missing)


@pytest.mark.usefixtures("no_weights")
def test_a_model_that_nobody_named_may_be_missing():
    assert Engines.load().names == ("albedo",)


@pytest.mark.usefixtures("no_weights")
def test_a_model_that_is_named_may_not():
    with pytest.raises(MissingWeightsError):
        Engines.load(model="sd15")


def test_a_model_that_is_here_is_offered_beside_albedo():
    assert Engines(diffusion=object()).names == ("albedo", "diffusion")


def test_a_request_changes_the_sampling_settings_that_are_offered_and_nothing_else():
    loaded = load_engine("mini", batch_size=3)
    options = PaintOptions("diffusion", sampling=SamplingSettings(seed=7, steps=3, batch_size=5))
    engine = Engines(diffusion=loaded).repainter(options).engine
    assert engine.sampling == loaded.sampling.changed(seed=7, steps=3)
    assert engine.sampling.effective_strength == 0.5  # the mini's own
    assert (engine.model, engine.detail, engine.depth_estimator) == (
        loaded.model,
        loaded.detail,
        loaded.depth_estimator,
    )


@pytest.mark.usefixtures("no_weights")
def test_a_finder_is_passed_on():
    assert Engines.load().finder == "auto"
    assert Engines.load(finder="edges").finder == "edges"
