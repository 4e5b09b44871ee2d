"""No upload outlives the server that took it: real processes, ended as operators and kernels end them."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

SERVER = """
import signal
import sys
from pathlib import Path
from wallpaint.serve import memory_folder
signal.signal(signal.SIGHUP, signal.SIG_DFL)  # ignored if the tests run under nohup
memory_folder._SHARED_MEMORY = Path(sys.argv[1])
memory_folder._MIN_FREE = 0
from wallpaint.serve.memory_folder import temporary_files_in_memory
from wallpaint.serve.server import Server
from wallpaint.serve.service import Service
with temporary_files_in_memory() as folder:
    (folder / "page" / "upload.png").write_bytes(b"somebody's photo")
    server = Server(Service(), port=0, page=False)
    print(server.url, flush=True)
    server.run()
"""
SOON = 120  # seconds; a busy machine is no fault


def started(place):
    process = subprocess.Popen([sys.executable, "-c", SERVER, place], stdout=subprocess.PIPE, text=True)
    assert "http://" in process.stdout.readline()
    return process


def uploads(place):
    return [file for file in Path(place).rglob("*") if file.is_file()]


@pytest.fixture
def place(tmp_path):
    return str(tmp_path)


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT, signal.SIGHUP])
def test_a_server_that_gets_a_signal_deletes_its_files(place, number):
    process = started(place)
    assert uploads(place)
    time.sleep(0.5)
    process.send_signal(number)
    process.wait(SOON)
    assert list(Path(place).iterdir()) == []


def test_the_next_start_sweeps_what_a_killed_server_left_and_nothing_of_a_living_one(place):
    killed, living = started(place), started(place)
    (Path(place) / "wallpaint-serve-notes.txt").write_text("of somebody else")
    killed.kill()
    killed.wait(SOON)
    assert len(uploads(place)) == 3
    latest = started(place)
    try:
        assert len(uploads(place)) == 3  # the living one's, the latest one's, somebody else's
        assert sum(path.is_dir() for path in Path(place).iterdir()) == 2
    finally:
        for process in (living, latest):
            process.send_signal(signal.SIGTERM)
            process.wait(SOON)
    assert [path.name for path in Path(place).iterdir()] == ["wallpaint-serve-notes.txt"]


@pytest.mark.skipif(not hasattr(os, "getuid"), reason="POSIX")
def test_a_link_that_is_named_like_a_leftover_is_not_followed(place, tmp_path_factory):
    kept = tmp_path_factory.mktemp("kept")
    (kept / "file").write_text("x")
    (Path(place) / "wallpaint-serve-link").symlink_to(kept)
    process = started(place)
    process.send_signal(signal.SIGTERM)
    process.wait(SOON)
    assert (kept / "file").exists()
