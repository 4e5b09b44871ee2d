"""The image encoder of IP-Adapter, with a cache of the features of recent references."""

from __future__ import annotations

import hashlib
from collections import OrderedDict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import torch
from torch.nn.functional import interpolate
from transformers import CLIPVisionConfig, CLIPVisionModelWithProjection

from wallpaint.diffusion.checkpoints.configs import sd15_folder
from wallpaint.diffusion.checkpoints.loading import load_folder, readable
from wallpaint.diffusion.checkpoints.tensor_file import read_tensors
from wallpaint.diffusion.pixel_values import to_pixel_values
from wallpaint.errors import MissingWeightsError, Source, WeightsError

_MEAN = (0.48145466, 0.4578275, 0.40821073)  # of the pictures CLIP was trained on, sRGB (Radford et al. 2021)
_STD = (0.26862954, 0.26130258, 0.27577711)
KEPT_REFERENCES = 128
_CURE = "Fetch one: wallpaint models pull ip-adapter-plus"


@dataclass(frozen=True)
class ImageFeatures:
    """Features of N references, float32.

    Attributes
    ----------
    hidden_states : (N, L, D)
        Of the penultimate layer, for IP-Adapter Plus.
    embeds : (N, P)
        The projected embedding, for the plain IP-Adapter.
    """

    hidden_states: torch.Tensor
    embeds: torch.Tensor


@dataclass
class ImageEncoder:
    """CLIP's vision model with a cache of features.

    Attributes
    ----------
    model : CLIPVisionModelWithProjection
    kept : int
        Number of references in the cache, the most recent ones; 1.3 MB each with ViT-H.
    """

    model: CLIPVisionModelWithProjection
    kept: int = KEPT_REFERENCES
    _cached: OrderedDict[bytes, ImageFeatures] = field(default_factory=OrderedDict, repr=False)

    def features(self, references: Sequence[np.ndarray]) -> ImageFeatures:
        """Features of references, from the cache if possible.

        references : sequence of (H, W, 3) uint8 sRGB, of any size; resized to a square without keeping the aspect.
        """
        keys = [_digest(picture) for picture in references]
        new = {key: picture for key, picture in zip(keys, references, strict=True) if key not in self._cached}
        if new:
            batch = torch.cat([clip_input(to_pixel_values(picture)[None], self.side) for picture in new.values()])
            encoded = self.encode(batch)
            for place, key in enumerate(new):
                self._cached[key] = ImageFeatures(
                    encoded.hidden_states[place : place + 1], encoded.embeds[place : place + 1]
                )
        chosen = [self._cached[key] for key in keys]
        while len(self._cached) > self.kept:
            self._cached.popitem(last=False)
        return ImageFeatures(torch.cat([f.hidden_states for f in chosen]), torch.cat([f.embeds for f in chosen]))

    @property
    def side(self) -> int:
        """Side of its square input in pixels."""
        return int(self.model.config.image_size)

    @torch.no_grad()
    def encode(self, normalized: torch.Tensor) -> ImageFeatures:
        """Features of a batch of `clip_input`s, (N, 3, side, side), without the cache."""
        output = self.model(normalized.to(self.model.device), output_hidden_states=True)
        return ImageFeatures(output.hidden_states[-2].float(), output.image_embeds.float())


def _digest(pixels: np.ndarray) -> bytes:
    return hashlib.sha256(repr(pixels.shape).encode() + pixels.tobytes()).digest()


def clip_input(pictures: torch.Tensor, side: int) -> torch.Tensor:
    """Resize and normalize pictures for CLIP.

    Parameters
    ----------
    pictures : (N, 3, H, W) float in [-1, 1]
        sRGB.
    side : int

    Returns
    -------
    (N, 3, side, side) float32
        Resized by antialiased bicubic interpolation, without cropping, because the border of a sample counts as much
        as its middle; then normalized by the mean and standard deviation of CLIP's training images.
    """
    pictures = pictures.float()
    if pictures.shape[-2:] != (side, side):
        pictures = interpolate(pictures, (side, side), mode="bicubic", antialias=True, align_corners=False)
    mean, std = (torch.tensor(values, device=pictures.device).view(1, 3, 1, 1) for values in (_MEAN, _STD))
    return ((pictures.clamp(-1, 1) + 1) / 2 - mean) / std


def load_image_encoder(path: Source, dtype: torch.dtype = torch.float32) -> ImageEncoder:
    """Load an image encoder.

    Parameters
    ----------
    path : path
        Its folder (``config.json`` and weights); or a file with the names of transformers, which is taken for the
        ViT-H/14 of IP-Adapter unless a ``config.json`` is beside it.
    dtype : torch.dtype

    Raises
    ------
    MissingWeightsError, WeightsError
    """
    path = Path(path)
    if path.is_file():
        return ImageEncoder(_load_file(path, dtype))
    if not (path / "config.json").is_file():
        raise MissingWeightsError(path, f"there is no image encoder. {_CURE}")
    return ImageEncoder(load_folder(CLIPVisionModelWithProjection, path, dtype))


def _load_file(path: Path, dtype: torch.dtype) -> CLIPVisionModelWithProjection:
    config = path.parent if (path.parent / "config.json").is_file() else sd15_folder("image_encoder")
    tensors = {name: value for name, value in read_tensors(path)[0].items() if not name.endswith("position_ids")}
    with readable(path, "image encoder", _CURE):
        settings = CLIPVisionConfig.from_pretrained(config, local_files_only=True)
        with torch.device("meta"):
            model = CLIPVisionModelWithProjection(settings)
        missing, unknown = (sorted(names) for names in _differences(model, tensors))
        if missing:
            known = f", its first is {unknown[0]}" if unknown else ""
            raise WeightsError(
                path,
                f"this is not the image encoder of an IP-Adapter: {missing[0]} and {len(missing) - 1:,} more weights "
                f"are missing{known}. {_CURE}",
            )
        for name, shape in ((name, value.shape) for name, value in model.state_dict().items()):
            if tensors[name].shape != shape:
                raise WeightsError(
                    path, f"{name} is {_size(tensors[name].shape)}, that of ViT-H/14 is {_size(shape)}. {_CURE}"
                )
        model.load_state_dict({name: tensors[name].to(dtype) for name in model.state_dict()}, assign=True)
        for module in model.modules():  # the only buffer, which is not in the file
            if hasattr(module, "position_ids"):
                module.position_ids = torch.arange(module.num_positions)[None]
    return model.requires_grad_(False).eval()


def _differences(model: torch.nn.Module, tensors: Mapping[str, torch.Tensor]) -> tuple[set[str], set[str]]:
    needed = set(model.state_dict())
    return needed - tensors.keys(), tensors.keys() - needed


def _size(shape: torch.Size) -> str:
    return " × ".join(f"{side:,}" for side in shape)
