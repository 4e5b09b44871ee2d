import pytest

from wallpaint.errors import MissingWeightsError, SettingError
from wallpaint.serve.recipe import Engines, Recipe


@pytest.mark.parametrize("settings", [{"steps": 0}, {"steps": 101}, {"seed": -1}, {"seed": 2**32}])
def test_a_recipe_that_cannot_be_is_refused(settings):
    with pytest.raises(SettingError, match=str(next(iter(settings.values())))):
        Recipe(**settings)


def test_an_engine_that_is_not_here_is_refused_with_those_that_are():
    with pytest.raises(SettingError, match="here is albedo"):
        Engines().repainter(Recipe(engine="diffusion"))


def test_a_model_that_is_named_and_missing_is_an_error_and_none_is_not(monkeypatch):
    def missing(*_, **__):
        raise MissingWeightsError("sd15", "it is not on this machine.")

    monkeypatch.setattr("wallpaint.diffusion.load_engine", missing, raising=False)
    assert Engines.load().names == ("albedo",)
    with pytest.raises(MissingWeightsError):
        Engines.load(model="sd15")


def test_a_model_that_is_here_is_offered_beside_albedo():
    assert Engines(model=object()).names == ("albedo", "diffusion")
