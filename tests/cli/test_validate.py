"""``wallpaint validate``, ``python validate.py`` and ``wallpaint report``."""

import json
import shutil
from pathlib import Path

import numpy as np
import pytest
import tiny_models
from PIL import Image
from tiny_lora import unet_with_lora

from wallpaint.cli.validate import _folder
from wallpaint.diffusion.adapters.lora_io import save_lora
from wallpaint.train import load_config

QUICK = ("--samples", 2, "--size", 64, "--steps", 1, "--precision", "fp32", "--device", "cpu")


@pytest.fixture(scope="module")
def model(tmp_path_factory):
    return tiny_models.save_tiny_model(tmp_path_factory.mktemp("validate") / "model")


@pytest.fixture
def training(tmp_path, model):
    """A training's folder with two checkpoints, whose IP-Adapters differ from the model's and from each other."""
    for step, seed in ((500, 50), (1000, 51)):
        folder = tmp_path / f"run/checkpoint-{step:06d}"
        folder.mkdir(parents=True)
        weights = tiny_models.plus_state_dict(tiny_models.tiny_unet(), seed=seed)
        tiny_models.save_ip_adapter(weights, folder / "ip_adapter.safetensors")
    return tmp_path / "run"


@pytest.fixture
def validate(run, model, tmp_path):
    """Validate the tiny model on two samples, into ``grids``; further words are added."""
    return lambda *words: run("validate", "--model", model, *QUICK, "-o", tmp_path / "grids", *words)


def metrics_of(tmp_path, step):
    return json.loads((tmp_path / f"grids/step_{step:06d}_metrics.json").read_text())


def test_the_untrained_model_is_step_0_and_its_table_has_the_targets(validate, tmp_path):
    finished = validate("--checkpoint", "none")
    assert finished.code == 0
    content = metrics_of(tmp_path, 0)
    assert content["aggregated_metrics"]["val/valid_samples"] == 2
    assert (tmp_path / "grids/step_000000_grid_01.png").is_file()
    [line] = [line for line in finished.out.splitlines() if "LAB distance  " in line]
    raw = content["aggregated_metrics"]["val/lab_distance_mean"]
    locked = content["aggregated_metrics"]["val_locked/lab_distance_mean"]
    for cell in ("< 15", "< 5", f"{raw:.2f}", f"{locked:.2f}"):
        assert cell in line


def test_checkpoints_are_named_or_the_latest_is_found(validate, training, tmp_path):
    assert validate("--checkpoint", training / "checkpoint-000500").code == 0
    assert validate("--checkpoint", "latest", "--run", training).code == 0
    assert validate("--checkpoint", "none").code == 0
    values = [metrics_of(tmp_path, step)["aggregated_metrics"]["val/lab_distance_mean"] for step in (0, 500, 1000)]
    assert len(set(values)) == 3


def test_none_leaves_out_the_lora_that_a_model_brings(validate, run, model, tmp_path):
    folder = shutil.copytree(model, tmp_path / "with-lora")
    save_lora(unet_with_lora(), folder)
    validate("--checkpoint", "none")
    plain = metrics_of(tmp_path, 0)
    finished = run("validate", "--model", folder, *QUICK, "-o", tmp_path / "grids", "--checkpoint", "none")
    assert finished.code == 0
    for one, other in zip(plain["samples"], metrics_of(tmp_path, 0)["samples"], strict=True):
        assert one["lab_distance"] == pytest.approx(other["lab_distance"], abs=0.01)
    run("validate", "--model", model, *QUICK, "-o", tmp_path / "grids", "--checkpoint", folder, "--step", 7)
    assert abs(metrics_of(tmp_path, 7)["samples"][0]["lab_distance"] - plain["samples"][0]["lab_distance"]) > 0.2


def test_photos_of_a_dataset_are_painted_too(validate, room_pixels, wall_mask, tmp_path):
    for kind, pixels in (("images", room_pixels), ("masks", wall_mask)):
        (tmp_path / "photos" / kind).mkdir(parents=True)
        Image.fromarray(pixels).save(tmp_path / "photos" / kind / "attic.png")
    words = ("--checkpoint", "none", "--data", tmp_path / "photos", "--set", "data.validation_share=1")
    words += ("--set", "data.quality_threshold=0")
    assert validate(*words).code == 0
    samples = metrics_of(tmp_path, 0)["samples"]
    assert [sample["name"].rpartition("-")[0] for sample in samples] == ["attic", "attic"]
    assert "delta_e_2000_truth" not in samples[0]


