"""`wallpaint.load_finder`: which parts a name, folder or hub id gives, and the errors of those it cannot give."""

from __future__ import annotations

import json
import subprocess
import sys

import numpy as np
import pytest
import tiny_vision_models
from huggingface_hub import constants

from wallpaint import load_finder
from wallpaint.diffusion import KNOWN_MODELS, CombinedFinder, PromptableSegmenter, WallSegmenter
from wallpaint.errors import MissingWeightsError, SettingError, WallpaintError, WeightsError
from wallpaint.mask.select import Click, EdgesFinder, WallSelector


class StandInRooms:
    """In place of the shipped networks: all is wall."""

    automatic = True

    def look(self, pixels):
        return self

    def wall(self, clicks=(), previous=None, *, plane=False):
        return np.full((6, 9), 0.9, np.float32)


@pytest.fixture(autouse=True)
def cache(tmp_path, monkeypatch):
    """An empty cache of the hub, and no connections."""
    monkeypatch.setattr("wallpaint.painter.finders.RoomsFinder", StandInRooms)
    monkeypatch.setattr(constants, "HF_HUB_CACHE", str(tmp_path / "hub"))
    monkeypatch.setattr(constants, "HF_HUB_OFFLINE", True)
    return tmp_path / "hub"


def put(cache, name, kind):
    """A tiny model in the cache as a known one."""
    model = KNOWN_MODELS[name]
    snapshot = cache / f"models--{model.repo.replace('/', '--')}" / "snapshots" / model.revision
    snapshot.mkdir(parents=True)
    save = (
        tiny_vision_models.save_promptable
        if kind in tiny_vision_models.PROMPTABLE
        else tiny_vision_models.save_semantic
    )
    save(kind, snapshot)
    for path in model.files:
        if not (snapshot / path).exists():
            (snapshot / path).write_bytes(b"{}")
    return snapshot


def parts(finder):
    assert type(finder) is CombinedFinder
    assert finder.automatic
    return type(finder.prior), type(finder.points)


def test_the_finders_of_the_package_need_no_torch():
    code = "import sys; from wallpaint import load_finder; load_finder('edges'); print('torch' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True).stdout == "False\n"


@pytest.mark.parametrize(("name", "kind"), [("auto", StandInRooms), ("rooms", StandInRooms), ("edges", EdgesFinder)])
def test_the_finders_of_the_package_have_names(name, kind):
    assert type(load_finder(name)) is kind


def test_sam2_has_rooms_as_prior_unless_a_semantic_model_is_here(cache):
    put(cache, "sam2", "sam2_video")
    assert parts(load_finder("sam2")) == (StandInRooms, PromptableSegmenter)
    put(cache, "upernet-ade", "upernet")
    finder = load_finder("sam2")
    assert parts(finder) == (WallSegmenter, PromptableSegmenter)
    photo = np.random.default_rng(0).integers(0, 256, (60, 90, 3), np.uint8)
    assert WallSelector(photo, finder).select([Click(5, 5)], edges="hard").mask[5, 5] == 1


def test_a_model_whose_licence_forbids_commerce_is_no_prior(cache):
    put(cache, "sam2", "sam2")
    put(cache, "wall-segmenter", "segformer")
    assert parts(load_finder("sam2")) == (StandInRooms, PromptableSegmenter)
    with pytest.raises(MissingWeightsError):
        load_finder("ade")
    assert parts(load_finder("wall-segmenter")) == (WallSegmenter, StandInRooms)


@pytest.mark.parametrize("name", ["upernet-ade", "oneformer-ade"])
def test_ade_is_the_semantic_model_that_is_here(cache, name):
    put(cache, name, name.removesuffix("-ade"))
    finder = load_finder("ade")
    assert parts(finder) == (WallSegmenter, StandInRooms)
    assert finder.prior._model.config.model_type == name.removesuffix("-ade")


@pytest.mark.parametrize("kind", ["sam", "sam3_tracker", "mask2former"])
def test_folders_are_used_by_their_kind(tmp_path, kind):
    if kind in tiny_vision_models.PROMPTABLE:
        folder = tiny_vision_models.save_promptable(kind, tmp_path)
        expected = (StandInRooms, PromptableSegmenter)
    else:
        folder = tiny_vision_models.save_semantic(kind, tmp_path)
        expected = (WallSegmenter, StandInRooms)
    assert parts(load_finder(folder)) == parts(load_finder(str(folder))) == expected


@pytest.mark.parametrize(
    ("name", "command"),
    [
        ("sam2", "wallpaint models pull sam2"),
        ("ade", "wallpaint models pull upernet-ade"),
        ("facebook/sam-vit-base", "wallpaint models pull facebook/sam-vit-base"),
    ],
)
def test_the_error_of_a_missing_model_has_the_command_that_fetches_it(name, command):
    with pytest.raises(MissingWeightsError) as caught:
        load_finder(name)
    assert str(caught.value).startswith(f"{name}: ")
    assert str(caught.value).endswith(command)


@pytest.mark.parametrize("name", ["sam5", "wall-finder", "", "ade20k"])
def test_an_unknown_name_is_refused_with_the_known_ones(name):
    with pytest.raises(SettingError, match=f"finder cannot be '{name}': choose auto, rooms, edges, sam2, ade"):
        load_finder(name)


@pytest.mark.parametrize("content", [None, "[]", "{}", '{"model_type": "bert"}', "{"])
def test_a_folder_of_another_kind_is_one_line(tmp_path, content):
    folder = tmp_path / "model"
    folder.mkdir()
    if content:
        (folder / "config.json").write_text(content)
        (folder / "model.safetensors").write_bytes(b"")
        (folder / "preprocessor_config.json").write_text(json.dumps({"image_processor_type": "ViTImageProcessor"}))
    with pytest.raises(WeightsError) as caught:
        load_finder(folder)
    assert str(caught.value).startswith(str(folder))
    assert "\n" not in str(caught.value)


def test_a_file_is_no_finder(tmp_path):
    (tmp_path / "model.safetensors").write_bytes(b"")
    with pytest.raises(WeightsError, match=r"it is a file\. Name the folder"):
        load_finder(tmp_path / "model.safetensors")


def test_without_the_extra_the_error_says_how_to_install_it(monkeypatch):
    for name in [name for name in sys.modules if name.startswith("wallpaint.diffusion.vision.")]:
        monkeypatch.delitem(sys.modules, name)
    for name in ("CombinedFinder", "PromptableSegmenter", "WallSegmenter"):
        monkeypatch.delitem(vars(sys.modules["wallpaint.diffusion"]), name, raising=False)
    monkeypatch.setitem(sys.modules, "transformers", None)
    with pytest.raises(WallpaintError, match=r"pip install 'wallpaint\[diffusion\]'$"):
        load_finder("sam2")
