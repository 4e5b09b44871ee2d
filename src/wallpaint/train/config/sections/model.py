"""The model: what is trained, and on top of what."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

from pydantic import Field, StrictBool, field_validator, model_validator

from wallpaint.train.config.sections.section import Count, Name, Section, Weight

TrainedPart = Literal["lora", "ip_adapter_projection", "ip_adapter_attention", "controlnet"]


class LoraSection(Section):
    """`wallpaint.diffusion.adapters.lora.LoraSettings`, name for name."""

    rank: Count = 8
    alpha: Annotated[float, Field(gt=0)] = 8.0
    dropout: Annotated[float, Field(ge=0, lt=1)] = 0.0
    dora: StrictBool = False
    rslora: StrictBool = False


class ModelSection(Section):
    """What is trained, and what it is trained on top of.

    Attributes
    ----------
    base, ip_adapter, image_encoder, controlnet
        As in `wallpaint.diffusion.ModelSources`; null is looked for where it usually is. An `ip_adapter` called
        "new" starts from scratch, for bases that none is released for; a `controlnet` called "new" starts as a copy of
        the base's encoder that is silent at first.
    adapter : Path or null
        A folder trained by wallpaint: in effect as it will be in use, and not changed; its IP-Adapter goes before
        `ip_adapter`. Only a ControlNet can be trained on top of it.
    ip_adapter_scale : float
        How strongly the reference speaks while training and validating; at 0 the model cannot see it.
    color_tokens : bool
        A second, plain IP-Adapter, which is told the reference's CIELAB as numbers. Image encoders blur exact colour.
        Trained whatever `train` says, from the base's own, where it has any and `ip_adapter` is not "new". With an
        `adapter` there are those that it brings, and they stay as they are.
    color_tokens_scale : float
        How strongly they speak.
    lora : LoraSection
    train : tuple of {"lora", "ip_adapter_projection", "ip_adapter_attention", "controlnet"}
        The parts whose weights change. An adapter's projection makes tokens of the reference; its attention
        (``to_k_ip``, ``to_v_ip``) follows them.
    """

    base: Name = "sd15"
    adapter: Path | None = None
    ip_adapter: Name | None = None
    image_encoder: Path | None = None
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
            raise ValueError("model.train names a part twice. Name each once.")
        return parts

    @model_validator(mode="after")
    def _over_an_adapter(self) -> ModelSection:
        if self.adapter is not None and self.train != ("controlnet",):
            raise ValueError(
                "model.adapter stays as it is, and only a ControlNet is trained on top of it: set model.train to "
                "[controlnet], or leave model.adapter out."
            )
        return self
