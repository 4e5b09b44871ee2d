"""Loading the models of a training run: frozen weights in the fastest precision, trained weights in float32."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from diffusers import DDPMScheduler

from wallpaint.diffusion.adapters.color_tokens import read_color_tokens
from wallpaint.diffusion.adapters.controlnet import load_depth_controlnet
from wallpaint.diffusion.adapters.controlnet_init import new_controlnet
from wallpaint.diffusion.adapters.ip_adapter import FILE as IP_ADAPTER
from wallpaint.diffusion.adapters.ip_adapter import (
    IPAdapterWeights,
    attention_parameters,
    load_ip_adapters,
    projection_parameters,
    set_scales,
)
from wallpaint.diffusion.adapters.ip_adapter_init import initial_ip_adapter, new_color_tokens
from wallpaint.diffusion.adapters.lora import LoraSettings, attach_lora
from wallpaint.diffusion.adapters.lora_io import load_lora
from wallpaint.diffusion.checkpoints.base import Base, load_base
from wallpaint.diffusion.encoders.empty_prompt import empty_prompt_embeds, encode_prompt
from wallpaint.diffusion.encoders.image_encoder import KEPT_REFERENCES, ImageEncoder, load_image_encoder
from wallpaint.diffusion.model_files import NEW, ModelFiles, ModelSources, find_files
from wallpaint.diffusion.precision.choose import Precision
from wallpaint.diffusion.precision.mixed_precision import use_mixed_precision
from wallpaint.diffusion.sampling.schedulers import check_terminal_snr
from wallpaint.errors import SettingError
from wallpaint.train.batches.noise import seed_of
from wallpaint.train.config.configuration import TrainingConfig
from wallpaint.train.models.attention import attend_in_float

IMAGE, COLOR = 0, 1  #: index of each IP-Adapter in the UNet: reference image, and colour tokens if any


@dataclass(frozen=True)
class TrainingModels:
    """The models of a training step.

    Attributes
    ----------
    base : Base
        The base model, with LoRA and IP-Adapter in its UNet.
    image_encoder : ImageEncoder
        The encoder of the reference image.
    controlnet : ControlNetModel or None
        The depth ControlNet.
    prompt_embeds : (1, L, D) float32
        Embedding of the prompt.
    alphas_cumprod : (T,) float32
        ᾱ of each timestep.
    prediction_type : {"epsilon", "v_prediction"}
        The UNet's prediction: noise or v.
    precision : Precision
        Number formats of the UNet and the VAE.
    """

    base: Base
    image_encoder: ImageEncoder
    controlnet: Any
    prompt_embeds: torch.Tensor
    alphas_cumprod: torch.Tensor
    prediction_type: Any
    precision: Precision

    @property
    def unet(self) -> Any:
        return self.base.unet

    @property
    def vae(self) -> Any:
        return self.base.vae

    def trained(self) -> dict[str, torch.nn.Parameter]:
        """The trained parameters by name."""
        return {
            f"{part}.{name}": parameter
            for part, module in (("unet", self.unet), ("controlnet", self.controlnet))
            if module is not None
            for name, parameter in module.named_parameters()
            if parameter.requires_grad
        }


def load_training_models(config: TrainingConfig, precision: Precision, device: torch.device) -> TrainingModels:
    """Load the models of a configuration, freeze them, and unfreeze the trained parts.

    Raises
    ------
    MissingWeightsError, WeightsError
        See `find_files`.
    SettingError
        A part in `model.train` does not exist; or the base predicts noise on a schedule that ends in pure noise.
    """
    model = config.model
    files = find_model_files(config)
    if files.ip_adapter is None and not set(model.train) >= {"ip_adapter_projection", "ip_adapter_attention"}:
        raise SettingError(
            "a new model.ip_adapter is untrained. Add ip_adapter_projection and ip_adapter_attention to model.train."
        )
    base = load_base(files.base, precision.unet.dtype)
    check_terminal_snr(base.scheduler_config)
    encoder = load_image_encoder(files.image_encoder, precision.unet.dtype)
    encoder.kept = _kept_references(config)
    controlnet = _controlnet(base.unet, files, config)
    _attach_adapters(base.unet, files, encoder, config)
    embeds = empty_prompt_embeds(files.base)
    if not config.training.unconditional_training:
        embeds = encode_prompt(files.base, config.training.prompt)
    if device.type == "cpu":
        for module in (base.unet, controlnet):
            if module is not None:
                attend_in_float(module)
    for module in (base.unet, encoder.model, controlnet):
        if module is not None:
            use_mixed_precision(module.to(device), *precision.unet)
    for part in base.vae.to(device).children():
        use_mixed_precision(part, *precision.vae)
    schedule = DDPMScheduler.from_config(base.scheduler_config)
    models = TrainingModels(
        base=base,
        image_encoder=encoder,
        controlnet=controlnet,
        prompt_embeds=embeds.to(device),
        alphas_cumprod=schedule.alphas_cumprod.to(device),
        prediction_type=schedule.config.prediction_type,
        precision=precision,
    )
    for parameter in _unfrozen(models, config):
        parameter.requires_grad_(True)
        parameter.data = parameter.data.float()  # half precision rounds small updates to zero
    if config.optimization.gradient_checkpointing:
        base.unet.enable_gradient_checkpointing()
    return models


def _kept_references(config: TrainingConfig) -> int:
    """Size of the image encoder's cache: 0 if references are random, because then no two are equal."""
    reference = config.training.reference
    are_random = reference.add_texture or reference.add_lighting_gradient
    return KEPT_REFERENCES if config.caching.reference_features and not are_random else 0


