from __future__ import annotations

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from wallpaint.errors import SettingError
from wallpaint.train.losses import min_snr_weights, noise_error, predicted_clean, prediction_target

TYPES = ("epsilon", "v_prediction")
SIGNALS = st.floats(1e-3, 1 - 1e-3)


def draw(seed=0, signal=(0.9, 0.3)):
    generator = torch.Generator().manual_seed(seed)
    alphas = torch.tensor(signal, dtype=torch.float64)
    clean, noise = (torch.randn(len(alphas), 4, 3, 3, generator=generator, dtype=torch.float64) for _ in range(2))
    of_samples = alphas[:, None, None, None]
    return clean, noise, alphas, of_samples.sqrt() * clean + (1 - of_samples).sqrt() * noise


@pytest.mark.parametrize("kind", TYPES)
@given(signal=SIGNALS)
def test_a_perfect_prediction_gives_the_clean_latents(kind, signal):
    clean, noise, alphas, noisy = draw(signal=(signal,))
    target = prediction_target(clean, noise, alphas, kind)
    torch.testing.assert_close(predicted_clean(target, noisy, alphas, kind), clean)
    assert noise_error(target, target, alphas, kind).abs().max() == 0


@pytest.mark.parametrize("kind", TYPES)
@given(signal=SIGNALS)
def test_errors_of_noise_and_of_clean_latents_are_proportional(kind, signal):
    clean, noise, alphas, noisy = draw(signal=(signal,))
    target = prediction_target(clean, noise, alphas, kind)
    predicted = target + 0.1 * torch.randn(target.shape, generator=torch.Generator().manual_seed(1))
    off = noise_error(predicted, target, alphas, kind)
    expected = -(((1 - signal) / signal) ** 0.5) * off
    torch.testing.assert_close(predicted_clean(predicted, noisy, alphas, kind) - clean, expected)


def test_targets_are_those_of_diffusers():
    from diffusers import DDIMScheduler

    scheduler = DDIMScheduler()
    timesteps = torch.tensor([3, 700])
    alphas = scheduler.alphas_cumprod[timesteps].double()
    clean, noise, _, _ = draw()
    ours = prediction_target(clean, noise, alphas, "v_prediction")
    torch.testing.assert_close(ours, scheduler.get_velocity(clean, noise, timesteps), atol=1e-5, rtol=1e-4)


def test_min_snr_weights_are_those_of_the_paper():
    alphas = torch.tensor([0.0047, 0.5, 0.9, 0.999], dtype=torch.float64)
    snr = alphas / (1 - alphas)
    least = snr.clamp(max=5)
    torch.testing.assert_close(min_snr_weights(alphas, 5.0, "epsilon"), least / snr)
    torch.testing.assert_close(min_snr_weights(alphas, 5.0, "v_prediction"), least / (snr + 1))


@pytest.mark.parametrize("kind", TYPES)
def test_weights_are_finite_without_noise_and_without_signal(kind):
    weights = min_snr_weights(torch.tensor([0.0, 1.0]), 5.0, kind)
    assert torch.isfinite(weights).all()
    assert weights[1] == 0


@pytest.mark.parametrize("kind", TYPES)
def test_gradients_are_those_of_finite_differences(kind):
    _, noise, alphas, noisy = draw()
    predicted = torch.randn_like(noisy).requires_grad_()
    assert torch.autograd.gradcheck(lambda p: predicted_clean(p, noisy, alphas, kind), predicted)
    assert torch.autograd.gradcheck(lambda p: noise_error(p, noise, alphas, kind), predicted)


def test_another_kind_of_prediction_is_refused():
    clean, noise, alphas, noisy = draw()
    for call in (
        lambda: predicted_clean(clean, noisy, alphas, "sample"),
        lambda: prediction_target(clean, noise, alphas, "sample"),
        lambda: noise_error(clean, noise, alphas, "sample"),
        lambda: min_snr_weights(alphas, 5.0, "sample"),
    ):
        with pytest.raises(SettingError, match="'sample'"):
            call()
