"""LoRA in the attention layers of a UNet: attach, read, scale, merge, detach."""

from __future__ import annotations

from dataclasses import dataclass
from math import isfinite

from wallpaint.diffusion.adapters.dora import set_dora_scale
from wallpaint.diffusion.adapters.lora_weights import LoraWeights, LowRankUpdate
from wallpaint.errors import SettingError
from wallpaint.optional import needs_extra

with needs_extra("diffusion", "LoRA"):
    import torch
    from diffusers import UNet2DConditionModel
    from peft import LoraConfig, set_peft_model_state_dict
    from peft.tuners.lora.layer import LoraLayer
    from peft.tuners.tuners_utils import cast_adapter_dtype
    from torch import nn

# a pattern, because a list of names would also match the layers of an IP-Adapter's resampler
ATTENTION = (
    r"(?:(?:down|up)_blocks\.\d+|mid_block)\.attentions\.\d+\.transformer_blocks\.\d+"
    r"\.attn[12]\.to_(?:q|k|v|out\.0)"
)
_ADAPTER = "default"


@dataclass(frozen=True)
class LoraSettings:
    """Settings of a new LoRA.

    Attributes
    ----------
    rank : int
        1 or more; with 8, Stable Diffusion 1.5 gets 1,594,368 parameters.
    alpha : float
        More than 0; the update is scaled by alpha / rank.
    dropout : float
        Dropout of the update's input during training, [0, 1).
    dora : bool
        Train each output's magnitude separately from its direction (Liu et al. 2024).
    rslora : bool
        Scale the update by alpha / √rank instead (Kalajdzievski 2023).

    Raises
    ------
    SettingError
        A value is out of range.
    """

    rank: int = 8
    alpha: float = 8
    dropout: float = 0.0
    dora: bool = False
    rslora: bool = False

    def __post_init__(self) -> None:
        if not isinstance(self.rank, int) or isinstance(self.rank, bool) or self.rank < 1:
            raise SettingError(f"a LoRA's rank cannot be {self.rank!r}: choose a whole number, 1 or more.")
        if not _is_number(self.alpha) or self.alpha <= 0:
            raise SettingError(f"a LoRA's alpha cannot be {self.alpha!r}: choose a number above 0, such as its rank.")
        if not _is_number(self.dropout) or not 0 <= self.dropout < 1:
            raise SettingError(f"a LoRA's dropout cannot be {self.dropout!r}: choose 0 or more, below 1.")


def attach_lora(unet: UNet2DConditionModel, settings: LoraSettings) -> list[nn.Parameter]:
    """Add a new LoRA to both attentions of every transformer block. Until it is trained, it changes nothing.

    Parameters
    ----------
    unet : UNet2DConditionModel
        In its final dtype, because a later cast would cast the LoRA too. An IP-Adapter may be loaded before or after.
    settings : LoraSettings

    Returns
    -------
    list of Parameter
        The LoRA's parameters, trainable, float32 whatever the UNet's dtype, initialized from torch's global generator.
        ``requires_grad`` of all other parameters is unchanged.

    Raises
    ------
    SettingError
        The UNet has a LoRA already.
    """
    config = LoraConfig(
        r=settings.rank,
        lora_alpha=settings.alpha,
        lora_dropout=settings.dropout,
        use_dora=settings.dora,
        use_rslora=settings.rslora,
        target_modules=ATTENTION,
    )
    _add(unet, config)
    return lora_parameters(unet)


def insert_lora(unet: UNet2DConditionModel, weights: LoraWeights, scale: float = 1.0) -> None:
    """Add an existing LoRA to the layers it changes, float32 and frozen.

    `weights` must have the shapes of the UNet's layers (`read_lora`) and no `deltas`; for `scale` see `set_lora_scale`.

    Raises
    ------
    SettingError
        The UNet has a LoRA already, or the scale is NaN or infinite.
    """
    check_scale(scale)
    _add(unet, LoraConfig(**weights.config()))
    set_peft_model_state_dict(unet, weights.state_dict(), _ADAPTER)
    for parameter in lora_parameters(unet):
        parameter.requires_grad_(False)
    set_lora_scale(unet, scale)


def refuse_second_lora(unet: UNet2DConditionModel) -> None:
    """Raise `SettingError` if the UNet has a LoRA already."""
    if any(isinstance(module, LoraLayer) for module in unet.modules()):
        raise SettingError("this UNet has a LoRA already: merge or detach it first.")


