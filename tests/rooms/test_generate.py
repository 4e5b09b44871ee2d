"""Batches of rooms: killed and run again, nothing is lost and nothing done twice."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time

import pytest

from wallpaint.errors import SettingError
from wallpaint.rooms import generate as module
from wallpaint.rooms.generate import RenderJob, generate, room_path, stored_rooms, unfinished

COMMAND = [sys.executable, "-c", "from wallpaint.cli.rooms import app; app()", "render"]
TINY = ["--count", "4", "--seed", "40", "--size", "32", "--samples", "2", "--twins", "0", "--workers", "1"]


@pytest.fixture
def fake_rendering(monkeypatch, room):
    rendered = []

    def render(batch, folder, seed):
        rendered.append(seed)
        room.save(room_path(folder, seed))
        return seed

    monkeypatch.setattr(module, "_render_one", render)
    return rendered


def test_a_batch_fills_its_folder_once(fake_rendering, tmp_path):
    assert generate(RenderJob(3, 7), tmp_path) == 3
    assert generate(RenderJob(3, 7), tmp_path) == 0
    assert generate(RenderJob(5, 7), tmp_path) == 2
    assert fake_rendering == [7, 8, 9, 10, 11]
    assert [path.name for path in stored_rooms(tmp_path)] == [f"room-{seed:06d}.npz" for seed in range(7, 12)]


def test_a_damaged_room_is_rendered_again_and_a_torn_one_swept(fake_rendering, tmp_path):
    generate(RenderJob(2), tmp_path)
    room_path(tmp_path, 1).write_bytes(b"torn")
    (tmp_path / ".room-000001.npz.77.part").write_bytes(b"half")
    assert unfinished(RenderJob(2), tmp_path) == [1]
    assert generate(RenderJob(2), tmp_path) == 1
    assert not list(tmp_path.glob(".*.part"))


def test_rooms_of_other_settings_are_not_mixed(fake_rendering, tmp_path):
    generate(RenderJob(1, size=64), tmp_path)
    with pytest.raises(SettingError, match="64"):
        generate(RenderJob(2, size=32), tmp_path)


def test_which_rooms_have_twins_follows_from_the_seed():
    half = [RenderJob(1, twins=0.5).has_twin(seed) for seed in range(400)]
    assert half == [RenderJob(9, 3, twins=0.5).has_twin(seed) for seed in range(400)]
    assert 150 < sum(half) < 250
    assert not any(RenderJob(1, twins=0.0).has_twin(seed) for seed in range(50))
    assert all(RenderJob(1, twins=1.0).has_twin(seed) for seed in range(50))


def test_a_killed_run_goes_on_where_it_was(mitsuba, tmp_path):
    out = tmp_path / "rooms"
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    run = subprocess.Popen([*COMMAND, "--out", str(out), *TINY], env=environment, stderr=subprocess.DEVNULL)
    deadline = time.monotonic() + 120
    while len(stored_rooms(out)) < 2:
        assert run.poll() is None, "finished before it could be killed"
        assert time.monotonic() < deadline
        time.sleep(0.02)
    run.send_signal(signal.SIGKILL)
    run.wait()
    before = {path.name: path.stat().st_mtime_ns for path in stored_rooms(out)}
    assert 2 <= len(before) < 4
    subprocess.run([*COMMAND, "--out", str(out), *TINY], env=environment, check=True, stderr=subprocess.DEVNULL)
    after = {path.name: path.stat().st_mtime_ns for path in stored_rooms(out)}
    assert len(after) == 4
    assert {name: after[name] for name in before} == before
    assert (out / "contact-sheet.jpg").exists()
    assert not list(out.glob(".*.part"))


@pytest.mark.slow
def test_workers_leave_when_their_parent_is_killed(mitsuba, tmp_path):
    out = tmp_path / "rooms"
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    arguments = [*TINY[:-1], "2"]
    arguments[1] = "60"
    run = subprocess.Popen([*COMMAND, "--out", str(out), *arguments], env=environment, stderr=subprocess.DEVNULL)
    deadline = time.monotonic() + 120
    while not stored_rooms(out):
        assert time.monotonic() < deadline
        time.sleep(0.05)
    run.send_signal(signal.SIGKILL)
    run.wait()
    time.sleep(8)
    count = len(stored_rooms(out))
    time.sleep(8)
    assert len(stored_rooms(out)) == count < 60
