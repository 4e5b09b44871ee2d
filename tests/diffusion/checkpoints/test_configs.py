"""The shipped configurations are those of the released weights: as many parameters, under the same names."""

from __future__ import annotations

import ldm_layout
import pytest
import torch
from diffusers import AutoencoderKL, ControlNetModel, DDIMScheduler, UNet2DConditionModel
from diffusers.loaders.single_file_utils import (
    convert_ldm_unet_checkpoint,
    convert_ldm_vae_checkpoint,
    infer_diffusers_model_type,
)
from transformers import CLIPTextConfig, CLIPTextModel, CLIPVisionConfig, CLIPVisionModelWithProjection

from wallpaint.diffusion.checkpoints.configs import PARTS, sd15_config, sd15_folder


def without_storage(part):
    config = sd15_config(part)
    with torch.device("meta"):
        match part:
            case "unet":
                return UNet2DConditionModel.from_config(config)
            case "vae":
                return AutoencoderKL.from_config(config)
            case "controlnet":
                return ControlNetModel.from_config(config)
            case "text_encoder":
                return CLIPTextModel(CLIPTextConfig(**config))
            case "image_encoder":
                return CLIPVisionModelWithProjection(CLIPVisionConfig(**config))


@pytest.fixture(scope="module")
def models():
    return {part: without_storage(part) for part in PARTS if part != "scheduler"}


@pytest.fixture(scope="module")
def released(models):
    return ldm_layout.single_file(models["unet"], models["vae"], models["text_encoder"])


@pytest.mark.parametrize(
    ("part", "count"),
    [
        ("unet", 859_535_364),
        ("vae", 83_653_863),
        ("text_encoder", 123_060_480),
        ("image_encoder", 632_076_800),
        ("controlnet", 361_279_120),
    ],
)
def test_a_part_has_the_parameters_of_the_release(models, part, count):
    assert sum(parameter.numel() for parameter in models[part].parameters()) == count


def test_noise_is_scheduled_as_in_the_release():
    schedule = DDIMScheduler.from_config(sd15_config("scheduler"))
    assert len(schedule.alphas_cumprod) == 1000
    assert float(schedule.betas[0]) == pytest.approx(0.00085)
    assert float(schedule.alphas_cumprod[-1]) == pytest.approx(0.004660, abs=1e-6)


@pytest.mark.parametrize("part", PARTS)
def test_the_folder_is_one_that_the_libraries_read(part):
    [config] = sd15_folder(part).iterdir()
    assert config.name == ("scheduler_config.json" if part == "scheduler" else "config.json")


@pytest.mark.parametrize(
    ("key", "shape"),
    [
        ("model.diffusion_model.input_blocks.0.0.weight", (320, 9, 3, 3)),
        ("model.diffusion_model.input_blocks.3.0.op.weight", (320, 320, 3, 3)),
        ("model.diffusion_model.input_blocks.4.0.skip_connection.weight", (640, 320, 1, 1)),
        ("model.diffusion_model.middle_block.1.transformer_blocks.0.attn2.to_k.weight", (1280, 768)),
        ("model.diffusion_model.output_blocks.2.1.conv.weight", (1280, 1280, 3, 3)),
        ("model.diffusion_model.output_blocks.5.2.conv.weight", (1280, 1280, 3, 3)),
        ("model.diffusion_model.output_blocks.11.0.skip_connection.weight", (320, 640, 1, 1)),
        ("model.diffusion_model.time_embed.2.weight", (1280, 1280)),
        ("model.diffusion_model.out.2.weight", (4, 320, 3, 3)),
        ("first_stage_model.encoder.down.1.block.0.nin_shortcut.weight", (256, 128, 1, 1)),
        ("first_stage_model.encoder.mid.attn_1.q.weight", (512, 512, 1, 1)),
        ("first_stage_model.decoder.up.0.block.0.nin_shortcut.weight", (128, 256, 1, 1)),
        ("first_stage_model.decoder.up.3.upsample.conv.weight", (512, 512, 3, 3)),
        ("first_stage_model.post_quant_conv.weight", (4, 4, 1, 1)),
        ("cond_stage_model.transformer.text_model.embeddings.position_embedding.weight", (77, 768)),
        ("cond_stage_model.transformer.text_model.encoder.layers.11.mlp.fc1.weight", (3072, 768)),
    ],
)
def test_the_released_single_file_has_these_names(released, key, shape):
    assert released[key].shape == shape


def test_every_weight_of_the_released_single_file_finds_its_place(models, released):
    for part, convert in (("unet", convert_ldm_unet_checkpoint), ("vae", convert_ldm_vae_checkpoint)):
        found = convert(dict(released), models[part].config)
        wanted = models[part].state_dict()
        assert {key: value.shape for key, value in found.items()} == {k: v.shape for k, v in wanted.items()}
    assert len(released) == sum(len(models[part].state_dict()) for part in ("unet", "vae", "text_encoder"))


def test_the_released_single_file_is_known_as_inpainting(released):
    assert infer_diffusers_model_type(released) == "inpainting"
