"""One training step: noise, loss, and the weights that get gradients."""

from __future__ import annotations

from dataclasses import replace

import pytest
import torch
from accelerate.state import AcceleratorState
from tiny_lora import randomize

from wallpaint.data import collate
from wallpaint.diffusion.adapters.ip_adapter import projections
from wallpaint.errors import SettingError, WeightsError
from wallpaint.train.batches.batch import LatentCache, encode_batch
from wallpaint.train.batches.samples import sample_loader, training_dataset
from wallpaint.train.losses import masked_mse, mean_error, min_snr_weights
from wallpaint.train.models.denoiser import Denoiser
from wallpaint.train.models.training_models import load_training_models
from wallpaint.train.trainer.launch import launch
from wallpaint.train.trainer.objective import make_objective
from wallpaint.train.trainer.step import Objective, StepNoise, draw_step_noise, training_step


class Scene:
    """Models, a batch and the noise of a configuration's first step."""

    def __init__(self, config):
        AcceleratorState._reset_state(reset_partial_state=True)  # a test may compare precisions
        precision, self.accelerator = launch(config)
        self.config, self.samples = config, training_dataset(config)
        self.models = load_training_models(config, precision, torch.device("cpu"))
        self.denoiser = Denoiser(self.models.unet, self.models.controlnet)
        self.collated = collate([sample for _, sample in next(iter(sample_loader(self.samples, config, 0, 1)))])
        self.batch = encode_batch(self.models, self.collated, LatentCache(None))
        self.step_noise = draw_step_noise(self.models, config.objective, self.batch.latents.shape, config.seed, 0, 0, 1)

    def loss(self, objective=None, batch=None):
        objective = objective or Objective(self.config.objective)
        with self.accelerator.autocast():
            return training_step(self.models, self.denoiser, batch or self.batch, self.step_noise, objective)

    def prediction(self):
        """By hand: ᾱ, noisy latents, and what the UNet says of them."""
        batch, alphas = self.batch, self.models.alphas_cumprod[self.step_noise.timesteps].view(-1, 1, 1, 1)
        noisy = alphas.sqrt() * batch.latents + (1 - alphas).sqrt() * self.step_noise.noise
        channels = torch.cat([noisy, batch.mask, batch.masked_latents], 1)
        prompt = self.models.prompt_embeds.repeat(len(noisy), 1, 1)
        images = {"image_embeds": batch.reference_embeds}
        return (
            alphas,
            noisy,
            self.models.unet(channels, self.step_noise.timesteps, prompt, added_cond_kwargs=images).sample,
        )


@pytest.fixture
def scene(config):
    return lambda *more, walls="Walls": Scene(config(*more, walls=walls))


PLAIN = ("objective.mean_error_weight=0", "objective.high_timestep_share=0")


def test_the_loss_is_the_error_of_the_noise_by_hand(scene):
    here = scene(*PLAIN)
    _, _, predicted = here.prediction()
    expected = (predicted - here.step_noise.noise).square().mean()
    assert here.loss().total.item() == pytest.approx(expected.item(), rel=1e-6)
    assert here.loss().of_samples.mean().item() == pytest.approx(expected.item(), rel=1e-6)


def test_every_term_of_the_objective_counts_with_its_weight(scene):
    here = scene("objective={masked_loss_weight: 3, min_snr_gamma: 5, mean_error_weight: 0.5}")
    alphas, _, predicted = here.prediction()
    flat, mask, noise = alphas.flatten(), here.batch.mask, here.step_noise.noise
    of_noise = masked_mse(predicted, noise, mask, 3)
    of_mean = mean_error(predicted - noise, mask, flat).values
    expected = (of_noise * min_snr_weights(flat, 5, "epsilon") + 0.5 * of_mean).mean()
    loss = here.loss()
    assert loss.total.item() == pytest.approx(expected.item(), rel=1e-5)
    assert loss.parts["noise"].item() == pytest.approx(of_noise.mean().item(), rel=1e-5)
    assert loss.parts["mean_error"].item() == pytest.approx(of_mean.mean().item(), rel=1e-5)


@pytest.mark.parametrize("decoder", ["probe", "vae"])
def test_the_colour_loss_is_added_if_it_is_enabled(scene, decoder):
    here = scene(*PLAIN, "training.use_color_loss=true", f"training.color_loss_decoder={decoder}")
    objective = make_objective(here.config, here.models, here.samples)
    plain, loss = here.loss(), here.loss(replace(objective, color_weight=0.25))
    assert loss.parts["color"] > 0
    expected = plain.total.item() + 0.25 * loss.parts["color"].item()
    assert loss.total.item() == pytest.approx(expected, rel=1e-5)


def test_a_step_can_be_replayed(scene):
    one, again = scene(), scene()
    assert one.loss().total.item() == again.loss().total.item()
    assert torch.equal(one.loss().of_samples, one.loss().of_samples)


def test_the_target_of_a_velocity_model_is_velocity(scene):
    here = scene(*PLAIN)
    here.models = replace(here.models, prediction_type="v_prediction")
    alphas, _, predicted = here.prediction()
    velocity = alphas.sqrt() * here.step_noise.noise - (1 - alphas).sqrt() * here.batch.latents
    assert here.loss().total.item() == pytest.approx((predicted - velocity).square().mean().item(), rel=1e-6)


