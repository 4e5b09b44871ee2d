"""What all sections have in common, and the kinds of values they hold."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, model_validator

Share = Annotated[float, Field(ge=0, le=1)]
Count = Annotated[int, Field(ge=1, strict=True)]  # strict: YAML knows whole numbers, and true is none
WholeNumber = Annotated[int, Field(ge=0, strict=True)]
Weight = Annotated[float, Field(ge=0)]
Name = Annotated[str, StringConstraints(min_length=1)]


class Section(BaseModel):
    """Keys and values that cannot be changed, of which none but the known are taken; an empty section is all default.

    Raises
    ------
    pydantic.ValidationError
        Which `load_config` puts into one sentence.
    """

    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False)

    @model_validator(mode="before")
    @classmethod
    def _empty(cls, values: Any) -> Any:
        return {} if values is None else values
