"""Damaged image files by the thousand: none crashes the process, hangs, or takes more memory than the largest photo."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

FILES = 10_000
MEGABYTES = (
    1_500  #: a photo of 100 million pixels, the most that is read, with a copy for its colours and one for a mask
)
_SCRIPT = Path(__file__).parents[1] / "mutated_files.py"

pytestmark = pytest.mark.skipif(os.name != "posix", reason="limits of POSIX processes")


def read_damaged(first, count, seconds):
    """The last object of `mutated_files`, and all faults before it."""
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    words = [sys.executable, _SCRIPT, str(first), str(count)]
    done = subprocess.run(words, capture_output=True, text=True, env=environment, timeout=seconds)
    lines = [json.loads(line) for line in done.stdout.splitlines()]
    assert done.returncode == 0, f"crashed with {done.returncode} at {lines[-1:]}: {done.stderr[-500:]}"
    assert done.stderr == ""  # a library that prints by itself would stand beside the one line of an error
    return lines[-1], [entry for entry in lines if "fault" in entry]


def check(first, count, seconds):
    found, faults = read_damaged(first, count, seconds)
    assert faults == []
    assert found["most_seconds"] < 10
    assert found["most_megabytes"] < MEGABYTES
    assert 0.2 * count < found["refused"] < 0.95 * count  # both ways out are taken


def test_a_few_damaged_files_are_read_or_refused_in_one_line():
    check(10_000_000, 300, 300)


@pytest.mark.slow
def test_ten_thousand_damaged_files_are_read_or_refused_in_one_line():
    check(0, FILES, 3600)