def test_processes_divide_the_noise_of_a_single_process(scene):
    here = scene()
    models, objective, (count, *rest) = here.models, here.config.objective, here.batch.latents.shape
    halves = [draw_step_noise(models, objective, torch.Size([count // 2, *rest]), 7, 3, rank, 2) for rank in (0, 1)]
    alone = draw_step_noise(models, objective, torch.Size([count, *rest]), 7, 3, 0, 1)
    joined = StepNoise(torch.cat([h.timesteps for h in halves]), torch.cat([h.noise for h in halves]))
    assert torch.equal(joined.timesteps, alone.timesteps)
    assert torch.equal(joined.noise, alone.noise)


@pytest.mark.parametrize(
    ("parts", "marks"),
    [
        (["lora"], [".lora_A.", ".lora_B."]),
        (["ip_adapter_projection"], ["encoder_hid_proj"]),
        (["ip_adapter_attention"], ["_ip."]),
        (["lora", "ip_adapter_attention"], [".lora_A.", ".lora_B.", "_ip."]),
    ],
)
def test_gradients_reach_what_is_trained_and_nothing_else(scene, parts, marks):
    here = scene(f"model.train=[{', '.join(parts)}]")
    if "lora" in parts:
        randomize(here.models.unet)  # of a new one the first half has no gradient yet
    here.loss().total.backward()
    trained = here.models.trained()
    assert trained
    assert all(any(mark in name for mark in marks) for name in trained)
    assert all(any(mark in name for name in trained) for mark in marks)
    assert all(parameter.grad is not None and parameter.grad.abs().sum() > 0 for parameter in trained.values())
    everything = [*here.models.base.unet.named_parameters(), *here.models.vae.named_parameters()]
    everything += here.models.image_encoder.model.named_parameters()
    assert all(parameter.grad is None for name, parameter in everything if f"unet.{name}" not in trained)


def test_the_controlnet_has_an_effect_if_there_is_depth(scene, tiny_model):
    here = scene(f"model.controlnet={tiny_model / 'controlnet'}")
    assert here.loss().total != here.loss(batch=replace(here.batch, depth=None)).total
    assert here.loss().total != here.loss(batch=replace(here.batch, depth=1 - here.batch.depth)).total
    silent = scene()
    assert silent.loss().total == here.loss(batch=replace(here.batch, depth=None)).total


def test_a_controlnet_is_trained_alone(scene, tiny_model):
    here = scene(f"model.controlnet={tiny_model / 'controlnet'}", "model.train=[controlnet]")
    here.loss().total.backward()
    trained = here.models.trained()
    assert trained.keys() == {f"controlnet.{name}" for name, _ in here.models.controlnet.named_parameters()}
    assert sum(float(parameter.grad.abs().sum()) for parameter in trained.values()) > 0


def test_a_controlnet_is_not_trained_without_depth(scene, tiny_model):
    with pytest.raises(SettingError, match=r"and not all of wall-"):
        scene(f"model.controlnet={tiny_model / 'controlnet'}", "model.train=[controlnet]", walls="ShallowWalls")
    with pytest.raises(SettingError, match=r"model\.controlnet is null"):
        scene("model.train=[controlnet]")


def test_an_encoder_that_does_not_fit_is_named(scene, tmp_path):
    import tiny_models

    tiny_models.save_ip_adapter(
        tiny_models.plus_state_dict(tiny_models.tiny_unet(), features=48), tmp_path / "wide.safetensors"
    )
    with pytest.raises(WeightsError, match="needs an image encoder of width 48"):
        scene(f"model.ip_adapter={tmp_path / 'wide.safetensors'}")


def test_half_precision_holds_what_is_frozen_and_float32_what_is_trained(scene):
    here = scene("optimization.mixed_precision=bf16")
    assert {each.dtype for each in here.models.trained().values()} == {torch.float32}
    frozen = {each.dtype for each in here.models.unet.parameters() if not each.requires_grad}
    assert frozen == {torch.bfloat16}
    loss = here.loss()
    loss.total.backward()
    assert loss.total.dtype == torch.float32
    assert all(torch.isfinite(each.grad).all() for each in here.models.trained().values())
    assert loss.total.item() == pytest.approx(scene("optimization.mixed_precision=no").loss().total.item(), rel=0.05)


def test_the_formats_of_a_training_do_not_depend_on_how_busy_the_machine_is(scene):
    assert len({scene().models.precision for _ in range(3)}) == 1


def test_the_model_never_sees_the_wall(scene):
    here = scene()
    painted = {
        **here.collated,
        "masked_image": torch.where(here.collated["mask"] > 0.5, 1, here.collated["masked_image"]),
    }
    assert torch.equal(encode_batch(here.models, painted, LatentCache(None)).masked_latents, here.batch.masked_latents)


def test_each_adapter_is_given_its_own_view_of_the_reference(scene):
    here = scene()
    assert len(here.batch.reference_embeds) == len(projections(here.models.unet)) == 1
    assert here.batch.reference_embeds[0].shape[:2] == (4, 1)


def test_cached_latents_are_those_that_were_made_by_this_vae(scene, tmp_path):
    here, cache = scene(), LatentCache(tmp_path)
    first = encode_batch(here.models, here.collated, cache).latents
    assert torch.equal(first, here.batch.latents)
    assert len(list(tmp_path.iterdir())) == 8
    before = here.models.vae.quant_conv
    here.models.vae.quant_conv = None  # a cached picture is not encoded again
    again = encode_batch(here.models, here.collated, LatentCache(tmp_path)).latents
    here.models.vae.quant_conv = before
    assert torch.equal(again, first)
    with torch.no_grad():
        here.models.vae.encoder.conv_in.weight.mul_(1.5)
    assert not torch.equal(encode_batch(here.models, here.collated, LatentCache(tmp_path)).latents, first)
