"""Two small rooms, and the questions RepaintBench asks of the first."""

from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from cropped_room import cropped_room

from wallpaint.evaluate import Case, room_cases
from wallpaint.evaluate.repaintbench import benchmark as truth
from wallpaint.evaluate.repaintbench import benchmark_cases as cases
from wallpaint.rooms import PaintableRoom
from wallpaint.rooms.generate import room_path


@pytest.fixture(scope="session")
def papered_room() -> PaintableRoom:
    """96 × 96, half wall, with a wallpapered twin."""
    return cropped_room()


@pytest.fixture(scope="session")
def plain_room() -> PaintableRoom:
    """96 × 96, half wall, without a twin."""
    return cropped_room(2, 0, 32)


@pytest.fixture(scope="session")
def clean_cases(papered_room) -> list[Case]:
    return list(room_cases(papered_room, ("clean",)))


@pytest.fixture(scope="session")
def stored(papered_room, plain_room, tmp_path_factory) -> list[Path]:
    """Files of both rooms."""
    folder = tmp_path_factory.mktemp("stored")
    for room in (papered_room, plain_room):
        room.save(room_path(folder, room.seed))
    return [room_path(folder, room.seed) for room in (papered_room, plain_room)]


@pytest.fixture
def quick_bench(monkeypatch):
    """RepaintBench of two methods and two colour pairs, in threads of this process."""
    monkeypatch.setattr(truth, "ProcessPoolExecutor", lambda workers, **_: ThreadPoolExecutor(workers))
    monkeypatch.setattr(truth, "METHODS", {name: truth.METHODS[name] for name in ("flat fill", "wallpaint albedo")})
    monkeypatch.setattr(cases, "COLOR_PAIRS", dict(list(cases.COLOR_PAIRS.items())[:2]))
    return truth.run_bench


@pytest.fixture
def rewrite():
    """Change a stored result: its JSON content, in place."""

    def rewrite(path, **changes):
        path.write_text(json.dumps({**json.loads(path.read_text()), **changes}))

    return rewrite
