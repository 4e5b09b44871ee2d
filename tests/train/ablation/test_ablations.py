from __future__ import annotations

import pytest

from wallpaint.errors import ConfigError
from wallpaint.train import dump, load_ablations, load_config


def test_the_workflows_seven_come_with_wallpaint():
    assert list(load_ablations()) == ["A1", "A2", "A3", "A4", "A5", "A6", "A7", "A8"]


@pytest.mark.parametrize("name", load_ablations())
def test_each_changes_the_mini(name):
    assert load_config(None, load_ablations()[name].overrides) != load_config()


@pytest.mark.parametrize(
    ("name", "key", "value"),
    [
        ("A1", "training.reference.extraction_method", "kmeans"),
        ("A2", "training.reference.add_texture", False),
        ("A3", "training.unconditional_training", False),
        ("A4", "training.use_color_loss", True),
        ("A5", "model.color_tokens", False),
        ("A6", "objective.mean_error_weight", 0),
    ],
)
def test_each_changes_what_it_says(name, key, value):
    place = load_config(None, load_ablations()[name].overrides)
    for part in key.split("."):
        place = getattr(place, part)
    assert place == value


def test_references_say_nothing_in_the_last():
    data = load_config(None, load_ablations()["A7"].overrides).data
    assert data.random_color_prob == 0 < data.mismatched_color_prob


def test_a_persons_own_experiments_are_read(tmp_path):
    path = tmp_path / "mine.yaml"
    path.write_text("B1: {change: a larger LoRA, set: [model.lora.rank=32]}", encoding="utf-8")
    [ablation] = load_ablations(path).values()
    assert (ablation.name, ablation.change) == ("B1", "a larger LoRA")
    assert "rank: 32" in dump(load_config(None, ablation.overrides))


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("B1: {change: x, sett: []}", "in B1: there is no key sett. Did you mean set?"),
        ("B1: {set: []}", "in B1: change is missing."),
        ("B1: x", "in B1: it is 'x'"),
        ("B1: {change: x, set: a=1}", "in B1: set is 'a=1': it should be"),
    ],
)
def test_an_experiment_that_makes_no_sense_is_named(tmp_path, text, meant):
    path = tmp_path / "mine.yaml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(ConfigError) as caught:
        load_ablations(path)
    assert str(caught.value).startswith(f"{path}: {meant}")
