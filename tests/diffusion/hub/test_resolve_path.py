"""From a path, a known name or a hub id to files on this machine."""

from __future__ import annotations

import sys
from pathlib import Path
from types import ModuleType

import pytest

from wallpaint.diffusion.adapters.controlnet import load_depth_controlnet
from wallpaint.diffusion.hub.resolve_path import resolve_part, resolve_path
from wallpaint.diffusion.vision.depth_estimation import DepthEstimator
from wallpaint.errors import MissingWeightsError


@pytest.fixture
def asked(monkeypatch):
    """The names that are looked up in the hub's cache, which has none of them."""
    names = []

    def find_model(name):
        names.append(name)
        raise MissingWeightsError(name, f"it is not on this machine. Fetch it: wallpaint models pull {name}")

    hub = ModuleType("wallpaint.diffusion.hub.download")
    hub.find_model = find_model
    monkeypatch.setitem(sys.modules, "wallpaint.diffusion.hub.download", hub)
    return names


def test_a_path_is_taken_as_it_is(asked, tmp_path):
    (tmp_path / "weights.safetensors").touch()
    assert resolve_path(str(tmp_path)) == tmp_path
    assert resolve_path(tmp_path / "weights.safetensors") == tmp_path / "weights.safetensors"
    assert asked == []


@pytest.mark.parametrize("name", ["depth-anything", "owner/name@main"])
def test_a_name_is_looked_up_in_the_cache(asked, name):
    with pytest.raises(MissingWeightsError, match=f"wallpaint models pull {name}"):
        resolve_path(name)
    assert asked == [name]


@pytest.mark.parametrize("source", [Path("owner/name"), "./nowhere", "/nowhere", "~/nowhere", "nowhere.pth"])
def test_a_missing_path_is_not_looked_up(asked, source):
    with pytest.raises(MissingWeightsError, match="there is no such file or folder"):
        resolve_path(source)
    assert asked == []


def test_the_error_of_a_missing_model_has_the_command_that_fetches_it(asked):
    with pytest.raises(MissingWeightsError, match="wallpaint models pull depth-anything"):
        DepthEstimator()
    with pytest.raises(MissingWeightsError, match="wallpaint models pull depth-controlnet"):
        load_depth_controlnet("depth-controlnet", unet=None)


@pytest.mark.parametrize("name", ["owner/name:models/a.safetensors", "owner/name@v1:a.bin"])
def test_a_file_of_a_repository_is_looked_up_in_the_cache(asked, name):
    for resolve in (resolve_path, lambda source: resolve_part(source, "Check the path.")):
        with pytest.raises(MissingWeightsError, match=f"wallpaint models pull {name}"):
            resolve(name)
    assert asked == [name, name]


@pytest.mark.parametrize("source", ["limewash", "limewash.safetensors", Path("owner/name"), "/nowhere/limewash"])
def test_a_part_that_is_no_file_is_a_missing_file_with_its_own_cure(asked, source):
    with pytest.raises(MissingWeightsError, match=r"limewash|owner/name: there is no such file or folder\. Draw one\."):
        resolve_part(source, "Draw one.")
    assert asked == []
