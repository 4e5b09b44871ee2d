"""The weights of a LoRA, independent of the file format: for each layer two low-rank factors and their scale."""

from __future__ import annotations

from dataclasses import dataclass, field
from math import sqrt
from statistics import mode
from typing import Any

from wallpaint.diffusion.adapters.weight_deltas import DOWN, UP, WeightDelta
from wallpaint.optional import needs_extra

with needs_extra("diffusion", "LoRA"):
    import torch
    from diffusers import UNet2DConditionModel
    from torch import nn

MAGNITUDE = "lora_magnitude_vector"  # peft's name
ALPHA = "alpha"


@dataclass(frozen=True)
class LowRankUpdate:
    """The update of one layer: up · down, scaled by a factor of α and the rank r (Hu et al. 2021).

    Attributes
    ----------
    down : (r, in) or (r, in, h, w)
    up : (out, r) or (out, r, 1, 1)
    alpha : float
    magnitude : (out,) or None
        For a DoRA (Liu et al. 2024): the norm of each output's updated weights.
    """

    down: torch.Tensor
    up: torch.Tensor
    alpha: float
    magnitude: torch.Tensor | None = None

    @property
    def rank(self) -> int:
        return self.down.shape[0]

    def tensors(self) -> dict[str, torch.Tensor]:
        """The tensors, by peft's names."""
        named = {DOWN: self.down, UP: self.up}
        if self.magnitude is not None:
            named[MAGNITUDE] = self.magnitude if self.down.ndim == 2 else self.magnitude.reshape(1, -1, 1, 1)
        return named

    def as_delta(self, factor: float) -> WeightDelta:
        """This update as a change of the weight; `factor` is that on the product, α / r."""
        magnitude = self.magnitude
        if magnitude is not None:
            magnitude = magnitude.reshape(-1, *(1 for _ in self.down.shape[1:]))
        return WeightDelta({DOWN: self.down, UP: self.up}, factor, magnitude)


@dataclass(frozen=True)
class LoraWeights:
    """A LoRA for a UNet.

    Attributes
    ----------
    updates : dict of str to LowRankUpdate
        By the layer's name in the UNet.
    rslora : bool
        Updates are scaled by α / √r instead of α / r (Kalajdzievski 2023).
    dropout : float
        Dropout in training.
    deltas : dict of str to WeightDelta
        Changes of other kinds, by the layer's name; a layer may be in both.
    """

    updates: dict[str, LowRankUpdate]
    rslora: bool = False
    dropout: float = 0.0
    deltas: dict[str, WeightDelta] = field(default_factory=dict)

    @property
    def dora(self) -> bool:
        return any(update.magnitude is not None for update in self.updates.values())

    def factor(self, layer: str) -> float:
        """The factor on the update of a layer."""
        update = self.updates[layer]
        return update.alpha / (sqrt(update.rank) if self.rslora else update.rank)

    def state_dict(self) -> dict[str, torch.Tensor]:
        """The tensors by peft's names: ``….to_q.lora_A.weight``, ``….lora_B.weight``, ``….lora_magnitude_vector``."""
        return {
            f"{layer}.{name}": tensor
            for layer, update in self.updates.items()
            for name, tensor in update.tensors().items()
        }

    def config(self) -> dict[str, Any]:
        """Arguments of `peft.LoraConfig`; only those that other versions of peft know too."""
        ranks = {layer: update.rank for layer, update in self.updates.items()}
        alphas = {layer: update.alpha for layer, update in self.updates.items()}
        rank, alpha = mode(ranks.values()), mode(alphas.values())
        return {
            "r": rank,
            "lora_alpha": alpha,
            "rank_pattern": {layer: value for layer, value in ranks.items() if value != rank},
            "alpha_pattern": {layer: value for layer, value in alphas.items() if value != alpha},
            "lora_dropout": self.dropout,
            "use_rslora": self.rslora,
            "use_dora": self.dora,
            "target_modules": sorted(self.updates),
        }


def adaptable_layers(unet: UNet2DConditionModel) -> dict[str, nn.Linear | nn.Conv2d]:
    """The UNet's linear layers and convolutions by name, without those of IP-Adapters."""
    return {
        name: layer
        for name, layer in unet.named_modules()
        if isinstance(layer, nn.Linear | nn.Conv2d)
        and not name.startswith("encoder_hid_proj.")
        and ".processor." not in name
    }
