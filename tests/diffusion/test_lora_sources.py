"""LoRAs as users name them: files, folders and hub ids, with and without a scale."""

from __future__ import annotations

import pytest

from wallpaint.diffusion.lora_sources import find_loras, split_scale
from wallpaint.errors import MissingWeightsError, SettingError


@pytest.fixture
def file(tmp_path):
    (tmp_path / "sage.safetensors").touch()
    return tmp_path / "sage.safetensors"


def test_one_or_several_sources_are_found_in_their_order(file):
    assert find_loras(None) == ()
    assert find_loras(file) == find_loras(str(file)) == find_loras([file]) == ((file, None),)
    assert find_loras((file, 0.5)) == find_loras(f"{file}=0.5") == ((file, 0.5),)
    assert find_loras([f"{file}=-1", (str(file), 2), file.parent]) == ((file, -1.0), (file, 2), (file.parent, None))


def test_a_file_with_an_equals_sign_in_its_name_is_found(tmp_path):
    (tmp_path / "r=8.safetensors").touch()
    assert split_scale(str(tmp_path / "r=8.safetensors")) == (str(tmp_path / "r=8.safetensors"), None)
    assert split_scale(f"{tmp_path}/r=8.safetensors=0.5") == (f"{tmp_path}/r=8.safetensors", 0.5)


def test_a_hub_id_may_have_a_scale():
    assert split_scale("owner/name@v1:a=b.safetensors=.5") == ("owner/name@v1:a=b.safetensors", 0.5)


def test_a_scale_that_is_not_a_number_is_refused(file):
    with pytest.raises(SettingError, match=r"sage\.safetensors cannot be 'much': write FILE=0\.6"):
        find_loras(f"{file}=much")


def test_a_missing_file_is_named_with_what_a_source_may_be(file):
    with pytest.raises(MissingWeightsError, match=r"limewash\.safetensors: .*Check the path, or give a hub id"):
        find_loras([file, "limewash.safetensors=0.5"])
