"""Work in several processes: all of it, and an end in words when a process dies."""

from __future__ import annotations

import os
from operator import neg

import pytest

from wallpaint.data.tools.process_pool import in_processes
from wallpaint.errors import WallpaintError


def test_here_the_work_is_done_in_order():
    assert list(in_processes(neg, [1, 2, 3], 1)) == [-1, -2, -3]


def test_two_processes_do_all_of_it():
    assert sorted(in_processes(neg, range(20), 2)) == sorted(-number for number in range(20))


def test_a_process_that_dies_is_told_of_in_words():
    with pytest.raises(WallpaintError, match="fewer --workers"):
        list(in_processes(os._exit, [1, 1], 2))


def test_what_the_work_raises_is_raised():
    with pytest.raises(ValueError, match="invalid literal"):
        list(in_processes(int, ["1", "one"], 2))
