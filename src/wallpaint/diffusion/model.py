"""A model ready to paint: base, prompt embedding, adapters, image encoder and ControlNet, in one precision."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import torch
from diffusers import ControlNetModel, UNet2DConditionModel

from wallpaint.diffusion.adapters.color_tokens import color_features, read_color_tokens, reads_color
from wallpaint.diffusion.adapters.controlnet import load_depth_controlnet
from wallpaint.diffusion.adapters.ip_adapter import is_plain, load_ip_adapters, projections, scales, set_scales
from wallpaint.diffusion.adapters.ip_adapter_init import initial_ip_adapter
from wallpaint.diffusion.adapters.lora_io import load_loras
from wallpaint.diffusion.checkpoints.base import Base, load_base
from wallpaint.diffusion.encoders.empty_prompt import empty_prompt_embeds, encode_prompt
from wallpaint.diffusion.encoders.image_encoder import ImageEncoder, ImageFeatures, load_image_encoder
from wallpaint.diffusion.model_files import ModelSources, find_files
from wallpaint.diffusion.precision.choose import Precision, choose_precision
from wallpaint.diffusion.precision.mixed_precision import use_mixed_precision
from wallpaint.errors import SettingError
from wallpaint.reference import wall_median


@dataclass(frozen=True)
class DiffusionModel:
    """The frozen models needed for painting. Their inputs and outputs are float32, whatever dtype they compute in.

    Attributes
    ----------
    name : str
        Name or path of the base, as the user gave it.
    fingerprint : str
        Hash of all weights, for a picture's provenance.
    base : Base
    prompt_embeds : (1, L, D) float32
    image_encoder : ImageEncoder
    controlnet : ControlNetModel or None
        The depth ControlNet.
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
        """Weight of the reference in each IP-Adapter; 0 disables it."""
        return scales(self.base.unet)

    def reference_embeds(self, references: Sequence[np.ndarray]) -> list[torch.Tensor]:
        """Features of N references for each IP-Adapter, (N, 1, …) float32.

        references : sequence of (H, W, 3) uint8 sRGB.
        """
        return reference_embeds(self.base.unet, self.image_encoder.features(references), reference_colors(references))

    def in_precision(self, precision: Precision) -> DiffusionModel:
        """This model in another precision. Its weights are converted in place, so use only the returned one."""
        _compute_in(precision, self.base, self.image_encoder, self.controlnet)
        return replace(self, precision=precision)


def reference_embeds(unet: UNet2DConditionModel, features: ImageFeatures, colors: torch.Tensor) -> list[torch.Tensor]:
    """Features of N references in the kind that each of a UNet's IP-Adapters reads.

    Parameters
    ----------
    unet : UNet2DConditionModel
    features : ImageFeatures
        Features of the reference images: Plus reads the hidden states, the plain form the embedding.
    colors : (N, 3) uint8
        sRGB colours of the references, which colour tokens read.

    Returns
    -------
    list of (N, 1, …) float32 tensors
        One for each IP-Adapter, on the UNet's device.
    """
    embeds = []
    for projection in projections(unet):
        if reads_color(projection):
            read = color_features(colors)
        else:
            read = features.embeds if is_plain(projection) else features.hidden_states
        embeds.append(read[:, None].to(unet.device))
    return embeds


def reference_colors(references: Sequence[np.ndarray]) -> torch.Tensor:
    """The median colour of each of N references: (N, 3) uint8 sRGB.

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
    """Load all parts of a model from this machine; nothing is downloaded.

    Parameters
    ----------
    sources : ModelSources
    prompt : str
        Text prompt. If it is empty, no text encoder is needed.
    depth : bool
        Whether to load the ControlNet, if the sources have one.
    lora_scale, ip_adapter_scale, color_tokens_scale : float
        Weights of LoRA, IP-Adapter and colour tokens; 0 disables them, 1 is as trained. `lora_scale` is that of the
        trained LoRA, and of the added ones without a scale of their own.
    precision : {"auto", "fp32", "bf16", "fp16"}
        "auto" measures which is fastest on this machine.
    device : str
        "auto", or a torch device: "cpu", "cuda", "cuda:1", "mps".
    compile_unet : bool
        Use `torch.compile`. It takes minutes once; worth it for many pictures on a GPU, not on a CPU.
    vae_tiling : bool
        Encode and decode in tiles: needs less memory at large working sizes, may leave faint seams.

    Raises
    ------
    MissingWeightsError
        A part is not on this machine; the message gives the command that downloads it.
    WeightsError
        A part is damaged, or does not fit the others.
    SettingError
        A setting is out of range.
    """
    files, where = find_files(sources), _device(device)
    chosen = choose_precision(precision, where)
    base = load_base(files.base, chosen.unet.dtype, files.vae)
    encoder = load_image_encoder(files.image_encoder, chosen.unet.dtype)
    tokens = {} if files.color_tokens is None else {str(files.color_tokens): read_color_tokens(files.color_tokens)}
    load_ip_adapters(base.unet, {**initial_ip_adapter(files.ip_adapter, base.unet, encoder), **tokens})
    set_scales(base.unet, [ip_adapter_scale, color_tokens_scale][: 1 + len(tokens)])
    trained = [] if files.lora is None else [(files.lora, lora_scale)]
    added = [(path, lora_scale if scale is None else scale) for path, scale in files.loras]
    if trained or added:
        load_loras(base.unet, [*trained, *added])
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
            use_mixed_precision(module, *precision.unet)
    for part in base.vae.children():
        use_mixed_precision(part, *precision.vae)


def _device(wanted: str) -> torch.device:
    if wanted == "auto":
        accelerator = "cuda" if torch.cuda.is_available() else "mps" if torch.backends.mps.is_available() else "cpu"
        return torch.device(accelerator)
    try:
        device = torch.device(wanted)
        torch.empty(0, device=device)
    except (RuntimeError, AssertionError) as error:
        raise SettingError(f"device {wanted!r} is not available. Use auto or cpu.") from error
    return device