def find_model_files(config: TrainingConfig) -> ModelFiles:
    """The files of the models of a configuration; for errors see `find_files`."""
    model = config.model
    has_ip_adapter = model.adapter is not None and (model.adapter / IP_ADAPTER).is_file()
    ip_adapter = None if has_ip_adapter else model.ip_adapter
    controlnet = None if model.controlnet == NEW else model.controlnet
    return find_files(ModelSources(model.base, model.adapter, ip_adapter, model.image_encoder, None, controlnet))


def _controlnet(unet: Any, files: ModelFiles, config: TrainingConfig) -> Any:
    """Load or create the ControlNet. A new one copies the UNet's encoder, so the UNet must have no adapters yet."""
    source, is_trained = config.model.controlnet, "controlnet" in config.model.train
    if source is None and is_trained:
        raise SettingError(
            "model.train names the controlnet, but model.controlnet is null. Set it to a file, a folder or new."
        )
    if source == NEW and not is_trained:
        raise SettingError("a new model.controlnet is untrained. Add controlnet to model.train.")
    if source is None:
        return None
    if source == NEW:
        return new_controlnet(unet, config.seed).requires_grad_(False)
    assert files.controlnet is not None
    return load_depth_controlnet(files.controlnet, unet).requires_grad_(False)


def _attach_adapters(unet: Any, files: ModelFiles, encoder: ImageEncoder, config: TrainingConfig) -> None:
    adapters = initial_ip_adapter(files.ip_adapter, unet, encoder, config.seed)
    scales = [config.model.ip_adapter_scale]
    has_tokens = config.model.color_tokens if config.model.adapter is None else files.color_tokens is not None
    if has_tokens:
        adapters |= _color_tokens(unet, files.color_tokens, config.seed)
        scales.append(config.model.color_tokens_scale)
    load_ip_adapters(unet, adapters)
    set_scales(unet, scales)
    if config.model.adapter is not None and files.lora is not None:
        load_lora(unet, files.lora)


def _color_tokens(unet: Any, file: Path | None, seed: int) -> dict[str, IPAdapterWeights]:
    if file is not None:
        return {str(file): read_color_tokens(file)}
    return {"new colour tokens": new_color_tokens(unet, torch.Generator().manual_seed(seed_of(seed, 1)))}


def _unfrozen(models: TrainingModels, config: TrainingConfig) -> Iterator[torch.nn.Parameter]:
    train = config.model.train
    if "ip_adapter_projection" in train:
        yield from projection_parameters(models.unet, IMAGE)
    if "ip_adapter_attention" in train:
        yield from attention_parameters(models.unet, IMAGE)
    if config.model.trains_color_tokens:
        yield from projection_parameters(models.unet, COLOR)
        yield from attention_parameters(models.unet, COLOR)
    if "controlnet" in train:
        yield from models.controlnet.parameters()
    if "lora" in train:
        torch.manual_seed(config.seed)
        yield from attach_lora(models.unet, LoraSettings(**config.model.lora.model_dump()))
