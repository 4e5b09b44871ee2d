"""Ablations: what changes when one thing about training is done differently."""

from __future__ import annotations

from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path

from pydantic import BaseModel, ConfigDict, ValidationError

from wallpaint.errors import ConfigError, Source
from wallpaint.train.config.faults import told
from wallpaint.train.config.yaml_tree import parse_tree


@dataclass(frozen=True)
class Ablation:
    """One experiment.

    Attributes
    ----------
    name : str
    change : str
        In a few words.
    overrides : tuple of str
        For `load_config`, after all others.
    """

    name: str
    change: str
    overrides: tuple[str, ...]


class _Entry(BaseModel):
    model_config = ConfigDict(extra="forbid")

    change: str
    set: tuple[str, ...]


def load_ablations(path: Source | None = None) -> dict[str, Ablation]:
    """The experiments of a file, by name.

    path : YAML, ``NAME: {change: …, set: [section.key=value, …]}``; A1 to A8 of ``configs/ablations/workflow.yaml`` if
    not given.

    Raises
    ------
    ConfigError
        It cannot be read, or an experiment lacks a key or has one that is not known.
    """
    shipped = Path(str(files("wallpaint.train.config"))) / "presets" / "ablations" / "workflow.yaml"
    file = shipped if path is None else Path(path)
    found = {}
    for name, content in parse_tree(file).items():
        try:
            entry = _Entry.model_validate(content)
        except ValidationError as error:
            raise ConfigError(file, f"in {name}: {told(error, _Entry)}") from None
        found[name] = Ablation(name, entry.change, entry.set)
    return found
