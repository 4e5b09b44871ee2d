"""Modules in mixed precision: half precision inside, float32 inputs and outputs."""

from __future__ import annotations

import pytest
import tiny_models
import torch
from diffusers.models.controlnets.controlnet import ControlNetOutput
from peft import LoraConfig
from transformers.modeling_outputs import BaseModelOutput

from wallpaint.diffusion.precision.mixed_precision import use_mixed_precision

LATENTS = torch.randn(2, 9, 8, 8, generator=torch.Generator().manual_seed(0))
TOKENS = torch.randn(2, 3, tiny_models.DIM, generator=torch.Generator().manual_seed(1))


class Echo(torch.nn.Module):
    """Returns its arguments, and stores them."""

    def __init__(self):
        super().__init__()
        self.weight = torch.nn.Parameter(torch.ones(2, 3, 1, 1))

    def forward(self, *args, **kwargs):
        self.seen = args, kwargs
        return args, kwargs


@pytest.fixture
def echo():
    echo = Echo()
    use_mixed_precision(echo, torch.bfloat16)
    return echo


def dtypes(values):
    return [value.dtype for value in values]


def test_tensors_are_converted_wherever_they_are(echo):
    float32, bfloat16 = torch.ones(2, 3), torch.ones(2, 3, dtype=torch.bfloat16)
    (first, (second, third)), kwargs = echo(
        float32, [float32.double(), bfloat16], named={"deep": (float32,)}, other=None
    )
    (seen_first, (seen_second, seen_third)), seen_kwargs = echo.seen
    seen = [seen_first, seen_second, seen_third, seen_kwargs["named"]["deep"][0]]
    assert dtypes(seen) == [torch.bfloat16] * 4
    assert dtypes([first, second, third, kwargs["named"]["deep"][0]]) == [torch.float32] * 4
    assert kwargs["other"] is None


def test_integers_booleans_and_timesteps_are_not_converted(echo):
    echo(torch.tensor([[3]]), torch.tensor([[True]]), torch.tensor(999.0), torch.tensor([999.0, 0.5]), 0.7, "word")
    integer, boolean, timestep, timesteps, scale, word = echo.seen[0]
    assert dtypes([integer, boolean, timestep, timesteps]) == [torch.int64, torch.bool, torch.float32, torch.float32]
    assert (float(timestep), scale, word) == (999.0, 0.7, "word")


@pytest.mark.parametrize("kind", [BaseModelOutput, ControlNetOutput])
def test_outputs_keep_their_class(echo, kind):
    half = torch.ones(1, 2, 3, dtype=torch.bfloat16)
    fields = {
        BaseModelOutput: {"last_hidden_state": half, "hidden_states": (half, half)},
        ControlNetOutput: {"down_block_res_samples": (half, half), "mid_block_res_sample": half},
    }[kind]
    echo.forward = lambda: kind(**fields)
    answer = echo()
    assert type(answer) is kind
    assert list(answer.keys()) == list(fields)
    tensors = [tensor for field in answer.to_tuple() for tensor in (field if isinstance(field, tuple) else (field,))]
    assert dtypes(tensors) == [torch.float32] * 3


def test_inputs_get_the_layout_and_outputs_are_contiguous():
    echo = Echo()
    use_mixed_precision(echo, torch.float32, torch.channels_last)
    (picture,), _ = echo(torch.rand(1, 3, 4, 5))
    assert echo.seen[0][0].is_contiguous(memory_format=torch.channels_last)
    assert echo.weight.is_contiguous(memory_format=torch.channels_last)
    assert picture.is_contiguous()


@pytest.mark.parametrize("memory_format", [torch.contiguous_format, torch.channels_last])
def test_float32_changes_no_output(memory_format):
    unet, converted = tiny_models.tiny_unet(), tiny_models.tiny_unet()
    use_mixed_precision(converted, torch.float32, memory_format)
    with torch.inference_mode():
        torch.testing.assert_close(converted(LATENTS, 500, TOKENS).sample, unet(LATENTS, 500, TOKENS).sample)


