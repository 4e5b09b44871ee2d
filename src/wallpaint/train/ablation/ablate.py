"""Ablations: repeated trainings with one setting changed at a time, to measure the effect of each setting."""

from __future__ import annotations

import gc
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import torch

from wallpaint.diffusion.checkpoints.base import find_base
from wallpaint.diffusion.encoders.empty_prompt import has_text_encoder
from wallpaint.diffusion.precision.choose import choose_precision
from wallpaint.errors import OutputError, SettingError, Source
from wallpaint.evaluate import Validation, read_validation
from wallpaint.evaluate.validation.files import METRICS_FILES
from wallpaint.metrics import json_text
from wallpaint.photo import write_files
from wallpaint.train.ablation.ablations import Ablation
from wallpaint.train.ablation.plot import ablation_plot
from wallpaint.train.ablation.results import BASELINE, METRICS, AblationResult, markdown, summary
from wallpaint.train.config.configuration import TrainingConfig, load_config
from wallpaint.train.loop import train
from wallpaint.train.models.export import CARD
from wallpaint.train.trainer.run_log import StepCallback

TABLE, FIGURES, PLOT = "ablations.md", "ablations.json", "ablations.svg"
_UNCHANGED = Ablation(BASELINE, "unchanged", ())
_PRECISIONS = {torch.float32: "no", torch.bfloat16: "bf16", torch.float16: "fp16"}


@dataclass(frozen=True)
class AblationRun:
    """One training run of an ablation with one seed."""

    ablation: Ablation
    seed: int
    config: TrainingConfig

    @property
    def name(self) -> str:
        return f"{self.ablation.name}-seed{self.seed}"

    @property
    def result(self) -> Validation | None:
        """The validation of its last step; None if the run is not finished."""
        if not (self.config.output / "final" / CARD).is_file():
            return None
        found = map(read_validation, sorted(self.config.validation_folder.glob(METRICS_FILES)))
        return next((each for each in found if each.step == self.config.optimization.max_steps), None)


@dataclass(frozen=True)
class AblationPlan:
    """The runs of some ablations.

    Attributes
    ----------
    output : Path
        Folder of the results, with one subfolder for each run.
    runs : sequence of AblationRun
        The runs, ordered by seed, with the baseline first for each seed, so that early results can be compared.
    left_out : mapping of str to str
        Ablations that the base does not support, with the reason.
    """

    output: Path
    runs: Sequence[AblationRun]
    left_out: Mapping[str, str]


def plan_ablations(
    ablations: Iterable[Ablation],
    seeds: Iterable[int],
    output: Path,
    config_file: Source | None = None,
    overrides: Sequence[str] = (),
) -> AblationPlan:
    """The runs of some ablations and of the unchanged baseline, with equal steps, seeds and precision.

    config_file, overrides : configuration of the baseline, see `load_config`.

    Raises
    ------
    ConfigError, SettingError
        A configuration is invalid, or a run's folder holds a run with another configuration.
    MissingWeightsError
        The base is not on this machine.
    """
    common = [*overrides, *_shared_settings(load_config(config_file, overrides), output)]
    base = find_base(load_config(config_file, common).model.base)
    chosen, left_out = [], {}
    for ablation in (_UNCHANGED, *ablations):
        needs_words = not load_config(config_file, [*common, *ablation.overrides]).training.unconditional_training
        if needs_words and not has_text_encoder(base):
            left_out[ablation.name] = f"{base.name} has no text encoder or no tokenizer, so it takes no prompt."
        else:
            chosen.append(ablation)
    if _UNCHANGED.name in left_out:
        raise SettingError(left_out[_UNCHANGED.name] + " Set training.unconditional_training=true.")
    runs = [_run_of(ablation, seed, output, config_file, common) for seed in seeds for ablation in chosen]
    return AblationPlan(output, runs, left_out)


def run_ablation(run: AblationRun, callback: StepCallback | None = None) -> bool:
    """Train one run if it is not finished; a killed run is resumed from its latest checkpoint.

    callback : called as ``callback(report)`` after each step.

    Returns
    -------
    bool
        False if a signal stopped it.

    Raises
    ------
    WallpaintError
        See `wallpaint.train.loop.train`.
    """
    if run.result is not None:
        return True
    finished = train(run.config, resume="latest", callback=callback)
    gc.collect()  # free the models before the next run loads its own
    return not finished.stopped


def results_of(plan: AblationPlan) -> list[AblationResult]:
    """The results of the finished runs, the baseline first; ablations without finished runs are left out."""
    by_name: dict[str, list[tuple[AblationRun, Validation]]] = {}
    for run in plan.runs:
        if (result := run.result) is not None:
            by_name.setdefault(run.ablation.name, []).append((run, result))
    return [
        AblationResult(
            name=name,
            change=finished[0][0].ablation.change,
            seeds=tuple(run.seed for run, _ in finished),
            values={metric: tuple(result.value(metric) for _, result in finished) for metric in METRICS},
        )
        for name, finished in by_name.items()
    ]


def write_results(plan: AblationPlan) -> str:
    """Write table, numbers and plot of the finished runs to the plan's folder, and return the table.

    The table is empty, and no file is written, if no baseline run is finished.

    Raises
    ------
    OutputError
        The folder cannot be written.
    """
    results = results_of(plan)
    if not results or results[0].name != BASELINE:
        return ""
    table = markdown(results, plan.left_out)
    figures = {
        "experiments": {result.name: summary(result, results[0]) for result in results},
        "left_out": plan.left_out,
    }
    contents = {TABLE: table, FIGURES: json_text(figures), PLOT: ablation_plot(results)}
    try:
        plan.output.mkdir(parents=True, exist_ok=True)
        write_files({plan.output / name: content.encode() for name, content in contents.items()})
    except OSError as error:
        raise OutputError.of(plan.output, error, "results") from None
    return table


def _shared_settings(config: TrainingConfig, output: Path) -> list[str]:
    """Settings that must be equal in all runs: validation interval, precision and cache folder."""
    every = config.validation.every or config.optimization.max_steps
    precision = config.optimization.mixed_precision
    earlier = sorted(output.glob("*-seed*/config.yaml"))
    if precision == "auto" and earlier:
        precision = load_config(earlier[0]).optimization.mixed_precision
    if precision == "auto":
        device = "cuda" if torch.cuda.is_available() else "cpu"
        precision = _PRECISIONS[choose_precision("auto", device).unet.dtype]  # type: ignore[assignment]
    shared = config.caching.folder or output / "cache"  # runs with equal samples encode them once
    return [
        f"validation.every={every}",
        f'optimization.mixed_precision="{precision}"',
        f"caching.folder={json_text(str(shared))}",
    ]


def _run_of(
    ablation: Ablation, seed: int, output: Path, config_file: Source | None, common: Sequence[str]
) -> AblationRun:
    folder = output / f"{ablation.name}-seed{seed}"
    own = [
        f"seed={seed}",
        f"output={json_text(str(folder))}",
        f"validation.folder={json_text(str(folder / 'validation'))}",
    ]
    config = load_config(config_file, [*common, *ablation.overrides, *own])
    earlier = folder / "config.yaml"
    if earlier.is_file() and load_config(earlier) != config:
        raise SettingError(
            f"{folder} holds a run with another configuration. Remove it, or use another folder: -o FOLDER."
        )
    return AblationRun(ablation, seed, config)
