"""An inpainting model from a text-to-image model."""

from __future__ import annotations

import json

import pytest
import tiny_models
import torch
from diffusers import UNet2DConditionModel
from safetensors.torch import save_file

from wallpaint.diffusion.checkpoints.base import load_base
from wallpaint.diffusion.checkpoints.merge_inpainting import merge_inpainting
from wallpaint.errors import OutputError, WeightsError

pytestmark = pytest.mark.usefixtures("no_network", "tiny_sd15")


def text_to_image(seed):
    torch.manual_seed(seed)
    return UNet2DConditionModel.from_config({**tiny_models.tiny_unet().config, "in_channels": 4})


@pytest.fixture
def models(tmp_path):
    """A fine-tuned model as a single file, and its base as a folder."""
    custom, base = text_to_image(1), text_to_image(2)
    save_file(custom.state_dict(), tmp_path / "custom.safetensors")
    base.save_pretrained(tmp_path / "base" / "unet")
    return custom, base


def test_what_was_learned_is_added_to_the_inpainting_model(models, tiny_folder, tmp_path):
    custom, base = (model.state_dict() for model in models)
    merge_inpainting(tmp_path / "custom.safetensors", tmp_path / "base", tmp_path / "out", tiny_folder, torch.float32)
    merged = load_base(tmp_path / "out")
    inpainting = tiny_models.tiny_unet().state_dict()
    for name, weight in merged.unet.state_dict().items():
        expected = inpainting[name].clone()
        if name == "conv_in.weight":
            expected[:, :4] += custom[name] - base[name]
        else:
            expected += custom[name] - base[name]
        torch.testing.assert_close(weight, expected)
    for name, value in tiny_models.tiny_vae().state_dict().items():
        assert torch.equal(merged.vae.state_dict()[name], value)
    assert json.loads((tmp_path / "out/unet/config.json").read_text())["in_channels"] == 9


def test_an_inpainting_model_and_a_folder_that_exists_are_refused(models, tiny_folder, tmp_path):
    with pytest.raises(WeightsError, match="9 input channels, not 4"):
        merge_inpainting(tiny_folder, tmp_path / "base", tmp_path / "out", tiny_folder)
    assert not (tmp_path / "out").exists()
    with pytest.raises(OutputError, match="it exists already"):
        merge_inpainting(tmp_path / "custom.safetensors", tmp_path / "base", tmp_path / "base", tiny_folder)


def test_a_model_of_other_shapes_is_refused(models, tiny_folder, tmp_path):
    config = {**tiny_models.tiny_unet().config, "in_channels": 4, "cross_attention_dim": 48}
    UNet2DConditionModel.from_config(config).save_pretrained(tmp_path / "wider" / "unet")
    with pytest.raises(WeightsError, match=r"wider: its weight .* does not fit"):
        merge_inpainting(tmp_path / "custom.safetensors", tmp_path / "wider", tmp_path / "out", tiny_folder)
