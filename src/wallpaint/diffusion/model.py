"""A model ready to paint: base, empty prompt, adapters, image encoder and ControlNet, in one precision."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import torch
from diffusers import ControlNetModel

from wallpaint.diffusion.adapters.color_tokens import read_color_tokens
from wallpaint.diffusion.adapters.controlnet import load_depth_controlnet
from wallpaint.diffusion.adapters.ip_adapter import load_ip_adapters, scales, set_scales
from wallpaint.diffusion.adapters.ip_adapter_source import ip_adapter_of
from wallpaint.diffusion.adapters.lora_io import load_lora
from wallpaint.diffusion.adapters.reference_embeds import embeds_of_references
from wallpaint.diffusion.checkpoints.base import Base, load_base
from wallpaint.diffusion.encoders.empty_prompt import empty_prompt_embeds, encode_prompt
from wallpaint.diffusion.encoders.image_encoder import ImageEncoder, load_image_encoder
from wallpaint.diffusion.model_files import ModelSources, find_files
from wallpaint.diffusion.precision.choose import Precision, choose_precision
from wallpaint.diffusion.precision.mixed_precision import float_shell
from wallpaint.errors import SettingError
from wallpaint.reference import wall_median


@dataclass(frozen=True)
class DiffusionModel:
    """Frozen models that take and give float32, whatever they compute in.

    Attributes
    ----------
    name : str
        Of the base, as it was asked for.
    fingerprint : str
        Of all weights, so that a picture can tell what painted it.
    base : Base
    prompt_embeds : (1, L, D) float32
    image_encoder : ImageEncoder
    controlnet : ControlNetModel or None
        Of depth.
    precision : Precision
    device : torch.device
    """

    name: str
    fingerprint: str
    base: Base
    prompt_embeds: torch.Tensor
    image_encoder: ImageEncoder
    controlnet: ControlNetModel | None
    precision: Precision
    device: torch.device

    @property
    def reference_scales(self) -> list[float]:
        """How strongly the reference speaks through each IP-Adapter; 0 is silence."""
        return scales(self.base.unet)

    def reference_embeds(self, references: Sequence[np.ndarray]) -> list[torch.Tensor]:
        """What each IP-Adapter makes its tokens of: features of N references, (N, 1, …) float32.

        references : sequence of (H, W, 3) uint8 sRGB.
        """
        return embeds_of_references(
            self.base.unet, self.image_encoder.features(references), reference_colors(references)
        )

    def in_precision(self, precision: Precision) -> DiffusionModel:
        """The same model, its weights converted in place; this one is not to be used any more."""
        _compute_in(precision, self.base, self.image_encoder, self.controlnet)
        return replace(self, precision=precision)


def reference_colors(references: Sequence[np.ndarray]) -> torch.Tensor:
    """The median of each of N references: (N, 3) uint8 sRGB.

    references : sequence of (H, W, 3) uint8 sRGB.
    """
    colors = [wall_median(picture, np.ones(picture.shape[:2], bool)) for picture in references]
    return torch.from_numpy(np.rint(colors).astype(np.uint8))


def load_model(
    sources: ModelSources,
    *,
    prompt: str = "",
    depth: bool = True,
    lora_scale: float = 1.0,
    ip_adapter_scale: float = 1.0,
    color_tokens_scale: float = 1.0,
    precision: str = "auto",
    device: str = "auto",
    compile_unet: bool = False,
    vae_tiling: bool = False,
) -> DiffusionModel:
    """Load everything that is needed, without touching a network.

    Parameters
    ----------
    sources : ModelSources
    prompt : str
        Words. Empty by default; then no text encoder is loaded.
    depth : bool
        Whether to load the ControlNet, where there is one.
    lora_scale, ip_adapter_scale, color_tokens_scale : float
        How strongly they speak: 0 is silence.
    precision : {"auto", "fp32", "bf16", "fp16"}
        "auto" tries out what this machine is fast in.
    device : str
        "auto", or any that torch knows: "cpu", "cuda", "cuda:1", "mps".
    compile_unet : bool
        `torch.compile`: minutes once, which many pictures on a GPU pay back, and a CPU does not.
    vae_tiling : bool
        Encode and decode in tiles: less memory at large working sizes, for faint seams.

    Raises
    ------
    MissingWeightsError
        A part is not on this machine; the message has the command that fetches it.
    WeightsError
        A part is damaged, or does not fit the others.
    SettingError
        A value that cannot be.
    """
    files, where = find_files(sources), _device(device)
    chosen = choose_precision(precision, where)
    base = load_base(files.base, chosen.unet.dtype)
    encoder = load_image_encoder(files.image_encoder, chosen.unet.dtype)
    tokens = {} if files.color_tokens is None else {str(files.color_tokens): read_color_tokens(files.color_tokens)}
    load_ip_adapters(base.unet, {**ip_adapter_of(files, base.unet, encoder), **tokens})
    set_scales(base.unet, [ip_adapter_scale, color_tokens_scale][: 1 + len(tokens)])
    if files.lora is not None:
        load_lora(base.unet, files.lora, lora_scale)
    controlnet = load_depth_controlnet(files.controlnet, base.unet) if depth and files.controlnet else None
    embeds = encode_prompt(files.base, prompt) if prompt else empty_prompt_embeds(files.base)
    for module in (base.unet, encoder.model, controlnet, base.vae):
        if module is not None:
            module.to(where)
    _compute_in(chosen, base, encoder, controlnet)
    if vae_tiling:
        base.vae.enable_tiling()
    if compile_unet:
        base.unet.compile()
    name, fingerprint = str(sources.base), files.fingerprint()
    return DiffusionModel(name, fingerprint, base, embeds.to(where), encoder, controlnet, chosen, where)


def _compute_in(precision: Precision, base: Base, encoder: ImageEncoder, controlnet: ControlNetModel | None) -> None:
    for module in (base.unet, encoder.model, controlnet):
        if module is not None:
            float_shell(module, *precision.unet)
    for part in base.vae.children():
        float_shell(part, *precision.vae)


def _device(wanted: str) -> torch.device:
    if wanted == "auto":
        accelerator = "cuda" if torch.cuda.is_available() else "mps" if torch.backends.mps.is_available() else "cpu"
        return torch.device(accelerator)
    try:
        device = torch.device(wanted)
        torch.empty(0, device=device)
    except (RuntimeError, AssertionError) as error:
        raise SettingError(f"the device {wanted!r} is not to be had here. Use auto or cpu.") from error
    return device
