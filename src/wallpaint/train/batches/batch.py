"""Encoded batches of training samples: latents, reference features and masks."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields, replace
from pathlib import Path
from typing import Any

import torch
from safetensors.torch import load_file, save
from torch.nn.functional import interpolate

from wallpaint.diffusion.encoders.image_encoder import ImageEncoder, ImageFeatures
from wallpaint.diffusion.fullsize.latent_mask import cover_latents
from wallpaint.diffusion.model import reference_embeds
from wallpaint.diffusion.pixel_values import from_pixel_values
from wallpaint.errors import SettingError
from wallpaint.photo import write_files
from wallpaint.train.models.training_models import TrainingModels


@dataclass(frozen=True)
class Batch:
    """The inputs of the UNet for B samples; float tensors are float32, on the device of the models.

    Attributes
    ----------
    latents, masked_latents : (B, 4, h, w)
        Scaled VAE latents of the target, and of the photo with its wall blanked.
    mask : (B, 1, h, w) in {0, 1}
        Mask on the latent grid, 1 = wall.
    reference_embeds : list of (B, 1, …)
        Features of the reference for each IP-Adapter.
    depth : (B, 3, S, S) in [0, 1], or None
        Input of the ControlNet, near = 1.
    pixel_values : (B, 3, S, S) in [-1, 1]
        The target image.
    pixel_mask : (B, 1, S, S) in {0, 1}
        Mask on the pixel grid, 1 = wall.
    dominant_color : (B, 3) uint8
        Reference colour in sRGB.
    names : list of str
        Names of the samples.
    """

    latents: torch.Tensor
    masked_latents: torch.Tensor
    mask: torch.Tensor
    reference_embeds: list[torch.Tensor]
    depth: torch.Tensor | None
    pixel_values: torch.Tensor
    pixel_mask: torch.Tensor
    dominant_color: torch.Tensor
    names: list[str]

    def split(self) -> list[Batch]:
        """One batch for each sample."""
        return [self._part(slice(place, place + 1)) for place in range(len(self.names))]

    @classmethod
    def join(cls, batches: Sequence[Batch], device: torch.device) -> Batch:
        """One batch from several, on a device; it has depth only if all of them have it, as in `collate`."""
        tensors: dict[str, Any] = {}
        for each in fields(cls):
            parts = [getattr(batch, each.name) for batch in batches]
            if each.name == "reference_embeds":
                tensors[each.name] = [torch.cat(kind).to(device) for kind in zip(*parts, strict=True)]
            elif each.name == "names":
                tensors[each.name] = [name for names in parts for name in names]
            else:
                tensors[each.name] = None if any(part is None for part in parts) else torch.cat(parts).to(device)
        return cls(**tensors)

    def _part(self, chosen: slice) -> Batch:
        tensors = {key: value[chosen] for key, value in vars(self).items() if isinstance(value, torch.Tensor)}
        embeds = [kind[chosen] for kind in self.reference_embeds]
        return replace(self, **tensors, reference_embeds=embeds, names=self.names[chosen])


class LatentCache:
    """Cache of latents on disk, keyed by a hash of the image and of the VAE's encoder.

    folder : folder of the cache; None disables it.
    """

    def __init__(self, folder: Path | None) -> None:
        self.folder = folder
        if folder is not None:
            folder.mkdir(parents=True, exist_ok=True)
        self._of_vae = b""

    def latents(self, vae: Any, pictures: torch.Tensor) -> torch.Tensor:
        """The latents of images (B, 3, S, S) in [-1, 1]: (B, 4, h, w), the scaled means of the posteriors."""
        if self.folder is None:
            return _encoded(vae, pictures)
        self._of_vae = self._of_vae or _digest(*vae.encoder.parameters())
        names = [_digest(picture, start=self._of_vae).hex()[:32] for picture in pictures]
        paths = [self.folder / f"{name}.safetensors" for name in names]
        missing = [place for place, path in enumerate(paths) if not path.exists()]
        if missing:
            for place, latents in zip(missing, _encoded(vae, pictures[missing]), strict=True):
                write_files({paths[place]: save({"latents": latents.cpu().contiguous()})})
        return torch.stack([load_file(path)["latents"] for path in paths]).to(pictures.device)


def encode_batch(models: TrainingModels, collated: Mapping[str, Any], cache: LatentCache) -> Batch:
    """Encode collated samples, deterministically and without gradients.

    Raises
    ------
    SettingError
        A ControlNet is trained, and a sample has no depth.
    """
    device = models.prompt_embeds.device
    target, hole = collated["pixel_values"].to(device), collated["mask"].to(device)
    pixel_mask = cover_latents(hole, models.base.pixels_per_latent)
    masked_image = collated["masked_image"].to(device).masked_fill(pixel_mask.bool(), 0)
    depth = _depth(models, collated)
    with torch.no_grad():
        both = cache.latents(models.vae, torch.cat([target, masked_image]))
        latents, masked_latents = both.chunk(2)
        features = _features(models.image_encoder, collated["reference_image"])
        return Batch(
            latents=latents,
            masked_latents=masked_latents,
            mask=interpolate(pixel_mask, latents.shape[-2:]),
            reference_embeds=reference_embeds(models.unet, features, collated["dominant_color"]),
            depth=None if depth is None else depth.to(device),
            pixel_values=target,
            pixel_mask=hole,
            dominant_color=collated["dominant_color"].to(device),
            names=list(collated["name"]),
        )


def _depth(models: TrainingModels, collated: Mapping[str, Any]) -> torch.Tensor | None:
    if "depth" in collated:
        depth: torch.Tensor = collated["depth"].expand(-1, 3, -1, -1)
        return depth
    if models.controlnet is not None and any(each.requires_grad for each in models.controlnet.parameters()):
        raise SettingError(
            f"training a ControlNet needs depth, and not all of {', '.join(collated['name'])} have it. Estimate it "
            "with 'wallpaint data depth', or remove controlnet from model.train."
        )
    return None


def _features(encoder: ImageEncoder, references: torch.Tensor) -> ImageFeatures:
    """Features of swatches (B, 3, H, W) in [-1, 1]; the encoder caches those of recent, repeated swatches."""
    return encoder.features(list(from_pixel_values(references)))


def _encoded(vae: Any, pictures: torch.Tensor) -> torch.Tensor:
    latents: torch.Tensor = vae.encode(pictures).latent_dist.mode() * vae.config.scaling_factor
    return latents


def _digest(*tensors: torch.Tensor, start: bytes = b"") -> bytes:
    digest = hashlib.sha256(start)
    for tensor in tensors:
        digest.update(tensor.detach().cpu().flatten().view(torch.uint8).numpy().tobytes())
    return digest.digest()
