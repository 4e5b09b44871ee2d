"""``wallpaint mini``: train the mini, a small diffusion model, from scratch on rooms."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Annotated

import typer

from wallpaint.cli.terminal import progress_bar, say, step, training_bar
from wallpaint.errors import MissingFileError

app = typer.Typer(
    help="Train the mini, a small Stable Diffusion inpainting model, on rendered rooms only. It is for testing the "
    "workflow on any laptop, not for photos. A stopped command continues when it is run again.",
    no_args_is_help=True,
)

Rooms = Annotated[Path, typer.Option(help="Folder made by 'wallpaint rooms render'; 400 rooms or more.")]
Out = Annotated[Path, typer.Option("--out", "-o", help="Folder for the model and for files in progress.")]
Steps = Annotated[int | None, typer.Option(min=1, help="Training steps, instead of the default.")]
Seed = Annotated[int, typer.Option(min=0)]
StepCallback = Callable[[int, float], None]

_DEPTH_STEPS = 500
_PER_ROOM = 10  # samples; with hundreds of rooms that makes thousands


@app.command()
def vae(rooms: Rooms, out: Out, steps: Steps = None, seed: Seed = 0) -> None:
    """Step 1: train the autoencoder."""
    with step("Loading"):
        from wallpaint.train.mini.build import build_vae
        from wallpaint.train.mini.vae import VAE_FIT
    settings = replace(VAE_FIT, steps=steps or VAE_FIT.steps, seed=seed)
    with _bar("painting rooms, then training the VAE", settings.steps) as callback:
        path = build_vae(_trained_on(rooms), out, settings, callback=callback)
    say(path)


@app.command()
def base(rooms: Rooms, out: Out, steps: Steps = None, seed: Seed = 0) -> None:
    """Step 2: train the inpainting UNet, without reference."""
    with step("Loading"):
        from wallpaint.train.mini.base import BASE_FIT
        from wallpaint.train.mini.build import build_base
    settings = replace(BASE_FIT, steps=steps or BASE_FIT.steps, seed=seed)
    with _bar("encoding rooms, then training the base", settings.steps) as callback:
        path = build_base(_trained_on(rooms), out, settings, callback=callback)
    say(path)


@app.command()
def adapter(rooms: Rooms, out: Out, steps: Steps = None, seed: Seed = 0) -> None:
    """Step 3: train LoRA, IP-Adapter and colour tokens to follow a reference, as 'wallpaint train' does."""
    given = {
        "model.base": out / "model",
        "data.path": rooms,
        "data.rooms.per_room": _PER_ROOM,
        "output": out / "work" / "adapter",
        "validation.folder": out / "validation",
        "seed": seed,
        "optimization.max_steps": steps,
    }
    trained = _trained(given)
    from wallpaint.train.mini.build import save_adapter

    say(save_adapter(trained, out))


@app.command()
def depth(rooms: Rooms, out: Out, steps: Steps = None, seed: Seed = 0) -> None:
    """Step 4, optional: train a depth ControlNet over the frozen base and adapter.

    It is neither in the package nor part of 'all'. Use it: wallpaint paint --model mini --controlnet
    OUT/model/controlnet --depth FILE.
    """
    given = {
        "model.base": out / "model",
        "model.adapter": out / "model" / "adapter",
        "model.controlnet": "new",
        "model.train": ["controlnet"],
        "data.path": rooms,
        "data.rooms.per_room": _PER_ROOM,
        "output": out / "work" / "depth",
        "validation.folder": out / "validation-depth",
        "seed": seed,
        "optimization.max_steps": steps or _DEPTH_STEPS,
        "optimization.batch_size": 32,
        "optimization.learning_rate": 1e-3,
        "validation.every": 500,
        "checkpoints.every": 100,
    }
    trained = _trained(given)
    from wallpaint.train.mini.build import save_controlnet

    say(save_controlnet(trained, out))


@app.command("all")
def everything(rooms: Rooms, out: Out, seed: Seed = 0) -> None:
    """Steps 1 to 3, one after the other: up to two hours on two cores."""
    for command in (vae, base, adapter):
        command(rooms, out, None, seed)


def _trained(given: Mapping[str, object]) -> Path:
    """Train as `wallpaint train` does, with these settings; returns the folder of the result."""
    from wallpaint.train import load_config

    settings = [f"{key}={json.dumps(value, default=str)}" for key, value in given.items() if value is not None]
    config = load_config(None, settings)
    with step("Loading"):
        from wallpaint.train.loop import train
    with training_bar(config.optimization.max_steps) as callback:
        finished = train(config, resume="latest", callback=callback)
    if finished.stopped or finished.saved is None:
        raise typer.Exit(130)
    return finished.saved


@contextmanager
def _bar(title: str, steps: int) -> Iterator[StepCallback]:
    with progress_bar() as progress:
        task = progress.add_task(title, total=steps)
        yield lambda done, loss: progress.update(task, completed=done, description=f"loss {loss:.3f}")


def _trained_on(rooms: Path) -> list[Path]:
    from wallpaint.data import RoomSet
    from wallpaint.rooms.generate import stored_rooms
    from wallpaint.train import load_config

    found = stored_rooms(rooms)
    if not found:
        raise MissingFileError(rooms, f"there are no rooms here. Make some: wallpaint rooms render --out {rooms}")
    shelf = RoomSet(found, allow_bench=True).of_split("train", load_config().data.validation_share).with_wall()
    return [path for path in found if int(path.stem.removeprefix("room-")) in shelf.seeds]
