"""``wallpaint validate``: colour error of a model, before and after the colour lock."""

from __future__ import annotations

import json
import math
import sys
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.table import Table

from wallpaint.cli.sampling import sampling_parameters, with_parameters
from wallpaint.cli.terminal import progress_bar, say, show, step
from wallpaint.errors import SettingError, WallpaintWarning

if TYPE_CHECKING:
    from wallpaint.evaluate import Validation
    from wallpaint.train.config.configuration import TrainingConfig

_ROWS = {
    "lab_distance": "LAB distance",
    "hue_error": "hue error, °",
    "delta_e": "Delta-E (CIE76, the same as LAB distance)",
    "delta_e_2000": "CIEDE2000",
    "delta_e_2000_truth": "CIEDE2000 to the physical truth",
    "shading_correlation": "shading correlation",
}
_SUMMARIES = ("mean", "p95")


def _with_sampling_options(command: Callable[..., None]) -> Callable[..., None]:
    return with_parameters(command, "sampling", sampling_parameters("Sampling", unset=True), lambda given: given)


@_with_sampling_options
def validate(
    checkpoint: Annotated[
        str,
        typer.Option(
            help="[bold]none[/bold]: the base alone; [bold]shipped[/bold]: with the adapter that came with the base; "
            "[bold]latest[/bold]: with the newest checkpoint in the configuration's output; or a checkpoint's folder.",
        ),
    ] = "latest",
    samples: Annotated[int | None, typer.Option(help="How many rooms and colours to paint.")] = None,
    config_file: Annotated[
        Path | None, typer.Option("--config", help="YAML file of the training; configs/mini.yaml if not given.")
    ] = None,
    settings: Annotated[
        list[str] | None, typer.Option("--set", help="section.key=value, overrides the file. May be repeated.")
    ] = None,
    model: Annotated[
        str | None,
        typer.Option(
            help="The base: mini, sd15, a hub id, a diffusers folder, or a single file. Also give its training "
            "resolution (--size) or its --config."
        ),
    ] = None,
    run: Annotated[Path | None, typer.Option(help="Output folder of the training, with its checkpoints.")] = None,
    rooms: Annotated[Path | None, typer.Option(help="Folder of rooms, made by 'wallpaint rooms render'.")] = None,
    data: Annotated[
        Path | None, typer.Option(help="Dataset whose validation split is painted instead of rooms.")
    ] = None,
    output: Annotated[
        Path | None,
        typer.Option(
            "--output",
            "-o",
            help="Folder for metrics and sheets; RUN/validation by default, and validation_grids links to it.",
        ),
    ] = None,
    number: Annotated[
        int | None,
        typer.Option(
            "--step", min=0, help="Training step in the files' names; from the checkpoint's name if not given."
        ),
    ] = None,
    size: Annotated[int | None, typer.Option(help="Pixels a side.")] = None,
    no_depth: Annotated[bool, typer.Option("--no-depth", help="Paint without depth, even with a ControlNet.")] = False,
    precision: Annotated[str, typer.Option(help="auto, fp32, bf16 or fp16.")] = "auto",
    device: Annotated[str, typer.Option(help="auto, cpu, cuda, cuda:1, mps …")] = "auto",
    *,
    sampling: dict[str, Any],
) -> None:
    """Paint rooms that were not trained on, and measure the colour errors.

    [bold]wallpaint validate --checkpoint none --samples 50[/bold]

    What is not said here is as the training's configuration has it.

    Every sample is measured twice: as the model painted it, which is what training improves, and after the colour
    lock. Writes step_000500_metrics.json and sheets step_000500_grid_01.png … for each step; 'wallpaint report' draws
    curves of them.
    """
    from wallpaint.train.config.configuration import load_config

    if rooms is not None and data is not None:
        raise SettingError("give either --rooms or --data to validate on, not both.")
    given = {
        "output": run,
        "seed": sampling.pop("seed"),
        "model.base": model,
        "data.kind": "rooms" if rooms else "photos" if data else None,
        "data.path": rooms or data,
        "data.size": size,
        "validation.num_validation_samples": samples,
        "validation.folder": output,
        **{f"validation.{name}": value for name, value in sampling.items()},
    }
    overrides = [f"{key}={json.dumps(value, default=str)}" for key, value in given.items() if value is not None]
    overrides += ["data.dataset_class=null"] if rooms or data else []
    config = load_config(config_file, [*(settings or []), *overrides])
    sys.path.insert(0, "")  # a dataset's class may be in a file beside
    adapter = _adapter(checkpoint, config)
    if number is None:
        number = config.optimization.max_steps if checkpoint == "shipped" else _step(adapter)
    warnings.simplefilter("once", WallpaintWarning)  # otherwise repeated for every photo
    with step("Painting the truth"):
        from wallpaint.evaluate import validate as run_validation
        from wallpaint.train.trainer.validation_settings import validation_samples

        chosen = validation_samples(config)
    with step("Loading the model", compiles=True):
        from wallpaint.diffusion import load_engine
        from wallpaint.evaluate.validation.checkpoints import IP_ADAPTER
        from wallpaint.evaluate.validation.folder import link_workflow_folder

        trained_ip_adapter = adapter is not None and (adapter / IP_ADAPTER).is_file()
        engine = load_engine(
            config.model.base,
            adapter=adapter,
            lora_scale=0.0 if adapter is None else 1.0,  # a base may bring a LoRA of its own
            ip_adapter=None if trained_ip_adapter else config.model.ip_adapter,
            ip_adapter_scale=config.model.ip_adapter_scale,
            color_tokens_scale=config.model.color_tokens_scale,
            image_encoder=config.model.image_encoder,
            controlnet=config.model.controlnet,
            depth=not no_depth,
            prompt="" if config.training.unconditional_training else config.training.prompt,
            sampling=config.validation.sampling(config.seed),
            precision=precision,
            device=device,
        )
    folder = _folder(checkpoint, adapter, config, load_config(config_file, settings or []).model.base)
    with progress_bar() as progress:
        task = progress.add_task("samples", total=len(chosen))
        validation = run_validation(
            engine, chosen, folder, number, progress=lambda done, _: progress.update(task, completed=done)
        )
    if config.validation.folder is None:
        link_workflow_folder(folder)
    _show(validation, f"{config.model.base}, {adapter or 'untrained'}: {len(chosen)} samples")
    say(f"{folder}: step_{number:06d}_metrics.json and sheets")


