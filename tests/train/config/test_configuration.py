"""The training configuration: what is written comes back, and what is wrong is named."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import get_args

import pytest
import yaml
from hypothesis import example, given
from hypothesis import strategies as st
from pydantic import ValidationError

from wallpaint.data import ReferenceSettings
from wallpaint.errors import ConfigError, SettingError
from wallpaint.train import TrainingConfig, dump, find_config, load_config, shipped_configs
from wallpaint.train.config.faults import known_keys
from wallpaint.train.config.sections import ValidationSection

ROOT = Path(__file__).parents[3]


@pytest.fixture
def config_file(tmp_path):
    def write(text):
        path = tmp_path / "my.yaml"
        path.write_text(text, encoding="utf-8")
        return path

    return write


def leaves(tree, prefix=""):
    for key, value in tree.items():
        if isinstance(value, dict):
            yield from leaves(value, f"{prefix}{key}.")
        else:
            yield f"{prefix}{key}"


def test_without_a_file_the_mini_is_trained():
    assert load_config() == load_config("mini.yaml")
    assert load_config().model.base == "mini"


@pytest.mark.parametrize("name", shipped_configs())
def test_shipped_files_are_read_and_are_those_in_the_repository(name):
    load_config(name)
    assert (ROOT / "configs" / name).samefile(shipped_configs()[name])


def test_a_shipped_file_is_found_away_from_the_repository(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert find_config("configs/lora_training.yaml") == shipped_configs()["lora_training.yaml"]


def test_a_persons_own_file_goes_before_the_shipped_one_of_its_name(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    Path("mini.yaml").write_text("seed: 5", encoding="utf-8")
    assert load_config("mini.yaml").seed == 5
    assert load_config().seed == 0


def test_a_file_that_is_not_there_is_named_with_those_that_are(tmp_path):
    with pytest.raises(ConfigError, match=r"other/mini\.yaml: there is no such file.*lora_training\.yaml, mini\.yaml"):
        load_config("other/mini.yaml")


def test_the_documents_keys_are_where_the_document_has_them(config_file):
    config = load_config(
        config_file(
            "training:\n"
            "  unconditional_training: false\n"
            "  reference:\n"
            "    extraction_method: kmeans\n"
            "    add_texture: false\n"
            "    texture_noise_std: 4.0\n"
            "    add_lighting_gradient: false\n"
            "  use_color_loss: true\n"
            "  color_loss_weight: 0.2\n"
        )
    )
    assert not config.training.unconditional_training
    assert config.training.reference.model_dump() == {
        "extraction_method": "kmeans",
        "add_texture": False,
        "texture_noise_std": 4.0,
        "add_lighting_gradient": False,
    }
    assert (config.training.use_color_loss, config.training.color_loss_weight) == (True, 0.2)


SHORT = "random_color_prob: 0.5\nmask_erosion_size: 7\nquality_threshold: 0.1\nnum_validation_samples: 9\n"


@pytest.mark.parametrize("beside", ["", "data:\nvalidation: {steps: 3}\n", "data: {size: 64}\n"])
def test_keys_without_a_section_go_where_they_belong(config_file, beside):
    config = load_config(config_file(SHORT + beside))
    assert (config.data.random_color_prob, config.data.mask_erosion_size) == (0.5, 7)
    assert (config.data.quality_threshold, config.validation.num_validation_samples) == (0.1, 9)


def test_a_key_with_and_without_its_section_is_refused(config_file):
    with pytest.raises(ConfigError, match=r"quality_threshold occurs twice, alone and in data\."):
        load_config(config_file("quality_threshold: 0.1\ndata: {quality_threshold: 0.2}"))


def test_overrides_go_before_the_file_and_later_ones_before_earlier(config_file):
    file = config_file("num_validation_samples: 9\noptimization: {max_steps: 7, batch_size: 3}")
    config = load_config(file, ["optimization.max_steps=8", "num_validation_samples=2", "optimization.max_steps=1000"])
    assert (config.optimization.max_steps, config.optimization.batch_size) == (1000, 3)
    assert config.validation.num_validation_samples == 2


@pytest.mark.parametrize(
    ("override", "value"),
    [
        ("optimization.learning_rate=1e-4", 1e-4),  # for YAML 1.1 this is no number
        ("optimization.learning_rate=1", 1.0),
        ("optimization.mixed_precision=no", "no"),  # for YAML 1.1 this is false
        ("optimization.mixed_precision='no'", "no"),
        ("objective.min_snr_gamma=null", None),
        ("objective.min_snr_gamma=5", 5.0),
        ("model.train=[lora, controlnet]", ("lora", "controlnet")),
        ("training.prompt=a = b", "a = b"),
        ("data.path=/some/where", Path("/some/where")),
        ("optimization.betas=[0.5, 0.6]", (0.5, 0.6)),
    ],
)
def test_overrides_hold_what_yaml_holds(override, value):
    config = load_config(None, [override])
    section, _, key = override.partition("=")[0].partition(".")
    assert getattr(getattr(config, section), key) == value


def test_a_whole_section_can_be_given_or_put_back():
    assert load_config(None, ["model.lora={rank: 2, alpha: 4}"]).model.lora.rank == 2
    assert load_config(None, ["model.lora=null"]).model.lora.rank == TrainingConfig().model.lora.rank


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("trainig: {use_color_loss: true}", "there is no key trainig. Did you mean training?"),
        ("training: {refrence: {}}", "there is no key training.refrence. Did you mean training.reference?"),
        (
            "training: {reference: {texture_noise: 3}}",
            "there is no key training.reference.texture_noise. Did you mean training.reference.texture_noise_std?",
        ),
        ("max_steps: 3", "there is no key max_steps. Did you mean optimization.max_steps?"),
        (
            "color_extraction_method: kmeans",
            "there is no key color_extraction_method. Did you mean training.reference.extraction_method?",
        ),
        ("checkpoints: {zzz: 3}", "there is no key checkpoints.zzz. The keys of checkpoints are every, keep."),
        ("1: 2", "there is no key 1. The keys are output, seed, trackers, model,"),
    ],
)
def test_an_unknown_key_is_named_with_the_nearest_known(config_file, text, meant):
    file = config_file(text)
    with pytest.raises(ConfigError) as caught:
        load_config(file)
    assert str(caught.value).startswith(f"{file}: {meant}")
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("random_color_prob: 1.5", "data.random_color_prob is 1.5: it should be less than or equal to 1."),
        ("optimization: {max_steps: true}", "optimization.max_steps is true: it should be a valid integer."),
        ("optimization: {max_steps: 2.5}", "optimization.max_steps is 2.5: it should be a valid integer."),
        ("optimization: {learning_rate: .nan}", "optimization.learning_rate is nan: it should be a finite number."),
        ("training: {color_loss_kind: rgb}", "training.color_loss_kind is 'rgb': it should be 'lab', 'histogram'"),
        ("training: 5", "training is 5: it should be a section with keys."),
        ("data: {size: 100}", "data.size is 100: it should be a multiple of 8."),
        ("data: 5\nrandom_color_prob: 0.5", "data is 5: it should be a section with keys."),
        ("data: {kind: photos}", "data.kind photos needs a folder. Set data.path to it."),
        ("data: {dataset_class: Mine}", "data.dataset_class is 'Mine': write it as module.Class"),
        ("model: {train: []}", "model.train is []: "),
        ("model: {train: [lora, lora]}", "model.train names a part twice."),
        ("model: {lora: {rank: 0}}", "model.lora.rank is 0: it should be greater than or equal to 1."),
        ("seed: 1\nseed: 2", "it is not valid YAML: seed occurs twice in line 2."),
        ("data: {size: 64", "it is not valid YAML: expected ',' or '}'"),
        ("- data", "it contains no keys."),
        ("? [a]\n: b", "it is not valid YAML: found unhashable key in line 1."),
    ],
)
def test_a_value_that_cannot_be_is_named(config_file, text, meant):
    file = config_file(text)
    with pytest.raises(ConfigError) as caught:
        load_config(file)
    assert str(caught.value).startswith(f"{file}: {meant}")
    assert "\n" not in str(caught.value)


def test_files_that_are_no_text_are_named(tmp_path):
    path = tmp_path / "my.yaml"
    path.write_bytes(b"\xff\xfe\x00\x81")
    with pytest.raises(ConfigError, match="it is not valid YAML"):
        load_config(path)


def test_an_empty_file_is_all_defaults(config_file):
    assert load_config(config_file("# nothing yet\n")) == TrainingConfig()


@pytest.mark.parametrize(
    ("overrides", "meant"),
    [
        (["seed=1", "optimisation.max_steps=3", "seed=2"], "--set optimisation.max_steps=3: there is no key"),
        (["data.kind=photos", "data.size=64"], "--set data.kind=photos: data.kind photos needs a folder."),
        (["optimization.batch_size=0"], "--set optimization.batch_size=0: optimization.batch_size is 0: it should"),
        (["optimization.max_steps"], "--set optimization.max_steps: write it as section.key=value"),
        (["optimization..max_steps=1"], "--set optimization..max_steps=1: write it as section.key=value"),
        (["data.path=[a"], "--set data.path=[a: the value is not valid YAML"),
    ],
)
def test_an_override_at_fault_is_named(overrides, meant):
    with pytest.raises(SettingError) as caught:
        load_config(None, overrides)
    assert str(caught.value).startswith(meant)


def test_overrides_that_hold_only_together_are_taken():
    assert load_config(None, ["data.kind=photos", "data.path=x"]).data.kind == "photos"


def test_a_fault_of_the_file_is_not_blamed_on_an_override(config_file):
    with pytest.raises(ConfigError, match=r"my\.yaml: seed is -1"):
        load_config(config_file("seed: -1"), ["seed=-1"])


@pytest.mark.parametrize("name", shipped_configs())
def test_what_is_printed_is_read_back_the_same(name, config_file):
    config = load_config(name, ["optimization.mixed_precision=no"])
    again = load_config(config_file(dump(config)))
    assert again == config
    assert dump(again) == dump(config)


@example(rate=1.0, prompt="\x85", path="Räume", seed=0)
@given(
    rate=st.floats(min_value=0, exclude_min=True, allow_infinity=False, allow_nan=False),
    prompt=st.text(min_size=1),
    path=st.none() | st.text(alphabet="ab/ #:-'\"\\no1", min_size=1),
    seed=st.integers(0, 2**63 - 1),
)
def test_any_values_survive_being_printed(rate, prompt, path, seed):
    config = TrainingConfig.model_validate(
        {
            "seed": seed,
            "data": {"path": path},
            "training": {"prompt": prompt},
            "optimization": {"learning_rate": rate},
        }
    )
    assert TrainingConfig.model_validate(yaml.safe_load(dump(config))) == config


def test_every_known_key_is_printed():
    sections = {"model", "model.lora", "data", "data.rooms", "training", "training.reference"}
    sections |= {"objective", "optimization", "caching", "validation", "checkpoints"}
    assert set(known_keys(TrainingConfig)) == set(leaves(yaml.safe_load(dump(TrainingConfig())))) | sections


def test_a_configuration_cannot_be_changed():
    with pytest.raises(ValidationError):
        load_config().seed = 3


def test_sections_fit_what_they_configure():
    config = load_config()
    settings = ReferenceSettings(
        **config.training.reference.model_dump(), mask_erosion_size=config.data.mask_erosion_size
    )
    assert settings.texture_noise_std == config.training.reference.texture_noise_std
    lora = pytest.importorskip("wallpaint.diffusion.adapters.lora")
    assert lora.LoraSettings(**TrainingConfig().model.lora.model_dump()) == lora.LoraSettings()


def test_schedulers_are_those_that_can_be_made():
    known = pytest.importorskip("wallpaint.diffusion.sampling.schedulers").SCHEDULERS
    assert set(known) == set(get_args(ValidationSection.model_fields["scheduler"].annotation))


def test_a_configuration_needs_no_torch_but_losses_say_that_they_do():
    code = (
        "import sys; sys.modules['torch'] = None\n"
        "from wallpaint.errors import MissingExtraError\n"
        "from wallpaint.train import load_config; load_config()\n"
        "try:\n    import wallpaint.train.losses\n"
        "except MissingExtraError as error:\n    print(error)"
    )
    result = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert "wallpaint[train]" in result.stdout
