"""The weights of a LoRA, independent of the file format: for each layer two low-rank factors and their scale."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from math import sqrt
from statistics import mode
from typing import Any

from wallpaint.errors import Source, WeightsError, warn_of
from wallpaint.optional import needs_extra

with needs_extra("diffusion", "LoRA"):
    import torch
    from diffusers import UNet2DConditionModel
    from torch import nn

DOWN, UP, MAGNITUDE = "lora_A.weight", "lora_B.weight", "lora_magnitude_vector"  # peft's names of a layer's tensors
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
    """

    updates: dict[str, LowRankUpdate]
    rslora: bool = False
    dropout: float = 0.0

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


def collect_updates(layers: Mapping[str, Mapping[str, torch.Tensor]], path: Source) -> dict[str, LowRankUpdate]:
    """Collect the updates in a file, from each layer's tensors by peft's names and ``alpha``.

    Raises
    ------
    WeightsError
        A layer's tensors are incomplete.

    Warns
    -----
    WallpaintWarning
        A layer has no alpha, so its rank is used.
    """
    if any(ALPHA not in parts for parts in layers.values()):
        warn_of(path, "it has no alpha, so its rank is used. If the effect is too strong or too weak, set the scale.")
    return {layer: _collect_update(layer, parts, path) for layer, parts in layers.items()}


def _collect_update(layer: str, parts: Mapping[str, torch.Tensor], path: Source) -> LowRankUpdate:
    if not {DOWN, UP} <= parts.keys():
        raise _damaged(path, f"one of the factors of {layer} is missing")
    down, up = parts[DOWN], parts[UP]
    if down.ndim < 2 or up.ndim < 2 or down.shape[0] != up.shape[1] or not down.numel() or not up.numel():
        raise _damaged(path, f"the factors of {layer} do not match: {_size(down.shape)} and {_size(up.shape)}")
    alpha = parts.get(ALPHA, torch.tensor(down.shape[0]))
    if alpha.numel() != 1:
        raise _damaged(path, f"the alpha of {layer} is not a number")
    magnitude = parts.get(MAGNITUDE)
    if magnitude is not None and magnitude.numel() != up.shape[0]:
        raise _damaged(path, f"{layer} has {magnitude.numel():,} magnitudes for {up.shape[0]:,} outputs")
    if not all(torch.isfinite(tensor.float()).all() for tensor in parts.values()):
        raise _damaged(path, f"the weights of {layer} contain NaN or infinity")
    return LowRankUpdate(down, up, float(alpha), None if magnitude is None else magnitude.flatten())


def adaptable_layers(unet: UNet2DConditionModel) -> dict[str, nn.Linear | nn.Conv2d]:
    """The UNet's linear layers and convolutions by name, without those of IP-Adapters."""
    return {
        name: layer
        for name, layer in unet.named_modules()
        if isinstance(layer, nn.Linear | nn.Conv2d)
        and not name.startswith("encoder_hid_proj.")
        and ".processor." not in name
    }


def fit(weights: LoraWeights, unet: UNet2DConditionModel, path: Source) -> LoraWeights:
    """Reshape the weights to a UNet's layers; a matrix fits a 1 × 1 convolution and the reverse.

    Raises
    ------
    WeightsError
        The file at `path` was trained on another base.
    """
    if not weights.updates:
        raise WeightsError(path, "it changes no layer of the UNet. Use a LoRA that was trained on the UNet.")
    layers = adaptable_layers(unet)
    unknown = [name for name in weights.updates if name not in layers]
    if unknown:
        raise WeightsError(
            path,
            f"{len(unknown)} of its {len(weights.updates)} layers are not in this UNet, the first is {unknown[0]}. "
            "It was trained on another base. Use one that was trained on this base.",
        )
    if weights.dora and any(update.magnitude is None for update in weights.updates.values()):
        raise WeightsError(path, "only some of its layers have the magnitude of a DoRA: it is damaged. Get it again.")
    updates = {name: _fit_layer(name, update, layers[name], path) for name, update in weights.updates.items()}
    return replace(weights, updates=updates)


def _fit_layer(name: str, update: LowRankUpdate, layer: nn.Linear | nn.Conv2d, path: Source) -> LowRankUpdate:
    trained, here = (update.up.shape[0], *update.down.shape[1:]), tuple(layer.weight.shape)
    if _as_matrix(trained) != _as_matrix(here) or update.up[0, 0].numel() != 1:
        raise WeightsError(
            path,
            f"{name} is {_size(trained)} in the file and {_size(here)} in this UNet. Use its own base.",
        )
    down = update.down.reshape(update.rank, *here[1:])
    up = update.up.reshape(here[0], update.rank, *(1 for _ in here[2:]))
    return replace(update, down=down, up=up)


def _damaged(path: Source, fault: str) -> WeightsError:
    return WeightsError(path, f"{fault}, so the file is damaged. Get it again.")


def _as_matrix(shape: tuple[int, ...]) -> tuple[int, ...]:
    return shape[:2] if all(side == 1 for side in shape[2:]) else shape


def _size(shape: tuple[int, ...]) -> str:
    return " × ".join(f"{side:,}" for side in shape)
