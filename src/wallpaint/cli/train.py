"""``wallpaint train``: teach a model to follow a reference."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer

from wallpaint.cli.terminal import say, say_lines, step, training_bar


def train(
    config: Annotated[
        Path | None,
        typer.Option(help="A YAML file; configs/mini.yaml, which runs anywhere, if not given.", show_default=False),
    ] = None,
    settings: Annotated[
        list[str] | None,
        typer.Option("--set", help="section.key=value, over what the file says. May be given more than once."),
    ] = None,
    max_steps: Annotated[int | None, typer.Option(min=1, help="optimization.max_steps.")] = None,
    output: Annotated[Path | None, typer.Option("--output", "-o", help="Folder of checkpoints and results.")] = None,
    seed: Annotated[int | None, typer.Option(min=0, help="Fixes everything that is drawn.")] = None,
    dataset_class: Annotated[
        str | None, typer.Option(help="module.Class of a dataset, such as dataset_fix.WallInpaintingDataset.")
    ] = None,
    resume: Annotated[
        str | None, typer.Option(help="[bold]latest[/bold]: go on from the newest whole checkpoint; or its folder.")
    ] = None,
    debug_references: Annotated[
        int, typer.Option(min=0, help="Save what the model is shown of so many samples, to OUTPUT/debug.")
    ] = 0,
    print_config: Annotated[
        bool, typer.Option("--print-config", help="Show the whole configuration and stop.")
    ] = False,
) -> None:
    """Train LoRA and adapters on repainted walls, without words and without showing the model its own answer.

    [bold]wallpaint train --config configs/mini.yaml --max-steps 200[/bold]

    On several GPUs or machines: [bold]accelerate launch train_lora_inpainting.py[/bold] with the same options. Ctrl-C
    ends after the step at hand with a checkpoint; [bold]--resume latest[/bold] goes on as if nothing had happened.
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
    sys.path.insert(0, "")  # a dataset's class may be in a file beside
    with step("Loading"):
        from wallpaint.train.loop import train as run
    with training_bar(chosen.optimization.max_steps) as told:
        finished = run(chosen, resume=resume, debug_references=debug_references, told=told)
    if finished.stopped:
        if finished.saved is not None:
            say(
                f"stopped after step {finished.steps:,}: {finished.saved}. Go on: the same command with "
                "--resume latest",
                err=True,
            )
        raise typer.Exit(130)
    if finished.saved is not None:
        say(f"{finished.steps:,} steps: {finished.saved}")
