"""The training configuration: read from YAML, changed by overrides, written as YAML.

It has three layers: the defaults of `sections`, one YAML file, then ``--set section.key=value``. Each layer replaces
single keys of the layers before it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from importlib.resources import files
from pathlib import Path
from typing import Annotated, Any, Literal

import yaml
from pydantic import Field, ValidationError

from wallpaint.errors import ConfigError, SettingError, Source
from wallpaint.train.config.faults import describe_fault
from wallpaint.train.config.sections import (
    CachingSection,
    CheckpointsSection,
    DataSection,
    ModelSection,
    ObjectiveSection,
    OptimizationSection,
    Section,
    TrainingSection,
    ValidationSection,
)
from wallpaint.train.config.yaml_tree import Tree, changed, nested, parse_tree, parse_value

DEFAULT = "mini.yaml"
FINAL, CONFIG = "final", "config.yaml"  #: in a run's output folder: the exported adapters, the configuration
VALIDATION = "validation"  #: in a run's output folder: its validations

# Keys that may be written without a section, and their section.
_SHORT = {
    "random_color_prob": "data",
    "mask_erosion_size": "data",
    "quality_threshold": "data",
    "num_validation_samples": "validation",
}


class TrainingConfig(Section):
    """All settings of a training run; only the machine is not part of them.

    Attributes
    ----------
    output : Path
        Folder of checkpoints, logs and the final export.
    seed : int
        Seed of all random numbers, in [0, 2⁶³).
    trackers : tuple of {"tensorboard", "wandb"}
        Where losses and metrics are logged.
    model, data, training, objective, optimization, caching, validation, checkpoints
        See `wallpaint.train.config.sections`.
    """

    output: Path = Path("out")
    seed: Annotated[int, Field(ge=0, lt=2**63, strict=True)] = 0
    trackers: tuple[Literal["tensorboard", "wandb"], ...] = ("tensorboard",)
    model: ModelSection = ModelSection()
    data: DataSection = DataSection()
    training: TrainingSection = TrainingSection()
    objective: ObjectiveSection = ObjectiveSection()
    optimization: OptimizationSection = OptimizationSection()
    caching: CachingSection = CachingSection()
    validation: ValidationSection = ValidationSection()
    checkpoints: CheckpointsSection = CheckpointsSection()

    @property
    def validation_folder(self) -> Path:
        """The folder that validations are written to."""
        return self.output / VALIDATION if self.validation.folder is None else self.validation.folder


def shipped_configs() -> dict[str, Path]:
    """The configurations that come with wallpaint, by file name; ``configs/`` of the repository is the same folder."""
    folder = Path(str(files("wallpaint.train.config"))) / "presets"
    return {path.name: path for path in sorted(folder.glob("*.yaml"))}


def find_config(path: Source | None) -> Path:
    """The path of a configuration file.

    path : a file, or the name of a configuration that comes with wallpaint, such as ``mini.yaml`` or
    ``configs/mini.yaml``. An existing file takes precedence. None means ``mini.yaml``.

    Raises
    ------
    ConfigError
        No such file exists.
    """
    wanted, shipped = Path(DEFAULT if path is None else path), shipped_configs()
    if path is not None and wanted.is_file():
        return wanted
    if wanted.parent in (Path(), Path("configs")) and wanted.name in shipped:
        return shipped[wanted.name]
    raise ConfigError(path, f"there is no such file. The configurations of wallpaint are {', '.join(shipped)}.")


def load_config(path: Source | None = None, overrides: Iterable[str] = ()) -> TrainingConfig:
    """Read a configuration.

    Parameters
    ----------
    path : path, optional
        See `find_config`. Missing keys get their defaults.
    overrides : iterable of str
        ``section.key=value``, with the value in YAML. Later overrides take precedence.

    Raises
    ------
    ConfigError
        The file cannot be read, or contains an unknown key or an invalid value. The message names the first fault and
        the nearest known key.
    SettingError
        An override contains an unknown key or an invalid value.
    """
    file = find_config(path)
    tree = _in_sections(parse_tree(file), file)
    sources, layers = ["", *overrides], [tree]
    for override in sources[1:]:
        layers.append(changed(layers[-1], _parse(override)))
    fault = _fault(layers[-1])
    if fault is None:
        return TrainingConfig.model_validate(layers[-1])
    culprit = next(source for source, layer in zip(sources, layers, strict=True) if _fault(layer) == fault)
    raise SettingError(f"--set {culprit}: {fault}") if culprit else ConfigError(file, fault)


def dump(config: TrainingConfig) -> str:
    """The configuration as YAML, with every key in the order of the sections; `load_config` reads it."""
    # ASCII, because PyYAML cannot read every character that it writes as Unicode (U+0085)
    return yaml.safe_dump(config.model_dump(mode="json"), sort_keys=False, width=120)


def _fault(tree: Tree) -> str | None:
    try:
        TrainingConfig.model_validate(tree)
    except ValidationError as error:
        return describe_fault(error, TrainingConfig)
    return None


def _parse(override: str) -> Tree:
    key, equals, text = override.partition("=")
    key = key.strip()
    if not equals or not all(key.split(".")):
        raise SettingError(f"--set {override}: write it as section.key=value, for example optimization.max_steps=100.")
    return nested(f"{_SHORT[key]}.{key}" if key in _SHORT else key, parse_value(text, f"--set {override}"))


def _in_sections(tree: Mapping[str, Any], file: Path) -> Tree:
    placed: Tree = {key: value for key, value in tree.items() if key not in _SHORT}
    for key in tree.keys() & _SHORT.keys():
        section = placed.get(_SHORT[key]) or {}
        if isinstance(section, Mapping):  # validation reports a section that is not a mapping
            if key in section:
                raise ConfigError(file, f"{key} occurs twice, alone and in {_SHORT[key]}. Remove one.")
            placed[_SHORT[key]] = {**section, key: tree[key]}
    return placed
