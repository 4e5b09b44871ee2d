"""``wallpaint validate``: how true a model is, before and after the colour lock."""

from __future__ import annotations

import math
import warnings
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.table import Table

from wallpaint.cli.terminal import progress_bar, show, step
from wallpaint.errors import SettingError, WallpaintWarning

if TYPE_CHECKING:
    from wallpaint.evaluate import Validation

_ROWS = {
    "lab_distance": "LAB distance",
    "hue_error": "hue error, °",
    "delta_e": "Delta-E (CIE76, the same as LAB distance)",
    "delta_e_2000": "CIEDE2000",
    "delta_e_2000_truth": "CIEDE2000 to the physical truth",
    "shading_correlation": "shading correlation",
}
_SUMMARIES = ("mean", "p95")


def validate(
    checkpoint: Annotated[
        str,
        typer.Option(
            help="[bold]none[/bold]: the model without what was trained; a checkpoint's folder; [bold]latest[/bold]: "
            "the newest in --run.",
        ),
    ] = "latest",
    samples: Annotated[int, typer.Option(help="How many rooms and colours to paint.")] = 50,
    model: Annotated[
        str, typer.Option(help="The base: mini, sd15, a hub id, a diffusers folder, or a single file.")
    ] = "mini",
    run: Annotated[Path, typer.Option(help="Where a training put its checkpoints.")] = Path("out"),
    rooms: Annotated[
        Path | None,
        typer.Option(
            help="Folder of rooms, from 'wallpaint rooms render'; the rooms that come with wallpaint if none."
        ),
    ] = None,
    data: Annotated[
        Path | None, typer.Option(help="Instead of rooms: a dataset's folder, whose validation split is painted.")
    ] = None,
    validation_share: Annotated[
        float, typer.Option(min=0, max=1, help="Share of rooms, or of photos in a flat folder, never trained on.")
    ] = 0.1,
    output: Annotated[Path, typer.Option("--output", "-o", help="Folder for metrics and sheets.")] = Path(
        "validation_grids"
    ),
    number: Annotated[
        int | None,
        typer.Option("--step", min=0, help="Of the training, for the files' names; by the checkpoint's if not given."),
    ] = None,
    size: Annotated[int | None, typer.Option(help="Pixels a side; what the model was trained at if not given.")] = None,
    ip_adapter: Annotated[str | None, typer.Option(help="A file, ip-adapter-plus or ip-adapter.")] = None,
    ip_adapter_scale: Annotated[float, typer.Option(help="How strongly the reference speaks; 0 is silence.")] = 1.0,
    image_encoder: Annotated[Path | None, typer.Option(help="Folder; if not given, the model's.")] = None,
    controlnet: Annotated[str | None, typer.Option(help="depth-controlnet, a folder or a file.")] = None,
    no_depth: Annotated[bool, typer.Option("--no-depth", help="Leave depth out.")] = False,
    steps: Annotated[int, typer.Option(help="Of denoising.")] = 20,
    scheduler: Annotated[str, typer.Option(help="dpm++, ddim, lcm, euler or unipc.")] = "dpm++",
    seed: Annotated[int, typer.Option(min=0, help="Of rooms, colours and noise: the same seed, the same files.")] = 0,
    batch_size: Annotated[int, typer.Option(help="Colours of one room drawn at once.")] = 8,
    precision: Annotated[str, typer.Option(help="auto, fp32, bf16 or fp16.")] = "auto",
    device: Annotated[str, typer.Option(help="auto, cpu, cuda, cuda:1, mps …")] = "auto",
) -> None:
    """Paint rooms nobody trained on, and measure how true the colours are.

    [bold]wallpaint validate --checkpoint none --samples 50[/bold]

    Every sample is measured twice: as the model painted it, which is what training improves, and after the colour
    lock. Writes step_000500_metrics.json and sheets step_000500_grid_01.png … for each step; 'wallpaint report' draws
    curves of them.
    """
    from wallpaint.evaluate.checkpoints import checkpoint_step, latest_checkpoint

    if rooms is not None and data is not None:
        raise SettingError("say what to validate on: either --rooms or --data.")
    adapter = None if checkpoint == "none" else latest_checkpoint(run) if checkpoint == "latest" else Path(checkpoint)
    if number is None:
        number = 0 if adapter is None else checkpoint_step(adapter)
    if number is None:
        raise SettingError(f"{adapter} is not called like checkpoint-000500: say which step it is of, --step 500.")
    warnings.simplefilter("once", WallpaintWarning)  # what holds for one photo holds for fifty
    with step("Loading the model"):
        from wallpaint.diffusion import load_engine
        from wallpaint.evaluate import validate as run_validation
        from wallpaint.evaluate import validation_set

        engine = load_engine(
            model,
            adapter=adapter,
            lora_scale=0.0 if adapter is None else 1.0,  # a base may bring a LoRA of its own
            ip_adapter=ip_adapter,
            ip_adapter_scale=ip_adapter_scale,
            image_encoder=image_encoder,
            controlnet=controlnet,
            depth=not no_depth,
            steps=steps,
            scheduler=scheduler,
            seed=seed,
            batch_size=batch_size,
            precision=precision,
            device=device,
        )
    with step("Painting the truth"):
        pixels = size or engine.model.base.working_size
        chosen = validation_set(samples, pixels, rooms=rooms, photos=data, validation_share=validation_share, seed=seed)
    with progress_bar() as progress:
        task = progress.add_task("samples", total=len(chosen))
        validation = run_validation(
            engine, chosen, output, number, progress=lambda done, _: progress.update(task, completed=done)
        )
    _show(validation, f"{model}, {adapter or 'untrained'}: {len(chosen)} samples")
    typer.echo(f"{output}: step_{number:06d}_metrics.json and sheets")


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
