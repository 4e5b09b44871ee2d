from __future__ import annotations

import math

import pytest
import tiny_models
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from wallpaint.errors import WeightsError
from wallpaint.train.losses import LatentProbe


def linear_world(seed=0, count=3):
    """Pictures that are a linear map of their latents, in squares of 8 pixels."""
    generator = torch.Generator().manual_seed(seed)
    weight, bias = torch.randn(3, 4, generator=generator) * 0.1, torch.rand(3, generator=generator)
    latents = torch.randn(count, 4, 4, 4, generator=generator)
    srgb = torch.einsum("rc,bchw->brhw", weight, latents) + bias[:, None, None]
    pictures = torch.nn.functional.interpolate(srgb * 2 - 1, scale_factor=8, mode="nearest")
    return weight, bias, latents, pictures


@settings(max_examples=20)
@given(st.integers(0, 1000))
def test_a_linear_map_is_found(seed):
    weight, bias, latents, pictures = linear_world(seed)
    probe = LatentProbe.fit(latents, pictures)
    torch.testing.assert_close(probe.weight, weight, atol=1e-4, rtol=1e-3)
    torch.testing.assert_close(probe.bias, bias, atol=1e-4, rtol=1e-3)


def test_a_perfect_probe_has_no_error():
    _, _, latents, pictures = linear_world(count=6)
    fidelity = LatentProbe.fit(latents, pictures).fidelity(latents, pictures, torch.ones(6, 1, 32, 32))
    assert fidelity.r_squared == pytest.approx(1, abs=1e-5)
    assert fidelity.delta_e_2000_p95 < 0.01
    assert fidelity.walls == 6


def test_latents_without_information_decode_to_the_mean():
    _, _, latents, pictures = linear_world(count=6)
    nothing = torch.zeros_like(latents)
    probe = LatentProbe.fit(nothing, pictures)
    fidelity = probe.fidelity(nothing, pictures, torch.ones(6, 1, 32, 32))
    assert fidelity.r_squared == pytest.approx(0, abs=1e-5)
    assert fidelity.delta_e_2000 > 1
    torch.testing.assert_close(probe(nothing[:1])[0, :, 0, 0], pictures.mean((0, 2, 3)) / 2 + 0.5)


def test_pictures_without_wall_are_not_measured():
    _, _, latents, pictures = linear_world(count=3)
    masks = torch.zeros(3, 1, 32, 32)
    probe = LatentProbe.fit(latents, pictures)
    nothing = probe.fidelity(latents, pictures, masks)
    assert nothing.walls == 0
    assert math.isnan(nothing.delta_e_2000)
    masks[1, :, :16] = 1
    assert probe.fidelity(latents, pictures, masks).walls == 1


def test_pictures_in_one_colour_have_no_share_of_variance():
    latents = torch.randn(2, 4, 4, 4)
    pictures = torch.zeros(2, 3, 32, 32)
    assert math.isnan(
        LatentProbe.fit(latents, pictures).fidelity(latents, pictures, torch.ones(2, 1, 32, 32)).r_squared
    )


def test_fidelity_prints_its_figures():
    _, _, latents, pictures = linear_world()
    fidelity = LatentProbe.fit(latents, pictures).fidelity(latents, pictures, torch.ones(3, 1, 32, 32))
    assert str(fidelity) == "R² 1.000, CIEDE2000 of walls' means 0.0 (95 %: 0.0) in 3 pictures"


def test_latents_that_are_not_finite_are_refused():
    _, _, latents, pictures = linear_world()
    latents[0, 0, 0, 0] = torch.inf
    with pytest.raises(WeightsError, match=r"vae: .* NaN or infinite"):
        LatentProbe.fit(latents, pictures)


def test_no_latents_decode_worse_than_to_the_mean_colour():
    """Of a random VAE: plumbing, no measure of a trained one."""
    vae = tiny_models.tiny_vae()
    pictures = torch.rand(8, 3, 64, 64, generator=torch.Generator().manual_seed(0)) * 2 - 1
    with torch.no_grad():
        latents = vae.encode(pictures).latent_dist.mean * vae.config.scaling_factor
    fidelity = LatentProbe.fit(latents, pictures).fidelity(latents, pictures, torch.ones(8, 1, 64, 64))
    assert 0 < fidelity.r_squared < 1


def test_half_precision_adds_no_error_beyond_its_rounding():
    _, _, latents, pictures = linear_world()
    rounded = latents.bfloat16()
    probe = LatentProbe.fit(rounded, pictures)
    torch.testing.assert_close(probe(rounded), probe(rounded.float()))
    assert probe.weight.dtype == torch.float32
