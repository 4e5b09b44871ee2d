"""Ablation: the same training again and again, one thing changed at a time; what each thing is worth."""

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
from wallpaint.train.trainer.run_log import Told

TABLE, FIGURES, PLOT = "ablations.md", "ablations.json", "ablations.svg"
_UNCHANGED = Ablation(BASELINE, "unchanged", ())
_PRECISIONS = {torch.float32: "no", torch.bfloat16: "bf16", torch.float16: "fp16"}


@dataclass(frozen=True)
class AblationRun:
    """One training of an experiment."""

    ablation: Ablation
    seed: int
    config: TrainingConfig

    @property
    def name(self) -> str:
        return f"{self.ablation.name}-seed{self.seed}"

    @property
    def result(self) -> Validation | None:
        """The validation of its last step, once it is finished."""
        if not (self.config.output / "final" / CARD).is_file():
            return None
        found = map(read_validation, sorted(self.config.validation_folder.glob(METRICS_FILES)))
        return next((each for each in found if each.step == self.config.optimization.max_steps), None)


@dataclass(frozen=True)
class AblationPlan:
    """All that is to be run.

    Attributes
    ----------
    output : Path
        Each run has a folder in it, results lie beside them.
    runs : sequence of AblationRun
        Seed by seed, and of each the baseline first, so that what is there can soon be compared.
    left_out : mapping of str to str
        Experiments that this base cannot do, and why.
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
    """The runs of some experiments and of the unchanged baseline, at the same budget, seeds and precision.

    config_file, overrides : of the baseline, see `load_config`.

    Raises
    ------
    ConfigError, SettingError
        A configuration cannot be; or one of the folders holds a run of another.
    MissingWeightsError
        The base is not on this machine.
    """
    common = [*overrides, *_the_same_for_all(load_config(config_file, overrides), output)]
    base = find_base(load_config(config_file, common).model.base)
    chosen, left_out = [], {}
    for ablation in (_UNCHANGED, *ablations):
        needs_words = not load_config(config_file, [*common, *ablation.overrides]).training.unconditional_training
        if needs_words and not has_text_encoder(base):
            left_out[ablation.name] = f"{base.name} has no text encoder or no tokenizer, so it cannot be told words."
        else:
            chosen.append(ablation)
    if _UNCHANGED.name in left_out:
        raise SettingError(left_out[_UNCHANGED.name] + " Set training.unconditional_training=true.")
    runs = [_run_of(ablation, seed, output, config_file, common) for seed in seeds for ablation in chosen]
    return AblationPlan(output, runs, left_out)


def run_ablation(run: AblationRun, told: Told | None = None) -> bool:
    """Train one run, unless it is finished; a killed one goes on where it was.

    told : told of each step.

    Returns
    -------
    bool
        False if a signal stopped it.

    Raises
    ------
    WallpaintError
        As `wallpaint.train.loop.train`.
    """
    if run.result is not None:
        return True
    finished = train(run.config, resume="latest", told=told)
    gc.collect()  # the models of one run are enough
    return not finished.stopped


def outcomes_of(plan: AblationPlan) -> list[AblationResult]:
    """What the finished runs came to, the baseline first; experiments without any are left out."""
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
    """Write table, figures and plot of what is finished to the plan's folder; the table.

    Raises
    ------
    OutputError
    """
    outcomes = outcomes_of(plan)
    if not outcomes or outcomes[0].name != BASELINE:
        return ""
    table = markdown(outcomes, plan.left_out)
    figures = {
        "experiments": {outcome.name: summary(outcome, outcomes[0]) for outcome in outcomes},
        "left_out": plan.left_out,
    }
    contents = {TABLE: table, FIGURES: json_text(figures), PLOT: ablation_plot(outcomes)}
    try:
        plan.output.mkdir(parents=True, exist_ok=True)
        write_files({plan.output / name: content.encode() for name, content in contents.items()})
    except OSError as error:
        raise OutputError.of(plan.output, error, "results") from None
    return table


def _the_same_for_all(config: TrainingConfig, output: Path) -> list[str]:
    """Settings that leave nothing to the moment: every run is validated at its end, in one precision."""
    every = config.validation.every or config.optimization.max_steps
    precision = config.optimization.mixed_precision
    begun = sorted(output.glob("*-seed*/config.yaml"))
    if precision == "auto" and begun:
        precision = load_config(begun[0]).optimization.mixed_precision
    if precision == "auto":
        device = "cuda" if torch.cuda.is_available() else "cpu"
        precision = _PRECISIONS[choose_precision("auto", device).unet.dtype]  # type: ignore[assignment]
    shared = config.caching.folder or output / "cache"  # runs that see the same samples encode them once
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
    begun = folder / "config.yaml"
    if begun.is_file() and load_config(begun) != config:
        raise SettingError(f"{folder} holds a run of another configuration. Remove it, or write to another folder: -o.")
    return AblationRun(ablation, seed, config)
