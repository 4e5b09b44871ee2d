"""The image encoder: what a reference looks like to IP-Adapter, computed once for each reference."""

from __future__ import annotations

import hashlib
from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import torch
from torch.nn.functional import interpolate
from transformers import CLIPVisionModelWithProjection

from wallpaint.diffusion.checkpoints.loading import load_folder
from wallpaint.errors import MissingWeightsError, Source

_MEAN = (0.48145466, 0.4578275, 0.40821073)  # of the pictures CLIP was trained on, sRGB (Radford et al. 2021)
_STD = (0.26862954, 0.26130258, 0.27577711)
KEPT_REFERENCES = 128


@dataclass(frozen=True)
class ImageFeatures:
    """What an image encoder says of N references, float32.

    hidden_states : (N, L, D), the penultimate layer's, for IP-Adapter Plus.
    embeds : (N, P), the projected embedding, for the plain IP-Adapter.
    """

    hidden_states: torch.Tensor
    embeds: torch.Tensor


@dataclass
class ImageEncoder:
    """CLIP's vision tower, which remembers what it has seen.

    Attributes
    ----------
    model : CLIPVisionModelWithProjection
    kept : int
        References to remember, the latest; 1.3 MB each at ViT-H.
    """

    model: CLIPVisionModelWithProjection
    kept: int = KEPT_REFERENCES
    _seen: OrderedDict[bytes, ImageFeatures] = field(default_factory=OrderedDict, repr=False)

    def features(self, references: Sequence[np.ndarray]) -> ImageFeatures:
        """Features of references; those seen before cost nothing.

        references : sequence of (H, W, 3) uint8 sRGB, of any size; squeezed to the encoder's square.
        """
        keys = [_digest(picture) for picture in references]
        fresh = {key: picture for key, picture in zip(keys, references, strict=True) if key not in self._seen}
        if fresh:
            batch = torch.cat([clip_input(as_signed(picture), self.side) for picture in fresh.values()])
            encoded = self.encode(batch)
            for place, key in enumerate(fresh):
                self._seen[key] = ImageFeatures(
                    encoded.hidden_states[place : place + 1], encoded.embeds[place : place + 1]
                )
        chosen = [self._seen[key] for key in keys]
        while len(self._seen) > self.kept:
            self._seen.popitem(last=False)
        return ImageFeatures(torch.cat([f.hidden_states for f in chosen]), torch.cat([f.embeds for f in chosen]))

    @property
    def side(self) -> int:
        """Pixels a side of what it sees."""
        return int(self.model.config.image_size)

    @torch.no_grad()
    def encode(self, normalized: torch.Tensor) -> ImageFeatures:
        """Features of a batch of `clip_input`s, (N, 3, side, side), without remembering them."""
        output = self.model(normalized.to(self.model.device), output_hidden_states=True)
        return ImageFeatures(output.hidden_states[-2].float(), output.image_embeds.float())


def _digest(pixels: np.ndarray) -> bytes:
    return hashlib.sha256(repr(pixels.shape).encode() + pixels.tobytes()).digest()


def as_signed(pixels: np.ndarray) -> torch.Tensor:
    """(H, W, 3) uint8 → (1, 3, H, W) float32 in [-1, 1]."""
    planes = np.ascontiguousarray(pixels.transpose(2, 0, 1))[None]
    return torch.from_numpy(planes.astype(np.float32) / np.float32(127.5) - 1)


def clip_input(pictures: torch.Tensor, side: int) -> torch.Tensor:
    """Pictures as CLIP wants them.

    Parameters
    ----------
    pictures : (N, 3, H, W) float in [-1, 1]
        sRGB.
    side : int

    Returns
    -------
    (N, 3, side, side) float32
        Scaled by antialiased bicubic interpolation, without cropping: a sample's rim is as much its colour as its
        middle; then normalized by the mean and spread of CLIP's training pictures.
    """
    pictures = pictures.float()
    if pictures.shape[-2:] != (side, side):
        pictures = interpolate(pictures, (side, side), mode="bicubic", antialias=True, align_corners=False)
    mean, std = (torch.tensor(values, device=pictures.device).view(1, 3, 1, 1) for values in (_MEAN, _STD))
    return ((pictures.clamp(-1, 1) + 1) / 2 - mean) / std


def load_image_encoder(folder: Source, dtype: torch.dtype = torch.float32) -> ImageEncoder:
    """An image encoder from its folder (``config.json`` and weights).

    Raises
    ------
    MissingWeightsError, WeightsError
    """
    folder = Path(folder)
    if not (folder / "config.json").is_file():
        raise MissingWeightsError(folder, "there is no image encoder. Get it: wallpaint models pull ip-adapter-plus")
    return ImageEncoder(load_folder(CLIPVisionModelWithProjection, folder, dtype))
