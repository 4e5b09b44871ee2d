"""The depth ControlNet: loading it, its fit to the UNet, and the control image."""

from __future__ import annotations

import numpy as np
import pytest
import tiny_models
import torch
from diffusers import ControlNetModel
from safetensors.torch import load_file, save_file

from wallpaint.diffusion.adapters import controlnet as depth_controlnet
from wallpaint.diffusion.adapters.controlnet import control_image, load_depth_controlnet
from wallpaint.errors import WeightsError

WEIGHTS = "diffusion_pytorch_model.safetensors"


@pytest.fixture(scope="module")
def unet():
    return tiny_models.tiny_unet()


@pytest.fixture(scope="module")
def original():
    return tiny_models.tiny_controlnet()


@pytest.fixture
def folder(original, tmp_path):
    original.save_pretrained(tmp_path / "controlnet")
    return tmp_path / "controlnet"


@pytest.fixture
def tiny_sd15(folder, monkeypatch):
    """Let SD 1.5's configuration be the tiny one, because single files have no configuration."""
    monkeypatch.setattr(depth_controlnet, "sd15_folder", lambda part: folder)


def assert_equal_weights(loaded, original):
    expected = original.state_dict()
    assert loaded.state_dict().keys() == expected.keys()
    for name, values in loaded.state_dict().items():
        torch.testing.assert_close(values, expected[name].to(values.dtype), rtol=0, atol=0)


@pytest.mark.parametrize("dtype", [torch.float32, torch.bfloat16])
def test_a_folder_is_loaded_as_it_is(folder, unet, original, dtype):
    controlnet = load_depth_controlnet(folder, unet, dtype)
    assert {values.dtype for values in controlnet.parameters()} == {dtype}
    assert not controlnet.training
    assert_equal_weights(controlnet, original)


def test_a_folder_with_only_half_precision_is_loaded(original, unet, tmp_path):
    original.half().save_pretrained(tmp_path, variant="fp16")
    try:
        assert_equal_weights(load_depth_controlnet(tmp_path, unet), original)
    finally:
        original.float()


def test_a_single_file_is_loaded(folder, unet, original, tiny_sd15):
    assert_equal_weights(load_depth_controlnet(folder / WEIGHTS, unet), original)


def test_a_single_pickle_is_loaded(original, unet, tiny_sd15, tmp_path):
    torch.save(original.state_dict(), tmp_path / "depth.pth")
    assert_equal_weights(load_depth_controlnet(tmp_path / "depth.pth", unet), original)


def test_a_single_file_has_the_shapes_of_sd15(folder, unet):
    with pytest.raises(WeightsError, match=r"its ControlNet cannot be loaded .* expected shape"):
        load_depth_controlnet(folder / WEIGHTS, unet)


@pytest.mark.parametrize(
    ("change", "difference"),
    [
        ({"cross_attention_dim": 48}, r"cross_attention_dim 48, the UNet's is 32"),
        ({"block_out_channels": (16, 32, 64)}, r"block_out_channels \(16, 32, 64\), the UNet's is \(16, 32, 32\)"),
        ({"layers_per_block": 2}, "layers_per_block 2, the UNet's is 1"),
    ],
)
def test_one_for_another_unet_is_refused_with_the_difference(unet, original, tmp_path, change, difference):
    ControlNetModel.from_config({**original.config, **change}).save_pretrained(tmp_path)
    with pytest.raises(WeightsError, match=difference):
        load_depth_controlnet(tmp_path, unet)


def damaged(folder, change):
    weights = load_file(folder / WEIGHTS)
    change(weights)
    save_file(weights, folder / WEIGHTS)


@pytest.mark.parametrize("name", ["controlnet", f"controlnet/{WEIGHTS}"])
def test_missing_weights_are_an_error(folder, unet, tiny_sd15, name):
    damaged(folder, lambda weights: weights.pop("conv_in.weight"))
    with pytest.raises(WeightsError, match=r"ControlNet (are missing|cannot be loaded .*weights are missing)"):
        load_depth_controlnet(folder.parent / name, unet)


@pytest.mark.parametrize("name", ["controlnet", f"controlnet/{WEIGHTS}"])
def test_a_truncated_file_is_a_one_line_error(folder, unet, tiny_sd15, name):
    (folder / WEIGHTS).write_bytes((folder / WEIGHTS).read_bytes()[:3000])
    with pytest.raises(WeightsError, match=r"models pull depth-controlnet$|damaged .*Get it again") as caught:
        load_depth_controlnet(folder.parent / name, unet)
    assert str(caught.value).startswith(f"{folder.parent / name}: ")
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("name", ["", WEIGHTS])
def test_a_unet_is_not_accepted_as_controlnet(unet, tiny_sd15, tmp_path, name):
    unet.save_pretrained(tmp_path)
    with pytest.raises(WeightsError, match="ControlNet"):
        load_depth_controlnet(tmp_path / name, unet)


def test_an_empty_folder_is_refused(unet, tmp_path):
    with pytest.raises(WeightsError, match="no weights of a ControlNet in this folder"):
        load_depth_controlnet(tmp_path, unet)


def test_the_control_image_is_grey_and_fills_its_range():
    depth = np.tile(np.linspace(0.3, 0.6, 64, dtype=np.float32), (48, 1))
    image = control_image(depth, (24, 32))
    assert (image.shape, image.dtype) == ((1, 3, 24, 32), torch.float32)
    assert (image.min(), image.max()) == (0, 1)
    assert (image == image[:, :1]).all()
    torch.testing.assert_close(image[0, 0, 5], torch.linspace(0, 1, 32), rtol=0, atol=0.02)


def test_the_output_depends_on_the_control_image(original):
    latents, tokens = torch.zeros(1, 4, 8, 8), torch.zeros(1, 3, tiny_models.DIM)
    ramp = np.tile(np.linspace(0, 1, 64, dtype=np.float32), (64, 1))
    with torch.inference_mode():
        middle = [
            original(latents, 500, tokens, controlnet_cond=control_image(depth, (64, 64))).mid_block_res_sample
            for depth in (ramp, ramp.T)
        ]
    assert (middle[0] - middle[1]).abs().max() > 1e-3
