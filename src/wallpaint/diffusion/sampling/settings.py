"""Sampling settings: every setting with its default, range and help text. Imports no torch.

A setting declared here appears in `load_engine`, as an option of the commands that paint or validate, as a key of the
training configuration's `validation` section, and as a field of the service's requests.
"""

from __future__ import annotations

from typing import Any, Literal, get_args, get_origin

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator
from pydantic.fields import FieldInfo

from wallpaint.errors import SettingError

Init = Literal["reference", "noise", "albedo"]
Scheduler = Literal["dpm++", "ddim", "lcm", "unipc"]

RENAMED = {"emphasis": "reference_strength"}  #: former names
_STRENGTH_OF_ALBEDO = 0.5
_BOUNDS = {"gt": "more than", "ge": "at least", "lt": "less than", "le": "at most"}


class DenoisingSettings(BaseModel):
    """All sampling settings except the seed, which a training run has for everything."""

    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False)

    steps: int = Field(default=20, ge=1, strict=True, description="Number of denoising steps.")
    scheduler: Scheduler = Field(default="dpm++", description="Sampling method: dpm++, ddim, lcm or unipc.")
    init: Init = Field(
        default="reference",
        description="Image under the initial noise: the photo with its wall in the reference's colour (reference), "
        "nothing (noise), or the albedo engine's picture (albedo).",
    )
    strength: float | None = Field(
        default=None,
        gt=0,
        le=1,
        description="Amount of initial noise, 0 to 1. If not given: 0.5 with init albedo; with init reference, what "
        "the base recommends; else 1.",
    )
    batch_size: int = Field(
        default=8, ge=1, strict=True, description="Number of pictures sampled at once; fewer need less memory."
    )
    reference_strength: float = Field(
        default=1.0,
        gt=0,
        description="Factor on the weight of the reference image; 1 is as in training. With 1.2 to 1.5 the colour is "
        "closer to the reference if the model was trained for a short time.",
    )

    @model_validator(mode="after")
    def _noise_has_full_strength(self) -> DenoisingSettings:
        if self.init == "noise" and self.strength not in (None, 1):
            raise ValueError(
                f"strength cannot be {self.strength:g} with init noise, which starts from noise alone: choose init "
                "albedo or reference."
            )
        return self

    @property
    def effective_strength(self) -> float:
        """`strength`, or its default."""
        if self.strength is not None:
            return self.strength
        return _STRENGTH_OF_ALBEDO if self.init == "albedo" else 1.0


class SamplingSettings(DenoisingSettings):
    """How pictures are sampled from a model.

    Every picture of a batch starts from the same noise, so a colour looks the same alone and among others.

    `init` exists because Stable Diffusion was never trained on pure noise: at its noisiest timestep √ᾱ is 0.068, so 7 %
    of the picture remains, and a model that finds 7 % of grey there paints greyer than its reference (Lin et al. 2024,
    "Common Diffusion Noise Schedules and Sample Steps are Flawed"; measured in docs/results.md).

    Raises
    ------
    SettingError
        A value is out of range, or there is no setting of this name.
    """

    seed: int = Field(
        default=0, ge=0, lt=2**63, strict=True, description="Seed of the noise. The same seed gives the same picture."
    )

    def __init__(self, **values: Any) -> None:
        try:
            super().__init__(**values)
        except ValidationError as error:
            raise SettingError(_first_fault(error)) from None

    def changed(self, **changes: Any) -> SamplingSettings:
        """A copy with some settings changed. A different `init` resets `strength`, unless that is given too."""
        values = self.model_dump()
        if changes.get("init", self.init) != self.init:
            values["strength"] = None
        return SamplingSettings(**{**values, **changes})


DEFAULT_SAMPLING = SamplingSettings()


def bounds_of(setting: FieldInfo) -> dict[str, float]:
    """The range of a setting, by pydantic's names: ``gt``, ``ge``, ``lt``, ``le``."""
    return {
        name: value for rule in setting.metadata for name in _BOUNDS if (value := getattr(rule, name, None)) is not None
    }


def _first_fault(error: ValidationError) -> str:
    fault = error.errors(include_url=False)[0]
    if fault["type"] == "value_error":
        return str(fault["ctx"]["error"])
    name = str(fault["loc"][0])
    if name in RENAMED:
        return f"{name} has been renamed: use {RENAMED[name]}."
    setting = SamplingSettings.model_fields.get(name)
    if setting is None:
        return f"there is no sampling setting {name!r}: choose {', '.join(SamplingSettings.model_fields)}."
    return f"{name} cannot be {fault['input']!r}: choose {_allowed(setting)}."


def _allowed(setting: FieldInfo) -> str:
    if get_origin(setting.annotation) is Literal:
        *others, last = get_args(setting.annotation)
        return f"{', '.join(others)} or {last}"
    kind = "a whole number" if setting.annotation is int else "a number"
    return ", ".join([kind, *(f"{_BOUNDS[name]} {bound:,}" for name, bound in bounds_of(setting).items())])
