"""The parts in files of weights, read from headers: tiny models of the real classes, and damaged files."""

from __future__ import annotations

import struct

import numpy as np
import pytest
import tiny_models
import torch
from safetensors.numpy import load_file, save_file

from wallpaint.diffusion.checkpoints.inventory import PartInfo, parts_of
from wallpaint.errors import MissingFileError, MissingWeightsError, WeightsError


@pytest.fixture(scope="module")
def tiny(tmp_path_factory):
    return tiny_models.save_tiny_model(tmp_path_factory.mktemp("tiny"), controlnet=True)


def parameters(model):
    return sum(weights.numel() for weights in model.parameters())


def test_a_folder_has_its_parts_with_their_classes_and_parameters(tiny):
    parts = {part.name: part for part in parts_of(tiny)}
    models = {
        "unet": tiny_models.tiny_unet(),
        "vae": tiny_models.tiny_vae(),
        "text_encoder": tiny_models.tiny_text_encoder(),
        "image_encoder": tiny_models.tiny_image_encoder(),
        "controlnet": tiny_models.tiny_controlnet(),
    }
    for name, model in models.items():
        count = parameters(model)
        own = "a UNet with tokens of width 32"
        family = {"unet": f"{own} inpainting", "controlnet": own}.get(name, "")
        assert parts[name] == PartInfo(name, type(model).__name__, count, "float32", 4 * count, family=family)
    assert parts["ip_adapter"].class_name == "IP-Adapter Plus"
    assert parts.keys() == {*models, "ip_adapter"}


FILES = {
    "unet/diffusion_pytorch_model": "UNet2DConditionModel",
    "vae/diffusion_pytorch_model": "AutoencoderKL",
    "text_encoder/model": "CLIPTextModel",
    "image_encoder/model": "CLIPVisionModelWithProjection",
    "controlnet/diffusion_pytorch_model": "ControlNetModel",
    "ip_adapter": "IP-Adapter Plus",
}


@pytest.mark.parametrize(("file", "class_name"), FILES.items())
@pytest.mark.parametrize("pickled", [False, True], ids=["safetensors", "pickled"])
def test_the_class_of_a_single_file_is_found_by_its_keys(tiny, tmp_path, file, class_name, pickled):
    path = tiny / f"{file}.safetensors"
    expected = parts_of(path)[0]
    if pickled:
        path = tmp_path / f"{path.stem}.bin"
        torch.save(
            {key: torch.from_numpy(value) for key, value in load_file(tiny / f"{file}.safetensors").items()}, path
        )
    assert parts_of(path) == [expected]
    assert expected.class_name == class_name


def test_ip_adapter_and_plus_are_distinguished_in_the_official_pickled_layout(tmp_path):
    unet = tiny_models.tiny_unet()
    for name, state in {"plain": tiny_models.plain_state_dict(unet), "plus": tiny_models.plus_state_dict(unet)}.items():
        torch.save(state, tmp_path / f"{name}.bin")
    assert parts_of(tmp_path / "plain.bin")[0].class_name == "IP-Adapter"
    assert parts_of(tmp_path / "plus.bin")[0].class_name == "IP-Adapter Plus"


def save(path, *keys, dtype=np.float16):
    path.parent.mkdir(parents=True, exist_ok=True)
    save_file({key: np.zeros((2, 3), dtype) for key in keys}, path)
    return path


@pytest.mark.parametrize(
    "key",
    [
        "unet.down_blocks.0.attentions.0.transformer_blocks.0.attn1.to_q.lora_A.weight",
        "base_model.model.down_blocks.0.attn1.to_q.lora_B.weight",
        "lora_unet_down_blocks_0_attn1_to_q.lora_down.weight",
        "down_blocks.0.attn1.processor.to_q_lora.down.weight",
    ],
    ids=["diffusers", "peft", "kohya", "diffusers, first layout"],
)
def test_a_lora_is_known_in_every_layout(tmp_path, key):
    assert parts_of(save(tmp_path / "limewash.safetensors", key)) == [PartInfo("limewash", "LoRA", 6, "float16", 12)]


def test_an_adapter_folder_is_one_lora(tmp_path):
    save(tmp_path / "pytorch_lora_weights.safetensors", "unet.a.lora_A.weight", "unet.a.lora_B.weight")
    assert [(part.name, part.class_name) for part in parts_of(tmp_path)] == [("pytorch_lora_weights", "LoRA")]


