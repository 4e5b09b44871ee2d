"""The sections `model` and `model.lora`: base model, adapters and trained parts."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

from pydantic import Field, StrictBool, field_validator, model_validator

from wallpaint.train.config.sections.section import Count, Name, Section, Weight

TrainedPart = Literal["lora", "ip_adapter_projection", "ip_adapter_attention", "controlnet"]


class LoraSection(Section):
    """Settings of a LoRA: the fields of `wallpaint.diffusion.adapters.lora.LoraSettings`."""

    rank: Count = 8
    alpha: Annotated[float, Field(gt=0)] = 8.0
    dropout: Annotated[float, Field(ge=0, lt=1)] = 0.0
    dora: StrictBool = False
    rslora: StrictBool = False


class ModelSection(Section):
    """The base model, its adapters, and the parts whose weights are trained.

    Attributes
    ----------
    base, ip_adapter, image_encoder, controlnet
        As in `wallpaint.diffusion.ModelSources`; null means the usual place. The `ip_adapter` "new" is randomly
        initialized, for bases without a released IP-Adapter. The `controlnet` "new" is initialized as a copy of the
        base's encoder with zero output.
    adapter : Path or null
        Folder of an adapter trained by wallpaint. It is active during training, and its weights stay frozen. Its
        IP-Adapter takes precedence over `ip_adapter`. Only a ControlNet can be trained on top of it.
    ip_adapter_scale : float
        Weight of the reference image during training and validation, ≥ 0; 0 disables it.
    color_tokens : bool
        Whether to train a second IP-Adapter whose input is the CIELAB colour of the reference, because image encoders
        lose the exact colour. It is trained even if `train` does not name it. It starts from the colour tokens of the
        base, if the base has them and `ip_adapter` is not "new". With an `adapter` this key has no effect: the colour
        tokens of the adapter are used, frozen.
    color_tokens_scale : float
        Weight of the colour tokens, ≥ 0; 0 disables them.
    lora : LoraSection
        Settings of the LoRA.
    train : tuple of {"lora", "ip_adapter_projection", "ip_adapter_attention", "controlnet"}
        The parts whose weights are trained. The projection of an IP-Adapter converts the reference to tokens; its
        attention (``to_k_ip``, ``to_v_ip``) feeds them to the UNet.
    """

    base: Name = "sd15"
    adapter: Path | None = None
    ip_adapter: Name | None = None
    image_encoder: Name | None = None
    controlnet: Name | None = None
    ip_adapter_scale: Weight = 1.0
    color_tokens: StrictBool = False
    color_tokens_scale: Weight = 1.0
    lora: LoraSection = LoraSection()
    train: Annotated[tuple[TrainedPart, ...], Field(min_length=1)] = ("lora",)

    @property
    def trains_color_tokens(self) -> bool:
        return self.color_tokens and self.adapter is None

    @field_validator("train")
    @classmethod
    def _once(cls, parts: tuple[TrainedPart, ...]) -> tuple[TrainedPart, ...]:
        if len(set(parts)) < len(parts):
            raise ValueError("model.train names a part twice. Name each part once.")
        return parts

    @model_validator(mode="after")
    def _over_an_adapter(self) -> ModelSection:
        if self.adapter is not None and self.train != ("controlnet",):
            raise ValueError(
                "model.adapter is frozen, and only a ControlNet can be trained on top of it: set model.train to "
                "[controlnet], or remove model.adapter."
            )
        return self
