"""The files of a repository that a model needs: one copy of each part's weights."""

from __future__ import annotations

import pytest

from wallpaint.diffusion.hub.catalog import KNOWN_MODELS
from wallpaint.diffusion.hub.repo_files import missing_files, network_weights, wanted_files
from wallpaint.errors import WeightsError

COPIES = [
    "diffusion_pytorch_model.fp16.safetensors",
    "diffusion_pytorch_model.safetensors",
    "diffusion_pytorch_model.fp16.bin",
    "diffusion_pytorch_model.bin",
]


@pytest.mark.parametrize("best", range(4))
def test_half_precision_goes_before_full_and_safetensors_before_pickle(best):
    names = ["config.json", "diffusion_pytorch_model.non_ema.safetensors", "diffusion_flax_model.msgpack"]
    assert network_weights([*names, *reversed(COPIES[best:])]) == [COPIES[best]]


def test_shards_have_their_index_and_are_not_mixed_with_a_single_file():
    shards = ["model-00001-of-00002.safetensors", "model-00002-of-00002.safetensors", "model.safetensors.index.json"]
    assert network_weights([*shards, "pytorch_model.bin"]) == shards
    assert network_weights([*shards, "model.fp16.safetensors"]) == ["model.fp16.safetensors"]


def test_two_of_twenty_gigabytes_of_the_public_inpainting_repository_are_needed():
    wanted = sorted(KNOWN_MODELS["sd15"].files)
    others = [
        ".gitattributes",
        "README.md",
        "config.json",
        "feature_extractor/preprocessor_config.json",
        "safety_checker/config.json",
        "safety_checker/model.fp16.safetensors",
        "safety_checker/pytorch_model.bin",
        "sd-v1-5-inpainting.ckpt",
        "text_encoder/pytorch_model.bin",
        "unet/diffusion_pytorch_model.bin",
        "vae/diffusion_pytorch_model.bin",
    ]
    assert wanted_files([*others, *wanted]) == wanted


@pytest.mark.parametrize(
    ("paths", "wanted"),
    [
        (["config.json", *COPIES, "images/depth.png"], ["config.json", COPIES[0]]),
        (["pytorch_lora_weights.safetensors", "a.safetensors"], ["pytorch_lora_weights.safetensors"]),
        (["adapter_config.json", "adapter_model.bin"], ["adapter_config.json", "adapter_model.bin"]),
        (["limewash.safetensors", "README.md"], ["limewash.safetensors"]),
        (["a.safetensors", "b.safetensors"], []),
        (["README.md", "config.json", "model.msgpack"], []),
        ([], []),
    ],
)
def test_from_a_repository_without_pipeline_the_files_at_the_top_are_needed(paths, wanted):
    assert wanted_files(paths) == wanted


def test_an_adapter_beside_a_pipeline_is_part_of_it():
    assert "ip_adapter.safetensors" in wanted_files(["model_index.json", "ip_adapter.safetensors", "whole.safetensors"])


def write(folder, *paths, content="{}"):
    for path in paths:
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_text(content)


def test_parts_in_the_index_are_missing_without_files(tmp_path):
    index = '{"unet": ["diffusers", "A"], "scheduler": ["diffusers", "B"], "safety_checker": ["c", "C"]}'
    write(tmp_path, "model_index.json", content=index)
    assert missing_files(tmp_path) == ["unet/config.json", "unet/*.safetensors", "scheduler/*"]
    write(tmp_path, "unet/config.json", "unet/diffusion_pytorch_model.bin", "scheduler/scheduler_config.json")
    assert missing_files(tmp_path) == []


def test_parts_without_an_index_are_an_incomplete_pipeline(tmp_path):
    write(tmp_path, "vae/diffusion_pytorch_model.safetensors", "vae/config.json")
    assert missing_files(tmp_path) == ["model_index.json"]


def test_a_network_needs_a_configuration_and_an_adapter_does_not(tmp_path):
    assert missing_files(tmp_path) == ["*.safetensors"]
    write(tmp_path, "limewash.safetensors")
    assert missing_files(tmp_path) == []
    write(tmp_path, "model.safetensors")
    assert missing_files(tmp_path) == ["config.json"]


@pytest.mark.parametrize("content", ["", "{", "[]", "\x00"])
def test_an_invalid_index_is_named(tmp_path, content):
    write(tmp_path, "model_index.json", content=content)
    with pytest.raises(WeightsError, match=r"model_index\.json: it .* Fetch or save the model again"):
        missing_files(tmp_path)
