"""Several LoRAs in one UNet: the sum of their changes."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import chain

from wallpaint.diffusion.adapters.lora import check_scale, insert_lora
from wallpaint.diffusion.adapters.lora_weights import LoraWeights, LowRankUpdate
from wallpaint.diffusion.adapters.weight_deltas import WeightDelta
from wallpaint.optional import needs_extra

with needs_extra("diffusion", "LoRA"):
    import torch
    from diffusers import UNet2DConditionModel


def insert_loras(unet: UNet2DConditionModel, loras: Sequence[tuple[LoraWeights, float]]) -> None:
    """Add the sum of some LoRAs, each times its scale, to a UNet.

    One LoRA whose changes are all low-rank becomes peft's layers, as it is. Of several, the low-rank updates become
    one: the sum of products of low rank is the product of their factors side by side. All other changes (LoHa, LoKr,
    differences, several LoRAs of which one is a DoRA) are merged into the UNet's weights; each is computed from the
    base's weights, so that the order does not matter.

    Parameters
    ----------
    unet : UNet2DConditionModel
        In its final dtype, without LoRA. Low-rank updates are added in float32, merged changes in the UNet's dtype.
    loras : sequence of (LoraWeights, float)
        With the shapes of the UNet's layers (`read_lora`); the scale 0 disables it, 1 is as trained.

    Raises
    ------
    SettingError
        The UNet has a LoRA already, or a scale is NaN or infinite.
    """
    for _, scale in loras:
        check_scale(scale)
    if len(loras) == 1 and not loras[0][0].deltas:
        insert_lora(unet, *loras[0])
        return
    scaled = [(weights, scale) for weights, scale in loras if scale != 0]
    _merge(unet, scaled)
    if updates := _stacked(scaled):
        insert_lora(unet, LoraWeights(updates))


def _stacked(loras: Sequence[tuple[LoraWeights, float]]) -> dict[str, LowRankUpdate]:
    """The sum of the low-rank updates of each layer, with factor 1."""
    layers = dict.fromkeys(chain.from_iterable(weights.updates for weights, _ in loras))
    return {layer: update for layer in layers if (update := _sum([*_low_rank(loras, layer)])) is not None}


def _low_rank(loras: Sequence[tuple[LoraWeights, float]], layer: str) -> Iterator[tuple[LowRankUpdate, float]]:
    for weights, scale in loras:
        update = weights.updates.get(layer)
        if update is not None and update.magnitude is None:
            yield update, scale * weights.factor(layer)


def _sum(updates: Sequence[tuple[LowRankUpdate, float]]) -> LowRankUpdate | None:
    if not updates:
        return None
    down = torch.cat([update.down.float() for update, _ in updates])
    up = torch.cat([factor * update.up.float() for update, factor in updates], dim=1)
    return LowRankUpdate(down, up, alpha=down.shape[0])


@torch.no_grad()
def _merge(unet: UNet2DConditionModel, loras: Sequence[tuple[LoraWeights, float]]) -> None:
    """Add the changes that are not low-rank to the weights and biases of the UNet."""
    changes: dict[str, list[tuple[WeightDelta, float]]] = {}
    for weights, scale in loras:
        dora = {
            layer: update.as_delta(weights.factor(layer))
            for layer, update in weights.updates.items()
            if update.magnitude is not None
        }
        for layer, delta in chain(weights.deltas.items(), dora.items()):
            changes.setdefault(layer, []).append((delta, scale))
    for layer, deltas in changes.items():
        module = unet.get_submodule(layer)
        of_weight = [(delta, scale) for delta, scale in deltas if delta.tensors]
        if of_weight:  # one copy of the base's weight until all are added
            total = sum(scale * delta.change(module.weight) for delta, scale in of_weight)
            module.weight.copy_(module.weight.float() + total)
        for delta, scale in deltas:
            if delta.bias is not None:
                module.bias.copy_(module.bias.float() + scale * delta.bias.to(module.bias.device, torch.float32))