def test_a_single_file_checkpoint_has_the_parts_of_a_pipeline(tmp_path):
    prefixes = ("model.diffusion_model.", "first_stage_model.", "cond_stage_model.", "model_ema.")
    parts = parts_of(save(tmp_path / "v1-5.safetensors", *(f"{prefix}weight" for prefix in prefixes)))
    assert [part.name for part in parts] == ["unet", "vae", "text_encoder"]


def test_only_the_copy_of_a_network_that_would_be_loaded_is_listed(tiny, tmp_path):
    folder = tmp_path / "unet"
    half = save(folder / "diffusion_pytorch_model.fp16.safetensors", "time_embedding.weight")
    (folder / "diffusion_pytorch_model.safetensors").write_bytes(b"not even looked at")
    assert parts_of(tmp_path) == [PartInfo("unet", "UNet2DConditionModel", 6, "float16", 12)]
    half.unlink()
    with pytest.raises(WeightsError):
        parts_of(tmp_path)


def test_types_are_counted_without_integer_buffers(tmp_path):
    values = {"a.weight": np.zeros(5, np.float32), "b": np.zeros(2, np.float16), "ids": np.zeros(9, np.int64)}
    save_file(values, tmp_path / "x.safetensors")
    assert parts_of(tmp_path / "x.safetensors") == [PartInfo("x", "unknown", 7, "float32, float16", 20 + 4 + 72)]


def test_a_part_in_the_index_without_files_is_missing(tmp_path):
    index = '{"unet": ["diffusers", "UNet2DConditionModel"], "scheduler": ["diffusers", "DDIMScheduler"]}'
    (tmp_path / "model_index.json").write_text(index)
    assert parts_of(tmp_path) == [
        PartInfo("unet", "UNet2DConditionModel", missing=True),
        PartInfo("scheduler", "DDIMScheduler", missing=True),
    ]
    (tmp_path / "scheduler").mkdir()
    (tmp_path / "scheduler/scheduler_config.json").write_text("{}")
    assert [part.missing for part in parts_of(tmp_path)] == [True, False]


def test_a_configuration_without_weights_is_a_missing_part(tmp_path):
    (tmp_path / "vae").mkdir()
    (tmp_path / "vae/config.json").write_text('{"_class_name": "AutoencoderKL"}')
    assert parts_of(tmp_path) == [PartInfo("vae", "AutoencoderKL", missing=True)]


def cut(path):
    path.write_bytes(path.read_bytes()[:-7])


def lengthen(path):
    path.write_bytes(path.read_bytes() + b"\0" * 7)


def empty(path):
    path.write_bytes(b"")


def claim_a_huge_header(path):
    path.write_bytes(struct.pack("<Q", 2**60) + path.read_bytes()[8:])


def scribble(path):
    path.write_bytes(b"<html>404</html>" * 9)


@pytest.mark.parametrize("damage", [cut, lengthen, empty, claim_a_huge_header, scribble])
def test_a_damaged_safetensors_file_is_named(tmp_path, damage):
    path = save(tmp_path / "x.safetensors", "a.weight")
    damage(path)
    with pytest.raises(WeightsError, match=r"^.*x\.safetensors: damaged or cut short") as raised:
        parts_of(path)
    assert "\n" not in str(raised.value)


@pytest.mark.parametrize("damage", [cut, empty, scribble])
def test_a_damaged_pickled_file_is_named(tmp_path, damage):
    path = tmp_path / "x.ckpt"
    torch.save({"a": torch.zeros(300)}, path)
    damage(path)
    with pytest.raises(WeightsError, match=r"x\.ckpt: damaged, cut short") as raised:
        parts_of(path)
    assert "\n" not in str(raised.value)


class Harmful:
    def __reduce__(self):
        return print, ("code that must not run",)


def test_no_code_in_a_pickled_file_runs(tmp_path, capsys):
    torch.save({"a": Harmful()}, tmp_path / "x.pt")
    with pytest.raises(WeightsError, match="unsafe: it contains Python objects"):
        parts_of(tmp_path / "x.pt")
    assert capsys.readouterr().out == ""


def test_a_folder_or_file_without_weights_is_refused(tmp_path):
    with pytest.raises(MissingWeightsError):
        parts_of(tmp_path)
    with pytest.raises(MissingFileError):
        parts_of(tmp_path / "nothing")
    (tmp_path / "room.jpg").write_bytes(b"")
    with pytest.raises(WeightsError, match="not a file of weights"):
        parts_of(tmp_path / "room.jpg")
