"""Ctrl-C, as a person presses it who watches the progress."""

from __future__ import annotations

import os
import re
import select
import signal
import subprocess
import sys
import time

import pytest

pty = pytest.importorskip("pty", reason="a terminal of POSIX")

# a shell's background jobs, which tests may run in, ignore Ctrl-C, and so do their children
IN_FOREGROUND = (
    "import signal; signal.signal(signal.SIGINT, signal.default_int_handler); from wallpaint.cli import main; main()"
)


class Terminal:
    """What a process shows on standard error when that is a terminal."""

    def __init__(self):
        self.ours, self.theirs = pty.openpty()
        self.shown = b""

    def read_until(self, pattern, seconds=120):
        """Read until the pattern is shown, or the process has closed its end."""
        deadline = time.monotonic() + seconds
        while not re.search(pattern, self.shown):
            assert select.select([self.ours], [], [], max(0, deadline - time.monotonic()))[0], self.shown.decode()
            try:
                self.shown += os.read(self.ours, 4096)
            except OSError:  # what Linux answers once nobody holds the other end
                return

    def read_to_end(self):
        self.read_until(rb"(?!)")  # never shown


def test_ctrl_c_while_drawing_ends_in_one_line_and_leaves_no_file(tiny_folder, files):
    terminal = Terminal()
    folder = files[0].parent
    words = ["paint", files[0], "-m", files[1], "-c", "#7A9E7E", "--model", tiny_folder, "--steps", "900"]
    outputs = ["-o", folder / "painted.png", "--raw", folder / "raw.png", "--compare", folder / "compare.png"]
    choices = ["--precision", "fp32", "--device", "cpu"]
    before = set(folder.rglob("*"))
    with subprocess.Popen(
        [sys.executable, "-c", IN_FOREGROUND, *map(str, (*words, *outputs, *choices))],
        env={**os.environ, "TERM": "xterm", "COLUMNS": "120", "OMP_NUM_THREADS": "1"},
        stdout=subprocess.PIPE,
        stderr=terminal.theirs,
    ) as process:
        os.close(terminal.theirs)
        terminal.read_until(rb"Painting.*\b[1-9]\d*/900")
        process.send_signal(signal.SIGINT)
        terminal.read_to_end()
        printed = process.stdout.read()
    os.close(terminal.ours)
    lines = re.sub(rb"\x1b\[[\d;?]*[A-Za-z]", b"", terminal.shown).decode().splitlines()
    assert process.returncode == 130
    assert printed == b""
    assert b"Traceback" not in terminal.shown
    assert lines[-1] == "Stopped. All files that were written are complete."
    assert set(folder.rglob("*")) == before
