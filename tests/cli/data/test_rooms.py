"""``wallpaint data rooms``: as a person runs it."""

from __future__ import annotations

import subprocess
import sys

import pytest
from typer.testing import CliRunner

from wallpaint.cli.data import app
from wallpaint.data import SplitFolder
from wallpaint.errors import MissingFileError, SettingError
from wallpaint.rooms import starter_rooms


def run(*words):
    return CliRunner().invoke(app, ["rooms", *map(str, words)])


def test_a_folder_of_rooms_becomes_a_dataset(tmp_path):
    starter_rooms()[1].save(tmp_path / "rooms/room-008001.npz")
    words = (tmp_path / "data", "--rooms", tmp_path / "rooms", "--per-room", 2, "--size", 64, "--seed", 3)
    assert "2 made, 0 existed" in run(*words).stderr
    assert "0 made, 2 existed" in run(*words).stderr
    assert [entry.name for entry in SplitFolder(tmp_path / "data", "train").entries] == [
        "room-008001-000",
        "room-008001-001",
    ]


def test_a_folder_without_rooms_says_how_to_make_some(tmp_path):
    error = run(tmp_path / "data", "--rooms", tmp_path).exception
    assert isinstance(error, MissingFileError)
    assert "wallpaint rooms render" in str(error)


def test_another_size_is_refused(tmp_path):
    run(tmp_path, "--per-room", 1, "--size", 64)
    error = run(tmp_path, "--per-room", 1, "--size", 96).exception
    assert isinstance(error, SettingError)
    assert "size was 64" in str(error)


@pytest.mark.parametrize("library", ["torch", "numpy", "cv2"])
def test_the_command_loads_nothing_heavy_until_it_runs(library):
    code = "import sys, wallpaint.cli.data; print(*sys.modules)"
    loaded = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.split()
    assert library not in loaded
