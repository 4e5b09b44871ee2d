"""Messages for validation errors of a configuration: one sentence with the key, the fault and the cure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from difflib import get_close_matches
from typing import Any

from pydantic import BaseModel, ValidationError

from wallpaint.diffusion.sampling.settings import RENAMED


def describe_fault(error: ValidationError, config: type[BaseModel]) -> str:
    """A sentence about the first fault of a validation error.

    An unknown key is reported before other faults, because it may be their cause.
    """
    faults = error.errors(include_url=False)
    first = next((fault for fault in faults if fault["type"] == "extra_forbidden"), faults[0])
    key = ".".join(str(part) for part in first["loc"])
    if first["type"] == "extra_forbidden":
        section, _, name = key.rpartition(".")
        if name in RENAMED:
            return f"{key} has been renamed: use {'.'.join(filter(None, [section, RENAMED[name]]))}."
        return f"there is no key {key}. {_nearest(key, config)}"
    if first["type"] == "value_error":
        return str(first["ctx"]["error"])
    if first["type"] == "missing":
        return f"{key} is missing. Add it."
    wanted = "it should be a section with keys" if first["type"] == "model_type" else _wanted(first["msg"])
    return f"{key or 'it'} is {_shown(first['input'])}: {wanted}."


def known_keys(section: type[BaseModel], prefix: str = "") -> Iterator[str]:
    """All dotted keys of a section, with the names of its subsections."""
    for name, info in section.model_fields.items():
        yield f"{prefix}{name}"
        if isinstance(info.annotation, type) and issubclass(info.annotation, BaseModel):
            yield from known_keys(info.annotation, f"{prefix}{name}.")


def _nearest(key: str, config: type[BaseModel]) -> str:
    section, _, name = key.rpartition(".")
    keys = list(known_keys(config))
    siblings = [known for known in keys if known.rpartition(".")[0] == section]
    close = _closest(name, siblings) or _closest(name, keys)
    if close is not None:
        return f"Did you mean {close}?"
    names = ", ".join(known.rpartition(".")[2] for known in siblings)
    return f"The keys {f'of {section} ' if section else ''}are {names}."


def _closest(name: str, keys: list[str]) -> str | None:
    """The key whose last part is most similar to a name; None if no key is similar."""
    last = {known.rpartition(".")[2]: known for known in reversed(keys)}
    containing = [part for part in last if name.endswith(f"_{part}") or part.endswith(f"_{name}")]
    matches = get_close_matches(name, last, n=1, cutoff=0.7) or containing
    return last[matches[0]] if matches else None


def _shown(value: Any) -> str:
    """A value as written in YAML, cut to 60 characters."""
    if isinstance(value, Mapping):
        return "a section"
    plain = {None: "null", True: "true", False: "false"}
    text = plain[value] if value is None or isinstance(value, bool) else repr(value)
    return text if len(text) <= 60 else f"{text[:57]}..."


def _wanted(message: str) -> str:
    """Pydantic's message as the second half of a sentence."""
    return f"it should{message.removeprefix('Input should')}" if message.startswith("Input should") else message
