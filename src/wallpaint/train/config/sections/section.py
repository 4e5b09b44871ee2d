"""The base class of all sections, and the types of their values."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, model_validator

Share = Annotated[float, Field(ge=0, le=1)]
Count = Annotated[int, Field(ge=1, strict=True)]  # strict: pydantic would accept true as 1
WholeNumber = Annotated[int, Field(ge=0, strict=True)]
Weight = Annotated[float, Field(ge=0)]
Name = Annotated[str, StringConstraints(min_length=1)]


class Section(BaseModel):
    """Base of the sections: immutable, without unknown keys. An empty section has all defaults.

    Raises
    ------
    pydantic.ValidationError
        A key is unknown or a value is invalid; `load_config` converts it to a one-line error.
    """

    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False)

    @model_validator(mode="before")
    @classmethod
    def _empty(cls, values: Any) -> Any:
        return {} if values is None else values