def test_symptoms_are_notes(validate):
    finished = validate("--checkpoint", "none", "--set", "model.ip_adapter_scale=0")
    assert finished.code == 0
    assert finished.err.count("note: the IP-Adapter scale is 0") == 1


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (("--checkpoint", "latest", "--run", "NOWHERE"), "there is no checkpoint in it"),
        (("--checkpoint", "NOWHERE"), "has no step in its name"),
        (("--checkpoint", "NOWHERE", "--step", 5), "there is neither"),
        (("--checkpoint", "none", "--rooms", "NOWHERE"), "there are no rooms here"),
        (("--checkpoint", "none", "--data", "NOWHERE"), "there is no dataset here"),
        (("--checkpoint", "none", "--data", "NOWHERE", "--rooms", "NOWHERE"), "either --rooms or --data"),
        (("--checkpoint", "none", "--samples", 0), "num_validation_samples"),
        (("--checkpoint", "none", "--size", 32), "data.size"),
        (("--checkpoint", "none", "--steps", 0), "validation.steps"),
        (("--checkpoint", "none", "--set", "data.sise=64"), "data.size"),
        (("--checkpoint", "none", "--config", "NOWHERE"), "there is no such file"),
    ],
)
def test_what_cannot_be_is_one_line_and_exit_2(validate, tmp_path, words, says):
    finished = validate(*(tmp_path / "nowhere" if word == "NOWHERE" else word for word in words))
    assert finished.code == 2
    assert says in finished.err
    assert len(finished.err.strip().splitlines()) == 1


def test_the_shipped_adapter_of_a_base_without_one_is_told_of(validate):
    finished = validate("--checkpoint", "shipped")
    assert finished.code == 2
    assert "has no shipped adapter" in finished.err


def test_a_report_is_one_page(run, validate, tmp_path):
    pytest.importorskip("matplotlib")
    validate("--checkpoint", "none")
    finished = run("report", tmp_path / "grids")
    assert finished.code == 0
    page = Path(finished.out.strip())
    assert page == tmp_path / "grids/report.html"
    assert "After step 0" in page.read_text()
    assert run("report", tmp_path / "grids", "-o", tmp_path / "page.html").out.strip() == str(tmp_path / "page.html")


def test_there_is_nothing_to_report_of_an_empty_folder(run, tmp_path):
    pytest.importorskip("matplotlib")
    finished = run("report", tmp_path)
    assert finished.code == 2
    assert finished.err.startswith(f"{tmp_path}: there is neither")


def test_the_same_seed_gives_the_same_files(validate, tmp_path):
    validate("--checkpoint", "none", "--seed", 3)
    first = (tmp_path / "grids/step_000000_metrics.json").read_bytes()
    sheet = np.asarray(Image.open(tmp_path / "grids/step_000000_grid_01.png"))
    validate("--checkpoint", "none", "--seed", 3)
    assert (tmp_path / "grids/step_000000_metrics.json").read_bytes() == first
    np.testing.assert_array_equal(np.asarray(Image.open(tmp_path / "grids/step_000000_grid_01.png")), sheet)
    validate("--checkpoint", "none", "--seed", 4)
    assert (tmp_path / "grids/step_000000_metrics.json").read_bytes() != first


def test_without_output_a_run_has_its_own_folder_and_the_workflows_leads_to_it(run, model, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    finished = run("validate", *QUICK, "--run", "run", "--checkpoint", "none", "--set", f"model.base={model}")
    assert finished.code == 0
    assert Path("validation_grids").resolve() == tmp_path / "run/validation"
    assert [path.name for path in Path("validation_grids").glob("*_metrics.json")] == ["step_000000_metrics.json"]


@pytest.mark.parametrize(
    ("checkpoint", "base", "folder"),
    [
        ("none", "mini", "out/run/validation"),
        ("latest", "mini", "out/run/validation"),
        ("out/run/checkpoint-000500", "mini", "out/run/validation"),
        ("out/run/final", "mini", "out/run/validation"),
        ("elsewhere/run/checkpoint-000500", "mini", "elsewhere/run/validation"),
        ("bought/adapter", "mini", "out/adapter/validation"),
        ("none", "sd15", "out/sd15/validation"),
        ("shipped", "mini", "out/mini-shipped/validation"),
    ],
)
def test_what_is_not_of_a_run_goes_beside_it(tmp_path, monkeypatch, checkpoint, base, folder):
    monkeypatch.chdir(tmp_path)
    config = load_config(None, ["output=out/run", f"model.base={base}"])
    adapter = None if checkpoint == "none" else Path("mini/adapter" if checkpoint == "shipped" else checkpoint)
    assert _folder(checkpoint, adapter, config, "mini").resolve() == tmp_path / folder


def test_the_base_that_a_run_was_trained_on_counts_not_the_configurations(tmp_path):
    config = load_config(None, [f"output={tmp_path / 'run'}", "model.base=sd15"])
    (tmp_path / "run").mkdir()
    (tmp_path / "run/config.yaml").write_text("model: {base: sd15}\n")
    assert _folder("none", None, config, "mini") == tmp_path / "run/validation"