def _adapter(checkpoint: str, config: TrainingConfig) -> Path | None:
    from wallpaint.evaluate.validation.checkpoints import latest_checkpoint

    if checkpoint == "none":
        return None
    if checkpoint == "shipped":
        return _shipped_adapter(config.model.base)
    return latest_checkpoint(config.output) if checkpoint == "latest" else Path(checkpoint)


def _shipped_adapter(base: str) -> Path:
    with step("Loading"):
        from wallpaint.diffusion.checkpoints.base import find_base
    adapter = find_base(base) / "adapter"
    if not adapter.is_dir():
        raise SettingError(f"{base} has no shipped adapter. Give a folder: --checkpoint FOLDER.")
    return adapter


def _folder(checkpoint: str, adapter: Path | None, config: TrainingConfig, trained_base: str) -> Path:
    """The validations of a run go together; those of another base or adapter beside it, under its name."""
    from wallpaint.evaluate.validation.checkpoints import checkpoint_step
    from wallpaint.train.config.configuration import CONFIG, FINAL, VALIDATION, load_config

    if config.validation.folder is not None:
        return config.validation.folder
    if checkpoint == "latest":
        return config.validation_folder
    if adapter is not None and checkpoint != "shipped":
        is_of_a_run = checkpoint_step(adapter) is not None or adapter.resolve().name == FINAL
        home = adapter.resolve().parent if is_of_a_run else config.output.parent / adapter.resolve().name
        return home / VALIDATION
    written = config.output / CONFIG
    trained_base = load_config(written).model.base if written.is_file() else trained_base
    if checkpoint == "none" and config.model.base == trained_base:
        return config.validation_folder
    name = Path(config.model.base).stem if checkpoint == "none" else f"{Path(config.model.base).stem}-{checkpoint}"
    return config.output.parent / name / VALIDATION


def _step(adapter: Path | None) -> int:
    from wallpaint.evaluate.validation.checkpoints import checkpoint_step

    number = 0 if adapter is None else checkpoint_step(adapter)
    if number is None:
        raise SettingError(f"{adapter} has no step in its name (checkpoint-000500). Give it: --step 500.")
    return number


def _show(validation: Validation, title: str) -> None:
    from wallpaint.evaluate import TARGETS

    columns = ("metric", "good", "excellent", "mean", "p95", "", "locked", "p95 locked")
    table = Table(*columns, title=title, title_justify="left", title_style="bold")
    for column in table.columns[1:]:
        column.justify = "right"
    for metric, words in _ROWS.items():
        target, mean = TARGETS.get(metric), validation.value(metric)
        bounds = [f"< {target.good:g}", f"< {target.excellent:g}"] if target else ["", ""]
        raw, locked = (
            [_written(validation.value(metric, summary, prefix)) for summary in _SUMMARIES]
            for prefix in ("val", "val_locked")
        )
        table.add_row(words, *bounds, *raw, target.verdict(mean) if target else "", *locked)
    show(table)


def _written(value: float) -> str:
    return "–" if math.isnan(value) else f"{value:.2f}"
