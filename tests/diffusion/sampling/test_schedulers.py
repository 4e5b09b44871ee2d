"""Schedulers, on pictures whose every pixel is drawn from N(m, s²): there the best prediction has a closed form."""

from __future__ import annotations

import subprocess
import sys

import pytest
import torch
from diffusers import DDPMScheduler, PNDMScheduler

from wallpaint.diffusion import SamplingSettings, sd15_config
from wallpaint.diffusion.sampling.schedulers import SCHEDULERS, check_terminal_snr, make_scheduler, set_timesteps
from wallpaint.errors import SettingError

MEAN, SPREAD = 0.7, 0.3
SD15 = sd15_config("scheduler")
SHAPE = (1, 4, 64, 64)


def predicted(noisy, alpha, prediction_type):
    """E[ε | x_t], or of v: exact for x_0 ~ N(MEAN, SPREAD²) and x_t = √ᾱ x_0 + √(1 − ᾱ) ε."""
    noise = (1 - alpha).sqrt() * (noisy - alpha.sqrt() * MEAN) / (alpha * SPREAD**2 + 1 - alpha)
    picture = (noisy - (1 - alpha).sqrt() * noise) / alpha.sqrt()
    return {
        "epsilon": noise,
        "v_prediction": alpha.sqrt() * noise - (1 - alpha).sqrt() * picture,
        "sample": picture,
    }[prediction_type]


def sampled(scheduler, steps, strength=1.0):
    """Noise exact samples with `strength`, and denoise them."""
    generator = torch.Generator().manual_seed(0)
    pictures = MEAN + SPREAD * torch.randn(SHAPE, generator=generator)
    timesteps = set_timesteps(scheduler, steps, strength)
    noisy = scheduler.add_noise(pictures, torch.randn(SHAPE, generator=generator), timesteps[:1])
    for timestep in timesteps:
        seen = scheduler.scale_model_input(noisy, timestep)
        answer = predicted(seen, scheduler.alphas_cumprod[timestep], scheduler.config["prediction_type"])
        noisy = scheduler.step(answer, timestep, noisy).prev_sample
    return noisy


@pytest.mark.parametrize("prediction_type", ["epsilon", "v_prediction", "sample"])
@pytest.mark.parametrize("name", SCHEDULERS)
def test_twenty_steps_give_the_right_mean(name, prediction_type):
    torch.manual_seed(1)
    arrived = sampled(make_scheduler(name, {**SD15, "prediction_type": prediction_type}), 20)
    assert float(arrived.mean()) == pytest.approx(MEAN, abs=0.01)


@pytest.mark.parametrize(("name", "tolerance"), [("dpm++", 0.05), ("unipc", 0.05), ("ddim", 0.25)])
def test_deterministic_solvers_keep_the_standard_deviation(name, tolerance):
    arrived = sampled(make_scheduler(name, SD15), 20)
    assert float(arrived.std()) == pytest.approx(SPREAD, rel=tolerance)


@pytest.mark.parametrize("strength", [0.3, 0.6])
@pytest.mark.parametrize("name", SCHEDULERS)
def test_partly_noised_pictures_are_recovered(name, strength):
    torch.manual_seed(1)
    assert float(sampled(make_scheduler(name, SD15), 20, strength).mean()) == pytest.approx(MEAN, abs=0.01)


@pytest.mark.parametrize("strength", [0.2, 0.5, 0.75, 1.0])
@pytest.mark.parametrize("name", SCHEDULERS)
def test_sampling_starts_at_the_share_of_the_schedule_that_strength_gives(name, strength):
    scheduler = make_scheduler(name, SD15)
    timesteps = set_timesteps(scheduler, 20, strength)
    widest_gap = float(-scheduler.timesteps.double().diff().min())
    assert abs(float(timesteps[0]) - 1000 * strength) <= widest_gap / 2 + 1
    assert (timesteps.diff() <= 0).all()
    torch.testing.assert_close(timesteps, scheduler.timesteps[-len(timesteps) :])


@pytest.mark.parametrize("name", SCHEDULERS)
@pytest.mark.parametrize("steps", [1, 2, 4, 50])
def test_at_full_strength_sampling_starts_from_pure_noise_and_runs_every_step(name, steps):
    timesteps = set_timesteps(make_scheduler(name, SD15), steps)
    assert float(timesteps[0]) == 999
    assert len(timesteps) == steps


@pytest.mark.parametrize("name", SCHEDULERS)
def test_a_small_strength_runs_at_least_one_step(name):
    assert len(set_timesteps(make_scheduler(name, SD15), 4, 0.001)) == 1


@pytest.mark.parametrize("base", [DDPMScheduler, PNDMScheduler])
@pytest.mark.parametrize("name", SCHEDULERS)
def test_the_noise_schedule_of_the_base_is_kept(name, base):
    kept = {
        "beta_start": 0.002,
        "beta_end": 0.03,
        "beta_schedule": "linear",
        "prediction_type": "v_prediction",
        "num_train_timesteps": 500,
    }
    config = make_scheduler(name, base(**kept, steps_offset=1).config).config
    assert {key: config[key] for key in kept} == kept
    assert config.get("steps_offset", 1) == 1
    assert not config.get("clip_sample", False)


def test_the_default_is_one_of_them():
    assert type(make_scheduler(SamplingSettings().scheduler, SD15)).__name__ == "DPMSolverMultistepScheduler"


def test_an_unknown_name_is_refused_with_the_known_ones():
    with pytest.raises(SettingError, match=r"no scheduler 'dpm': choose dpm\+\+, ddim, lcm or unipc\.$"):
        make_scheduler("dpm", SD15)


@pytest.mark.parametrize(
    ("name", "steps", "strength", "fault"),
    [
        ("dpm++", 0, 1, "steps cannot be 0: choose a whole number, 1 to 1,000"),
        ("ddim", 2.5, 1, r"steps cannot be 2\.5"),
        ("lcm", 51, 1, "steps cannot be 51: choose a whole number, 1 to 50"),
        ("dpm++", 20, 0, "strength cannot be 0"),
        ("dpm++", 20, 1.2, r"strength cannot be 1\.2"),
        ("dpm++", 20, float("nan"), "strength cannot be nan"),
    ],
)
def test_steps_and_strength_out_of_range_are_refused(name, steps, strength, fault):
    with pytest.raises(SettingError, match=fault):
        set_timesteps(make_scheduler(name, SD15), steps, strength)


def test_the_names_are_known_without_torch():
    code = (
        "import sys; from wallpaint.diffusion.sampling.schedulers import SCHEDULERS; assert 'torch' not in sys.modules"
    )
    subprocess.run([sys.executable, "-c", code], check=True)


def with_betas(**others):
    return {key: value for key, value in SD15.items() if not key.startswith("_")} | others


@pytest.mark.parametrize("name", SCHEDULERS)
def test_noise_predicted_on_a_schedule_that_ends_in_pure_noise_is_refused(name):
    with pytest.raises(
        SettingError, match=r"zero terminal SNR\) and predicts epsilon.*rescale_betas_zero_snr to false"
    ):
        make_scheduler(name, with_betas(rescale_betas_zero_snr=True))
    with pytest.raises(SettingError, match="zero terminal SNR"):
        make_scheduler(name, with_betas(trained_betas=[0.5] * 999 + [1.0]))


def test_other_predictions_and_schedules_are_not():
    check_terminal_snr(with_betas(rescale_betas_zero_snr=True, prediction_type="v_prediction"))
    check_terminal_snr(with_betas(rescale_betas_zero_snr=False))
    check_terminal_snr(with_betas(trained_betas=[0.01] * 1000))
