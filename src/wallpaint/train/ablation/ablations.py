"""Definitions of ablations: name, description and changed settings, from a YAML file."""

from __future__ import annotations

from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path

from pydantic import BaseModel, ConfigDict, ValidationError

from wallpaint.errors import ConfigError, Source
from wallpaint.train.config.faults import describe_fault
from wallpaint.train.config.yaml_tree import parse_tree


@dataclass(frozen=True)
class Ablation:
    """A training with some settings changed.

    Attributes
    ----------
    name : str
        Short name, such as A3.
    change : str
        Description of the change in a few words.
    overrides : tuple of str
        Overrides for `load_config`, applied after all others.
    """

    name: str
    change: str
    overrides: tuple[str, ...]


class _Entry(BaseModel):
    model_config = ConfigDict(extra="forbid")

    change: str
    set: tuple[str, ...]


def load_ablations(path: Source | None = None) -> dict[str, Ablation]:
    """Read the ablations of a file, by name.

    path : YAML file of ``NAME: {change: …, set: [section.key=value, …]}``; by default
    ``configs/ablations/workflow.yaml``, which has A1 to A8.

    Raises
    ------
    ConfigError
        The file cannot be read, or an ablation has a missing or unknown key.
    """
    shipped = Path(str(files("wallpaint.train.config"))) / "presets" / "ablations" / "workflow.yaml"
    file = shipped if path is None else Path(path)
    found = {}
    for name, content in parse_tree(file).items():
        try:
            entry = _Entry.model_validate(content)
        except ValidationError as error:
            raise ConfigError(file, f"in {name}: {describe_fault(error, _Entry)}") from None
        found[name] = Ablation(name, entry.change, entry.set)
    return found
