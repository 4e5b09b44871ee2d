import os
import signal
import socket
import subprocess
import sys
import time

import httpx
import pytest
from PIL import Image

PATIENCE = 300  # seconds; a busy machine is no fault


@pytest.fixture
def port():
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return free.getsockname()[1]


def test_it_serves_the_page_and_the_api_until_it_is_told_to_stop(port):
    command = [sys.executable, "-c", "from wallpaint.cli import main; main()", "serve", "--port", str(port)]
    process = subprocess.Popen(command, stderr=subprocess.PIPE, text=True)
    try:
        deadline = time.monotonic() + PATIENCE
        while not answers(port):
            assert process.poll() is None, process.stderr.read()
            assert time.monotonic() < deadline
            time.sleep(0.1)
        assert '"title":"wallpaint"' in httpx.get(f"http://127.0.0.1:{port}/ui/").text
        assert httpx.get(f"http://127.0.0.1:{port}/v1/colors").status_code == 200
        process.send_signal(signal.SIGTERM)
        said = process.communicate(timeout=PATIENCE)[1]
    finally:
        process.kill()
    assert f"http://127.0.0.1:{port}" in said
    assert "Traceback" not in said


def answers(port):
    try:
        return httpx.get(f"http://127.0.0.1:{port}/readyz").status_code == 200
    except httpx.TransportError:
        return False


def test_a_port_that_is_taken_is_one_line(run):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        done = run("serve", "--port", port, "--no-page")
    assert done.code == 2
    assert f"port {port} of 127.0.0.1" in done.err
    assert "Traceback" not in done.err


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (["--megapixels", "0"], "the limit of pixels"),
        (["--adapter", "x"], "--model sd15"),
        (["--catalog", "no.csv"], "no.csv"),
    ],
)
def test_what_cannot_be_is_said_before_anything_starts(run, words, says):
    done = run("serve", *words)
    assert done.code == 2
    assert says in done.err


@pytest.mark.skipif(os.name != "posix", reason="the browser of this test is a shell script")
def test_interactive_opens_a_browser_on_the_photo_until_it_is_told_to_stop(files, tmp_path):
    browser, visited = tmp_path / "browser", tmp_path / "visited"
    browser.write_text(f'#!/bin/sh\necho "$1" > {visited}.part && mv {visited}.part {visited}\n')
    browser.chmod(0o755)
    command = [sys.executable, "-c", "from wallpaint.cli import main; main()", "mask", "--interactive", str(files[0])]
    process = subprocess.Popen(
        command, stderr=subprocess.PIPE, text=True, env={**os.environ, "BROWSER": f"{browser} %s"}
    )
    try:
        deadline = time.monotonic() + PATIENCE
        while not visited.exists():
            assert process.poll() is None, process.stderr.read()
            assert time.monotonic() < deadline
            time.sleep(0.1)
        address = visited.read_text().strip()
        assert httpx.get(address).status_code == 200
        server, room = address.split("/ui/?room=")
        state = httpx.get(f"{server}/v1/rooms/{room}").json()
        assert (state["width"], state["height"]) == Image.open(files[0]).size
        process.send_signal(signal.SIGTERM)
        said = process.communicate(timeout=PATIENCE)[1]
    finally:
        process.kill()
    assert address in said
    assert "Traceback" not in said


def test_interactive_on_a_photo_that_is_missing_is_one_line(run):
    done = run("mask", "--interactive", "missing.jpg")
    assert done.code == 2
    assert "missing.jpg" in done.err
    assert done.err.count("\n") == 1