def lora_parameters(unet: UNet2DConditionModel) -> list[nn.Parameter]:
    """The LoRA's parameters; an empty list without LoRA."""
    return [parameter for name, parameter in unet.named_parameters() if f".{_ADAPTER}." in name and ".lora_" in name]


def lora_weights(unet: UNet2DConditionModel) -> LoraWeights:
    """The weights of a UNet's LoRA. They share memory with the UNet and are detached from the graph.

    Raises
    ------
    SettingError
        The UNet has no LoRA.
    """
    layers = _lora_layers(unet)
    any_layer = next(iter(layers.values()))
    return LoraWeights(
        {name: _update_in(layer) for name, layer in layers.items()},
        rslora=any_layer.use_rslora[_ADAPTER],
        dropout=getattr(any_layer.lora_dropout[_ADAPTER], "p", 0.0),
    )


def lora_state_dict(unet: UNet2DConditionModel) -> dict[str, torch.Tensor]:
    """The tensors of `lora_weights` by peft's names."""
    return lora_weights(unet).state_dict()


def set_lora_scale(unet: UNet2DConditionModel, scale: float) -> None:
    """Set the scale of the LoRA: 0 disables it, 1 is as trained. For a DoRA see `adapters.dora`.

    Raises
    ------
    SettingError
        The UNet has no LoRA, or the scale is NaN or infinite.
    """
    check_scale(scale)
    for layer in _lora_layers(unet).values():
        if _ADAPTER in layer.lora_variant:
            set_dora_scale(layer, _ADAPTER, scale)
        else:
            layer.set_scale(_ADAPTER, scale)


def merge_lora(unet: UNet2DConditionModel) -> None:
    """Add the LoRA, at its current scale, to the UNet's weights and remove its layers.

    Raises
    ------
    SettingError
        The UNet has no LoRA.
    """
    for layer in _lora_layers(unet).values():
        layer.merge()
    unet.unload_lora()


def detach_lora(unet: UNet2DConditionModel) -> None:
    """Remove the LoRA, if there is one, so that the UNet is the base again."""
    unet.unload_lora()


def _add(unet: UNet2DConditionModel, config: LoraConfig) -> None:
    refuse_second_lora(unet)
    trained = {parameter: parameter.requires_grad for parameter in unet.parameters()}
    unet.add_adapter(config, _ADAPTER)
    cast_adapter_dtype(unet, _ADAPTER)
    for layer in _lora_layers(unet).values():
        if config.use_dora:
            _measure_magnitude(layer)
    for parameter, requires_grad in trained.items():  # peft froze everything except the LoRA
        parameter.requires_grad_(requires_grad)


def _measure_magnitude(layer: LoraLayer) -> None:
    """Initialize a DoRA's magnitudes from the base's weights in float32; peft's are rounded to the base's dtype."""
    layer.lora_magnitude_vector[_ADAPTER].update_layer(
        base_layer=layer.get_base_layer(),
        lora_A=layer.lora_A[_ADAPTER].weight,
        lora_B=layer.lora_B[_ADAPTER].weight,
        scaling=layer.scaling[_ADAPTER],
    )


def _lora_layers(unet: UNet2DConditionModel) -> dict[str, LoraLayer]:
    layers = {name: module for name, module in unet.named_modules() if isinstance(module, LoraLayer)}
    if not layers:
        raise SettingError("this UNet has no LoRA: attach or load one first.")
    return layers


def check_scale(scale: float) -> None:
    """Raise `SettingError` if a scale is NaN or infinite."""
    if not _is_number(scale):
        raise SettingError(
            f"a LoRA's scale cannot be {scale!r}: choose a finite number; 0 disables it, 1 is as trained."
        )


def _update_in(layer: LoraLayer) -> LowRankUpdate:
    magnitude = layer.lora_magnitude_vector[_ADAPTER].weight if _ADAPTER in layer.lora_magnitude_vector else None
    return LowRankUpdate(
        layer.lora_A[_ADAPTER].weight.detach(),
        layer.lora_B[_ADAPTER].weight.detach(),
        layer.lora_alpha[_ADAPTER],
        None if magnitude is None else magnitude.detach().flatten(),
    )


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and isfinite(value)