@pytest.mark.parametrize("memory_format", [torch.contiguous_format, torch.channels_last])
def test_the_output_of_a_unet_with_controlnet_is_float32_and_nearly_the_same(memory_format):
    answers = []
    for mixed in (False, True):
        unet, controlnet = tiny_models.tiny_unet(), tiny_models.tiny_controlnet()
        if mixed:
            use_mixed_precision(unet, torch.bfloat16, memory_format)
            use_mixed_precision(controlnet, torch.bfloat16, memory_format)
        with torch.inference_mode():
            down, middle = controlnet(
                LATENTS[:, :4], torch.tensor(801), TOKENS, controlnet_cond=torch.ones(2, 3, 64, 64), return_dict=False
            )
            assert dtypes([*down, middle]) == [torch.float32] * (len(down) + 1)
            answers.append(
                unet(
                    LATENTS,
                    torch.tensor(801),
                    encoder_hidden_states=TOKENS,
                    down_block_additional_residuals=down,
                    mid_block_additional_residual=middle,
                ).sample
            )
    exact, near = answers
    assert near.dtype == torch.float32
    assert not torch.equal(near, exact)
    assert (near - exact).norm() < 0.05 * exact.norm()


def test_timesteps_keep_their_precision():
    """In bfloat16 timesteps 999 and 1000 are equal."""
    unet = tiny_models.tiny_unet()
    use_mixed_precision(unet, torch.bfloat16)
    with torch.inference_mode():
        answers = [unet(LATENTS, torch.tensor(timestep), TOKENS).sample for timestep in (999.0, 1000.0)]
    assert not torch.equal(*answers)


def test_the_output_of_an_image_encoder_is_float32():
    encoder = tiny_models.tiny_image_encoder()
    use_mixed_precision(encoder, torch.bfloat16)
    answer = encoder(torch.zeros(1, 3, 28, 28), output_hidden_states=True)
    assert dtypes([answer.image_embeds, *answer.hidden_states]) == [torch.float32] * (1 + len(answer.hidden_states))


def test_a_vae_whose_children_are_converted_encodes_and_decodes_in_float32():
    vae = tiny_models.tiny_vae()
    picture = torch.rand(1, 3, 64, 64, generator=torch.Generator().manual_seed(0)) * 2 - 1
    with torch.inference_mode():
        exact = vae.decode(vae.encode(picture).latent_dist.mode()).sample
        for child in vae.children():
            use_mixed_precision(child, torch.bfloat16, torch.channels_last)
        latents = vae.encode(picture).latent_dist.mode()
        near = vae.decode(latents).sample
    assert {values.dtype for values in vae.parameters()} == {torch.bfloat16}
    assert dtypes([latents, near]) == [torch.float32] * 2
    assert (near - exact).norm() < 0.1 * exact.norm()


def test_gradients_flow_to_adapters_in_float32():
    unet = tiny_models.tiny_unet().requires_grad_(False)
    use_mixed_precision(unet, torch.bfloat16)
    unet.add_adapter(LoraConfig(r=2, target_modules=["to_q"], init_lora_weights=False))
    trained = [values for values in unet.parameters() if values.requires_grad]
    for values in trained:
        values.data = values.data.float()
    latents = LATENTS.clone().requires_grad_()
    unet(latents, 500, TOKENS).sample.square().mean().backward()
    assert {values.dtype for values in trained} == {torch.float32}
    assert all(values.grad.abs().max() > 0 for values in trained)
    assert latents.grad.dtype == torch.float32
    assert unet.conv_in.weight.dtype == torch.bfloat16


def test_a_second_conversion_replaces_the_first(echo):
    use_mixed_precision(echo, torch.float64)
    echo(torch.ones(2, 2))
    assert (echo.seen[0][0].dtype, echo.weight.dtype) == (torch.float64, torch.float64)
