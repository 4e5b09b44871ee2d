"""``wallpaint rooms show`` and the sheet it makes (rendering from the command line is tested in tests/rooms)."""

from __future__ import annotations

import pytest
from PIL import Image
from typer.testing import CliRunner

from wallpaint.cli.rooms import app
from wallpaint.errors import MissingFileError
from wallpaint.rooms import starter_rooms


@pytest.fixture
def folder(tmp_path):
    for room in starter_rooms()[:3]:
        room.save(tmp_path / f"room-{room.seed:06d}.npz")
    return tmp_path


def test_show_puts_every_room_on_one_sheet(folder):
    result = CliRunner().invoke(app, ["show", str(folder)])
    assert result.exit_code == 0
    assert Image.open(folder / "contact-sheet.jpg").size == (3 * 160, 160)


def test_show_writes_where_it_is_told(folder, tmp_path):
    CliRunner().invoke(app, ["show", str(folder), "--out", str(tmp_path / "sheet.png")])
    assert Image.open(tmp_path / "sheet.png").size == (3 * 160, 160)


@pytest.mark.parametrize("name", ["sheet.xyz", "sheet", "."])
def test_show_says_where_a_sheet_cannot_be_written(folder, run, name):
    finished = run("rooms", "show", folder, "--out", folder / name)
    assert finished.code == 2
    assert finished.err.startswith(f"{folder / name}: ")


def test_show_says_when_there_is_nothing_to_show(tmp_path):
    result = CliRunner().invoke(app, ["show", str(tmp_path)])
    assert isinstance(result.exception, MissingFileError)
    assert "wallpaint rooms render" in str(result.exception)


def test_render_wants_to_know_where_to():
    assert CliRunner().invoke(app, ["render"]).exit_code == 2


def test_render_says_where_rooms_cannot_be_kept(tmp_path, run):
    (tmp_path / "file").write_text("")
    (tmp_path / "rooms.json").write_text("{")
    for out, named in (
        (tmp_path / "file" / "rooms", "file/rooms: rooms cannot be stored"),
        (tmp_path, "this is damaged"),
    ):
        finished = run("rooms", "render", "--count", 1, "--out", out)
        assert finished.code == 2
        assert named in finished.err
