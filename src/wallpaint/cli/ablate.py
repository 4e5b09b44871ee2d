"""``wallpaint ablate``: measure what each part of the training is worth."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from wallpaint.cli.terminal import say, say_lines, step, training_bar
from wallpaint.errors import SettingError

if TYPE_CHECKING:
    from wallpaint.train.ablation.ablations import Ablation


def ablate(
    experiments: Annotated[
        list[str] | None, typer.Option(help="A1 A2 A3 …; all if not given.", show_default=False)
    ] = None,
    seeds: Annotated[list[int] | None, typer.Option(min=0, help="Seeds of each experiment; 0 1 if not given.")] = None,
    config: Annotated[
        Path | None, typer.Option(help="YAML file of the baseline; configs/mini.yaml if not given.", show_default=False)
    ] = None,
    settings: Annotated[
        list[str] | None, typer.Option("--set", help="section.key=value, for baseline and experiments.")
    ] = None,
    max_steps: Annotated[int | None, typer.Option(min=1, help="optimization.max_steps of every run.")] = None,
    output: Annotated[Path, typer.Option("--output", "-o", help="Folder for runs and results.")] = Path(
        "out/ablations"
    ),
    file: Annotated[
        Path | None,
        typer.Option(help="YAML file with your own experiments, like configs/ablations/workflow.yaml."),
    ] = None,
) -> None:
    """Train with one thing changed at a time, and compare with the same training unchanged.

    [bold]wallpaint ablate --experiments A1 A2 A4 --seeds 0 1 --max-steps 600[/bold]

    Writes ablations.md, .json and .svg: colour errors before the colour lock, mean and spread over seeds, and whether a
    difference is larger than the spread. Stop with Ctrl-C; the same command continues and keeps finished runs.
    """
    from wallpaint.train.ablation.ablations import load_ablations

    known = load_ablations(file)
    chosen = _chosen(experiments or list(known), known)
    overrides = [*(settings or []), *([] if max_steps is None else [f"optimization.max_steps={max_steps}"])]
    with step("Loading"):
        from wallpaint.train.ablation.ablate import plan_ablations, run_ablation, write_results

        plan = plan_ablations(chosen, dict.fromkeys(seeds or (0, 1)), output, config, overrides)
    for name, why in plan.left_out.items():
        say(f"{name} is left out: {why}", err=True)
    for number, run in enumerate(plan.runs, 1):
        say(f"{number} of {len(plan.runs)}: {run.name} ({run.ablation.change})", err=True)
        with training_bar(run.config.optimization.max_steps) as report:
            is_done = run_ablation(run, report)
        write_results(plan)  # after each run, so that finished runs can be looked at
        if not is_done:
            say("stopped. Resume with the same command.", err=True)
            raise typer.Exit(130)
    say_lines(write_results(plan))
    say(f"{output}: ablations.md, ablations.json, ablations.svg")


def _chosen(names: list[str], known: dict[str, Ablation]) -> list[Ablation]:
    for name in names:
        if name not in known:
            raise SettingError(f"there is no experiment {name!r}: choose from {', '.join(known)}.")
    return [known[name] for name in dict.fromkeys(names)]
