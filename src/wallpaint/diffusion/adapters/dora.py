"""The scale of a DoRA: linear interpolation between the base's weights and the adapted weights.

peft scales only the low-rank update and keeps the magnitudes, so that scale 0 is not the base. This interpolates the
whole weight, as ComfyUI does.
"""

from __future__ import annotations

from typing import Any

from wallpaint.optional import needs_extra

with needs_extra("diffusion", "LoRA"):
    import torch
    from peft.tuners.lora.layer import LoraLayer, LoraVariant


class InterpolatedDora(LoraVariant):
    """W + scale · (W′ − W), where W is the base's weight and W′ the weight with the DoRA.

    Parameters
    ----------
    dora : LoraVariant
        peft's variant for a linear layer or a convolution.
    scale : float
        0 is the base, 1 the DoRA.
    """

    def __init__(self, dora: LoraVariant, scale: float) -> None:
        self.dora = dora
        self.scale = scale

    def forward(
        self, module: LoraLayer, active_adapter: str, x: torch.Tensor, result: torch.Tensor, **context: Any
    ) -> torch.Tensor:
        adapted = self.dora.forward(module, active_adapter=active_adapter, x=x, result=result, **context)
        return result + self.scale * (adapted - result)

    def merge_unsafe(self, module: LoraLayer, active_adapter: str, orig_weight: torch.Tensor) -> None:
        base = orig_weight.data.clone()
        self.dora.merge_unsafe(module, active_adapter, orig_weight)
        orig_weight.data = base + self.scale * (orig_weight.data - base)


def set_dora_scale(layer: LoraLayer, adapter: str, scale: float) -> None:
    """Set the scale of one layer's DoRA."""
    variant = layer.lora_variant[adapter]
    dora = variant.dora if isinstance(variant, InterpolatedDora) else variant
    layer.lora_variant[adapter] = dora if scale == 1 else InterpolatedDora(dora, scale)
