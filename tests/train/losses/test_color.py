"""The colour loss on latents: what it decodes, which pixels it believes, and how much a noisy sample counts."""

from __future__ import annotations

import pytest
import tiny_models
import torch

from wallpaint.train.losses import COLOR_DISTANCES, ColorConsistencyLoss, LatentProbe, VaeDecoder

PROBE = LatentProbe(torch.eye(3, 4), torch.full((3,), 0.5))  # the first three latents are colours around grey


@pytest.fixture
def batch():
    pixel_values = torch.rand(2, 3, 64, 64, generator=torch.Generator().manual_seed(0)) * 2 - 1
    mask = torch.zeros(2, 1, 64, 64)
    mask[:, :, :36] = 1  # half of the fifth row of latents
    return {
        "pixel_values": pixel_values,
        "mask": mask,
        "dominant_color": torch.tensor([[191, 128, 64], [10, 200, 255]], dtype=torch.uint8),
    }


def latents_of(colors):
    latents = torch.zeros(len(colors), 4, 8, 8)
    latents[:, :3] = colors[:, :, None, None] / 255 - 0.5
    return latents


def test_latents_of_the_reference_cost_nothing(batch):
    losses = ColorConsistencyLoss(PROBE)(latents_of(batch["dominant_color"]), torch.tensor([0.9, 0.1]), **batch)
    assert losses.values.abs().max() < 1e-5
    assert losses.count == 2


def test_pixels_that_show_more_than_wall_are_left_out(batch):
    latents = latents_of(batch["dominant_color"])
    latents[:, :, 4:] = 9
    losses = ColorConsistencyLoss(PROBE)(latents, torch.ones(2), **batch)
    assert losses.values.abs().max() < 1e-5


def test_samples_are_weighted_by_their_share_of_signal(batch):
    loss, latents = ColorConsistencyLoss(PROBE), torch.zeros(2, 4, 8, 8)
    whole = loss(latents, torch.ones(2), **batch).values
    part = loss(latents, torch.tensor([0.25, 0.0]), **batch).values
    torch.testing.assert_close(part, whole * torch.tensor([0.25, 0.0]))
    assert whole.min() > 0.1


def test_a_wall_thinner_than_a_latent_is_not_measured(batch):
    batch["mask"][1] = 0
    batch["mask"][1, :, :, 30:35] = 1
    latents = torch.zeros(2, 4, 8, 8, requires_grad=True)
    losses = ColorConsistencyLoss(PROBE)(latents, torch.ones(2), **batch)
    losses.mean().backward()
    assert losses.measured.tolist() == [True, False]
    assert latents.grad[1].abs().max() == 0
    assert torch.isfinite(losses.mean())


@pytest.mark.parametrize("kind", COLOR_DISTANCES)
def test_every_distance_reaches_the_latents(batch, kind):
    latents = torch.zeros(2, 4, 8, 8, requires_grad=True)
    ColorConsistencyLoss(PROBE, COLOR_DISTANCES[kind]())(latents, torch.ones(2), **batch).mean().backward()
    assert torch.isfinite(latents.grad).all()
    assert (latents.grad[:, :3].abs().amax((1, 2, 3)) > 0).all()
    assert latents.grad[:, 3].abs().max() == 0  # the probe does not look at it


@pytest.mark.parametrize("kind", COLOR_DISTANCES)
def test_autocast_does_not_touch_colours(batch, kind):
    loss, latents = ColorConsistencyLoss(PROBE, COLOR_DISTANCES[kind]()), latents_of(torch.rand(2, 3) * 255)
    expected = loss(latents, torch.ones(2), **batch).values
    with torch.autocast("cpu", torch.bfloat16):
        torch.testing.assert_close(loss(latents, torch.ones(2), **batch).values, expected)


def test_the_vae_decodes_what_it_encoded(batch):
    vae = tiny_models.tiny_vae()
    with torch.no_grad():
        latents = vae.encode(batch["pixel_values"]).latent_dist.mean * vae.config.scaling_factor
        expected = vae.decode(latents / vae.config.scaling_factor).sample / 2 + 0.5
        torch.testing.assert_close(VaeDecoder(vae)(latents), expected)


def test_gradients_come_through_a_vae_of_lower_precision(batch):
    vae = tiny_models.tiny_vae().to(torch.bfloat16).requires_grad_(False)
    latents = torch.zeros(2, 4, 8, 8, requires_grad=True)
    losses = ColorConsistencyLoss(VaeDecoder(vae))(latents, torch.ones(2), **batch)
    losses.mean().backward()
    assert losses.values.dtype == torch.float32
    assert torch.isfinite(latents.grad).all()
    assert latents.grad.abs().max() > 0


def test_gradients_are_those_of_finite_differences(batch):
    latents = (0.1 * torch.randn(2, 4, 8, 8, generator=torch.Generator().manual_seed(1))).double().requires_grad_()
    probe = LatentProbe(torch.eye(3, 4).double(), torch.full((3,), 0.5).double())
    alphas = torch.tensor([0.5, 0.9]).double()

    def loss(values):
        return ColorConsistencyLoss(probe)(values, alphas, **batch).values

    assert torch.autograd.gradcheck(loss, latents, fast_mode=True)
