"""``wallpaint train``: train a model to follow a reference."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer

from wallpaint.cli.terminal import say, say_lines, step, training_bar


def train(
    config: Annotated[
        Path | None,
        typer.Option(help="YAML file; configs/mini.yaml, which runs on any machine, if not given.", show_default=False),
    ] = None,
    settings: Annotated[
        list[str] | None,
        typer.Option("--set", help="section.key=value, overrides the file. May be repeated."),
    ] = None,
    max_steps: Annotated[int | None, typer.Option(min=1, help="optimization.max_steps.")] = None,
    output: Annotated[Path | None, typer.Option("--output", "-o", help="Folder for checkpoints and results.")] = None,
    seed: Annotated[int | None, typer.Option(min=0, help="Seed of everything random.")] = None,
    dataset_class: Annotated[
        str | None, typer.Option(help="module.Class of your own dataset, such as dataset_fix.WallInpaintingDataset.")
    ] = None,
    resume: Annotated[
        str | None,
        typer.Option(help="[bold]latest[/bold]: resume from the newest complete checkpoint; or a checkpoint's folder."),
    ] = None,
    debug_references: Annotated[
        int, typer.Option(min=0, help="Save the inputs of this many samples to OUTPUT/debug.")
    ] = 0,
    print_config: Annotated[
        bool, typer.Option("--print-config", help="Print the whole configuration and exit.")
    ] = False,
) -> None:
    """Train LoRA, IP-Adapter or ControlNet to paint walls in the colour of a reference, without words.

    [bold]wallpaint train --config configs/mini.yaml --max-steps 200[/bold]

    On several GPUs or machines: [bold]accelerate launch train_lora_inpainting.py[/bold] with the same options. Ctrl-C
    ends after the current step with a checkpoint; [bold]--resume latest[/bold] continues to the same result.
    """
    from wallpaint.train import dump, load_config

    said = {
        "optimization.max_steps": max_steps,
        "output": output,
        "seed": seed,
        "data.dataset_class": dataset_class,
    }
    overrides = [*(settings or []), *(f"{key}={value}" for key, value in said.items() if value is not None)]
    chosen = load_config(config, overrides)
    if print_config:
        say_lines(dump(chosen))
        return
    sys.path.insert(0, "")  # --dataset-class may be in a file of the current folder
    with step("Loading"):
        from wallpaint.train.loop import train as run
    with training_bar(chosen.optimization.max_steps) as report:
        finished = run(chosen, resume=resume, debug_references=debug_references, callback=report)
    if finished.stopped:
        if finished.saved is not None:
            say(
                f"stopped after step {finished.steps:,}: {finished.saved}. Resume: the same command with "
                "--resume latest",
                err=True,
            )
        raise typer.Exit(130)
    if finished.saved is not None:
        say(f"{finished.steps:,} steps: {finished.saved}")
