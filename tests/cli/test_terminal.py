"""What is printed: names as they are, one line for a fault, and nothing that a full disk or a closed pipe can break."""

from __future__ import annotations

import io
import os
import subprocess
import sys
from pathlib import Path

import pytest
from bad_inputs import room
from hypothesis import given
from hypothesis import strategies as st
from rich.table import Table

import wallpaint.cli
from wallpaint.cli.outputs import beside, cut_to_bytes
from wallpaint.cli.terminal import PlainConsole
from wallpaint.errors import CatalogError, FileError, in_one_line

_LETTERS = st.characters(exclude_characters="/\0", exclude_categories=["Cs"])
NAMES = st.text(_LETTERS, min_size=1).filter(lambda name: name not in (".", ".."))


@given(st.text())
def test_any_text_becomes_one_line_without_control_characters(text):
    line = in_one_line(text)
    assert len(line.splitlines()) <= 1
    assert "\x1b" not in line
    line.encode()
    if text.isprintable():
        assert line == text


@given(NAMES)
def test_an_error_of_any_file_is_one_line(name):
    assert len(str(FileError(name, "a fault.")).splitlines()) == 1


@given(NAMES, st.sampled_from(["-painted.png", "-palette", "-wall.png"]))
def test_any_name_has_a_place_beside_it_that_a_file_system_takes(name, ending):
    place = beside(Path("photos") / name, ending)
    assert place.parent == Path("photos")
    assert len(os.fsencode(place.name)) <= 255
    assert place.name.endswith(ending)
    if len(os.fsencode(name)) < 200:
        assert place.name == Path(name).stem + ending


def test_a_name_is_cut_between_characters():
    assert cut_to_bytes("部屋", 5) == "部"


@pytest.mark.parametrize("name", ["b[/]x", "White [matt]", "[bold red]x", ":smile:", "[link=file:///]x", "100%"])
def test_tables_show_names_as_they_are(name):
    out = io.StringIO()
    table = Table(name, title=name)
    table.add_row(name)
    PlainConsole(file=out, width=60).print(table, name)
    assert out.getvalue().count(name) == 4


def test_a_table_shows_control_characters_as_escapes():
    out = io.StringIO()
    PlainConsole(file=out, width=60).print("red\x1b[31m\nnext")
    assert out.getvalue() == "red\\x1b[31m\\nnext\n"


def wallpaint_command(*words, **how):
    """Run in a process of its own, for what happens when it ends."""
    code = "import wallpaint.cli; wallpaint.cli.main()"
    return subprocess.run([sys.executable, "-c", code, *map(str, words)], stderr=subprocess.PIPE, text=True, **how)


@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="no /dev/full here")
@pytest.mark.parametrize("words", [["colors", "red"], ["--help"], ["train", "--print-config"]])
def test_a_full_disk_behind_standard_output_is_one_line(words):
    with open("/dev/full", "w") as full:
        done = wallpaint_command(*words, stdout=full)
    assert done.returncode == 2
    [line] = done.stderr.splitlines()
    assert "No space left on device" in line


@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="no /dev/full here")
def test_a_full_disk_behind_standard_error_leaves_the_exit_code():
    with open("/dev/full", "w") as full:
        code = "import wallpaint.cli; wallpaint.cli.main()"
        words = [sys.executable, "-c", code, "colors", "no such name"]
        assert subprocess.run(words, stderr=full, stdout=subprocess.PIPE).returncode == 2


def test_a_reader_that_has_enough_is_no_fault():
    code = "import wallpaint.cli; wallpaint.cli.main()"
    writer = subprocess.Popen([sys.executable, "-c", code, "colors"], stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    writer.stdout.close()
    assert writer.stderr.read() == b""
    writer.wait()


def test_letters_that_a_terminal_lacks_are_no_reason_to_stop(tmp_path):
    photo, mask = room(tmp_path)
    odd = photo.rename(tmp_path / "部屋.png")
    words = ("paint", odd, "--mask", mask, "--color", "tan", "--edges", "hard")
    done = wallpaint_command(*words, stdout=subprocess.PIPE, env={**os.environ, "PYTHONIOENCODING": "ascii"})
    assert done.returncode == 0, done.stderr
    assert r"\u90e8\u5c4b-painted.png" in done.stdout


@pytest.mark.parametrize(
    ("error", "says"),
    [
        (PermissionError(13, "Permission denied", "here[/].txt"), "here[/].txt: Permission denied. Check the permiss"),
        (OSError(28, "No space left on device"), "No space left on device. Free some space"),
        (NotADirectoryError(20, "Not a directory", "a\nb"), r"a\nb: Not a directory. Choose another place"),
        (CatalogError("fog[/]\x1b[31m"), r"fog[/]\x1b[31m"),
    ],
)
def test_whatever_the_system_refuses_is_one_line_and_exit_2(error, says, run, monkeypatch):
    def refuse(*_, **__):
        raise error

    monkeypatch.setattr(wallpaint.cli, "app", refuse)
    finished = run("paint")
    assert finished.code == 2
    assert finished.err.startswith(says)
    assert len(finished.err.splitlines()) == 1


def test_too_little_memory_is_one_line_and_exit_2(run, monkeypatch):
    def fail(**_):
        raise MemoryError("Unable to allocate 1.2 TiB for an array")

    monkeypatch.setattr(wallpaint.cli, "app", fail)
    finished = run("paint")
    assert (finished.code, len(finished.err.splitlines())) == (2, 1)
    assert "1.2 TiB" in finished.err


def test_a_fault_in_wallpaint_itself_is_not_hidden(run, monkeypatch):
    def fail(**_):
        raise ZeroDivisionError

    monkeypatch.setattr(wallpaint.cli, "app", fail)
    with pytest.raises(ZeroDivisionError):
        wallpaint.cli.main()
