"""``wallpaint paint --model`` and ``palette --model``, with a tiny random model."""

from __future__ import annotations

import json
import re
from pathlib import Path

import numpy as np
import pytest
import tiny_models
from PIL import Image

from wallpaint.cli.diffusion import diffusion_parameters, flag_of

pytestmark = pytest.mark.usefixtures("no_network")

CHOICES = ("--steps", "2", "--precision", "fp32", "--device", "cpu", "--no-depth")


@pytest.fixture(scope="module")
def model_folder(tmp_path_factory):
    return tiny_models.save_tiny_model(tmp_path_factory.mktemp("cli") / "model", controlnet=True)


def test_paint_with_a_model_writes_the_locked_picture_and_the_raw_one(run, files, model_folder, tmp_path):
    out, raw = tmp_path / "out.png", tmp_path / "raw.png"
    command = ("paint", files[0], "-m", files[1], "-c", "#7A9E7E", "--model", model_folder, *CHOICES, "-o", out)
    result = run(*command, "--raw", raw, "--json")
    assert result.code == 0
    assert "computing in fp32" in result.err
    measured = json.loads(result.out)
    assert measured["delta_e_2000_median"] <= 0.5
    assert measured["outside_max_change"] == 0
    assert measured["raw"]["outside_max_change"] == 0
    assert measured["raw"]["delta_e_2000_median"] > 0.5
    assert Image.open(out).text["wallpaint:engine"] == "diffusion"
    assert (np.asarray(Image.open(out)) != np.asarray(Image.open(raw))).any()


def test_the_table_shows_the_raw_figures_beside_the_locked_ones(run, files, model_folder, tmp_path):
    result = run(
        "paint", files[0], "-m", files[1], "-c", "#7A9E7E", "--model", model_folder, *CHOICES, "-o", tmp_path / "o.png"
    )
    assert "before the lock" in result.out


def test_a_depth_map_is_read_and_used(run, files, model_folder, tmp_path):
    depth = tmp_path / "depth.png"
    Image.fromarray(np.tile(np.arange(240, dtype=np.uint8), (160, 1))).save(depth)
    choices = [choice for choice in CHOICES if choice != "--no-depth"]
    out = tmp_path / "out.png"
    run("paint", files[0], "-m", files[1], "-c", "red", "--model", model_folder, *choices, "--depth", depth, "-o", out)
    assert Image.open(out).text["wallpaint:depth"] == "yes"


@pytest.mark.parametrize("command", ["paint", "palette"])
@pytest.mark.parametrize("cure", ["add --controlnet depth-controlnet", "leave out --no-depth"])
def test_a_depth_map_that_is_not_used_is_refused(run, files, model_folder, tiny_folder, command, cure):
    colors = ("-c", "red") if command == "paint" else ("red",)
    model = (tiny_folder,) if cure.startswith("add") else (model_folder, "--no-depth")
    choices = ("--depth", files[1], "--precision", "fp32", "--device", "cpu")
    result = run(command, files[0], *colors, "-m", files[1], *choices, "--model", *model)
    assert result.code == 2
    assert result.err == f"--depth has no effect without a ControlNet: {cure}.\n"


def test_palette_with_a_model_paints_every_colour(run, files, model_folder, tmp_path):
    colors = ("#7A9E7E", "#2F4858", "#C1440E")
    command = ("palette", files[0], *colors, "-m", files[1], "--model", model_folder, *CHOICES, "--batch-size", "2")
    result = run(*command, "-o", tmp_path / "palette", "--json")
    assert result.code == 0
    results = json.loads(result.out)["results"]
    assert [each["reference"].upper() for each in results] == [color.upper() for color in colors]
    assert all(each["delta_e_2000_median"] <= 0.5 for each in results)


@pytest.mark.parametrize(
    ("more", "message"),
    [
        (("--engine", "magic"), "choose auto, albedo or diffusion"),
        (("--engine", "albedo", "--model", "MODEL"), "--engine albedo paints without a model"),
        (("--engine", "albedo", "--steps", "5"), "--steps: only for the diffusion engine"),
        (("--steps", "5"), "--steps: only for the diffusion engine. Give its model"),
        (("--compile", "--depth", "near.png"), "--depth, --compile: only for the diffusion engine"),
        (("--raw", "raw.png"), "--raw needs a diffusion model"),
        (("--model", "nothing/here.safetensors"), "there is no such file"),
        (("--model", "MODEL", "--steps", "0"), "choose a whole number, at least 1"),
        (("--model", "MODEL", "--scheduler", "magic"), "magic"),
        (("--model", "MODEL", "--detail", "magic"), "magic"),
        (("--model", "MODEL", "--precision", "fp8"), "fp8"),
        (("--model", "MODEL", "--device", "abacus"), "abacus"),
        (("--model", "MODEL", "--adapter", "EMPTY"), "there is neither"),
        (("--model", "MODEL", "--lora", "none.safetensors"), "none.safetensors"),
        (("--model", "MODEL", "--ip-adapter", "none.bin"), "none.bin"),
    ],
)
def test_a_wrong_option_is_a_one_line_error_and_exit_2(run, files, model_folder, tmp_path, more, message):
    (tmp_path / "empty").mkdir()
    named = {"MODEL": str(model_folder), "EMPTY": str(tmp_path / "empty")}
    result = run("paint", files[0], "-m", files[1], "-c", "red", *(named.get(word, word) for word in more))
    assert result.code == 2
    assert message in result.err
    assert len(result.err.strip().splitlines()) == 1
    assert not (files[0].with_name("room-painted.png")).exists()


def test_every_option_is_in_the_document():
    document = (Path(__file__).parents[2] / "docs" / "diffusion.md").read_text(encoding="utf-8")
    for name in diffusion_parameters():
        assert re.search(rf"^\|.*`{flag_of(name)}\b", document, re.MULTILINE), name
