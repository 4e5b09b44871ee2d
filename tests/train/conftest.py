"""Tiny trainings; see `tiny_training`."""

from __future__ import annotations

import multiprocessing
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

torch = pytest.importorskip("torch")
accelerate_state = pytest.importorskip("accelerate.state")


@pytest.fixture(scope="session")
def tiny_model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    import tiny_models

    return tiny_models.save_tiny_model(tmp_path_factory.mktemp("training") / "model", controlnet=True)


@pytest.fixture(scope="session")
def bare_base(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A tiny model folder without adapters."""
    import tiny_ablation

    return tiny_ablation.bare_base(tmp_path_factory.mktemp("bare") / "model")


@pytest.fixture(scope="session")
def two_rooms(tmp_path_factory: pytest.TempPathFactory) -> Path:
    import tiny_ablation

    return tiny_ablation.two_rooms(tmp_path_factory.mktemp("rooms"))


@pytest.fixture(autouse=True)
def as_a_new_process() -> Iterator[None]:
    """accelerate remembers a process's first settings; and one thread is faster than two where all is tiny."""
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    accelerate_state.AcceleratorState._reset_state(reset_partial_state=True)
    accelerate_state.GradientState._reset_state()
    yield
    torch.set_num_threads(threads)


@pytest.fixture
def output(tmp_path: Path) -> Path:
    return tmp_path / "run"


@pytest.fixture
def config(tiny_model: Path, output: Path) -> Callable[..., Any]:
    """A tiny training's configuration, with overrides; `walls` is a class of `tiny_training`."""
    from tiny_training import tiny_config

    return lambda *more, walls="Walls": tiny_config(tiny_model, output, *more, walls=walls)


@pytest.fixture
def final_weights() -> Callable[[Path], dict[str, Any]]:
    """Of the last checkpoint in a folder: all that was trained, as float32."""
    from safetensors.torch import load_file

    def read(folder: Path) -> dict[str, Any]:
        return load_file(max(folder.glob("checkpoint-*")) / "trained_weights.safetensors")

    return read


@pytest.fixture(scope="session")
def in_a_process() -> Callable[..., Any]:
    """Start ``wallpaint train`` in a process of its own, without waiting for torch to be imported each time."""
    from tiny_training import train_by_command

    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(["wallpaint.train.loop", "wallpaint.cli"])

    def start(words: list[str], said: Path, *options: str) -> Any:
        spoken = [word for override in words for word in ("--set", override)]
        process = context.Process(target=train_by_command, args=([*spoken, *options], said))
        process.start()
        return process

    return start
