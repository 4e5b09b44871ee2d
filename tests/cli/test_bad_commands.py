"""Whole command lines with odd names, pipes, outputs and contents: a right picture, or one line and exit code 2."""

from __future__ import annotations

import os

import numpy as np
import pytest
import typer
from bad_commands import COMMANDS, filled, paint
from bad_inputs import CASES, wall_mask

import wallpaint.cli
from wallpaint.photo import read_photo

pytestmark = pytest.mark.skipif(os.name != "posix", reason="pipes, links and names of POSIX")

WALLS = ("walls through a pipe", "walls of markup")  #: in a colour of their own


@pytest.fixture(scope="module")
def commands():
    """All commands, put together once: for a bad one that is most of the work."""
    return typer.main.get_command(wallpaint.cli.app)


@pytest.fixture(autouse=True)
def in_a_folder(commands, tmp_path, monkeypatch):
    """Where relative paths lead to, and what a pipe may hold at most so that an endless one is short."""
    monkeypatch.setattr(wallpaint.cli, "app", commands)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("wallpaint.photo.decode.MAX_PIPED_BYTES", 1_000_000)


@pytest.fixture(scope="module")
def plain(commands, tmp_path_factory):
    """(96, 128, 3) uint8: the room as it is painted from plain files."""
    folder = tmp_path_factory.mktemp("plain")
    commands(filled(paint(), folder), standalone_mode=False)
    return read_photo(folder / "painted.png")


def test_the_corpus_is_large():
    assert len(CASES) + len(COMMANDS) >= 150


@pytest.mark.parametrize("name", [name for name, command in COMMANDS.items() if not command.paints])
def test_a_bad_command_ends_in_one_line_and_exit_2(name, run, tmp_path):
    finished = run(*filled(COMMANDS[name].make(tmp_path), tmp_path))
    assert finished.code == 2, finished.out + finished.err
    assert len(finished.err.splitlines()) == 1, finished.err
    assert finished.err.strip().isprintable(), finished.err
    assert COMMANDS[name].says in finished.err
    assert "Traceback" not in finished.err
    assert not (tmp_path / "painted.png").exists() or "compare" in name
    assert not (tmp_path / "this-was-run").exists()
    assert not list(tmp_path.rglob("*.part"))


@pytest.mark.parametrize("name", [name for name, command in COMMANDS.items() if command.paints])
def test_an_odd_command_paints(name, run, tmp_path, plain):
    finished = run(*filled(COMMANDS[name].make(tmp_path), tmp_path))
    assert finished.code == 0, finished.err
    assert COMMANDS[name].says in finished.err
    [place] = [path for path in tmp_path.rglob("*") if "painted" in path.name or path.name == "elsewhere.png"]
    painted = read_photo(place)
    if COMMANDS[name].paints == "the same":
        np.testing.assert_array_equal(painted, plain)
    else:
        wall = painted[wall_mask() > 0]
        expected = (0x7A, 0x9E, 0x7E) if name not in WALLS else (0xB9, 0xA0, 0x8C)
        assert np.abs(np.median(wall, axis=0) - expected).max() <= 1
