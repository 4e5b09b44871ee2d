"""A real server on localhost, in a thread of its own, and a browser to look at its page."""

from __future__ import annotations

import io
import os
import shutil
import threading
import time
from contextlib import contextmanager
from multiprocessing.util import get_temp_dir

import cv2
import httpx
import numpy as np
import pytest
from PIL import Image

from wallpaint.serve.limits import Limits
from wallpaint.serve.memory_folder import temporary_files_in_memory
from wallpaint.serve.server import Server
from wallpaint.serve.service import Service

PATIENCE = 300.0  # seconds; a busy machine is no fault


@contextmanager
def serving(service, **settings):
    """A server on a free port of localhost; gives its address."""
    server = Server(service, port=0, **settings)
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    deadline = time.monotonic() + PATIENCE
    while not server.started:
        assert thread.is_alive(), "the server did not start"
        assert time.monotonic() < deadline, "the server did not start in time"
        time.sleep(0.02)
    try:
        yield server.url
    finally:
        server.stop()
        thread.join(PATIENCE)
        assert not thread.is_alive(), "the server did not end"


@pytest.fixture(scope="session")
def service():
    """What is behind the page and the API of `url`."""
    return Service(limits=Limits(waiting=64))


@pytest.fixture(scope="session")
def url(service):
    """Of a served page and API."""
    get_temp_dir()  # multiprocessing's own, which outlives the server's
    with temporary_files_in_memory(), serving(service) as address:
        yield address


@pytest.fixture(scope="session")
def api(url):
    with httpx.Client(base_url=url, timeout=PATIENCE) as client:
        yield client


@pytest.fixture(scope="session")
def serve():
    """Starts further servers: ``with serve(Service(…), token=…) as url``."""
    return serving


def png(pixels):
    return bytes(cv2.imencode(".png", pixels[..., ::-1] if pixels.ndim == 3 else pixels)[1])


def pixels_of(content):
    return np.asarray(Image.open(io.BytesIO(content)).convert("RGB"))


@pytest.fixture(scope="session")
def photo(room_pixels):
    return png(room_pixels)


@pytest.fixture(scope="session")
def mask(wall_mask):
    return png(wall_mask)


@pytest.fixture(scope="session")
def room_parts(photo, mask):
    """A photo and its wall, as parts of a form."""
    return {"image": ("room.png", photo), "mask": ("wall.png", mask)}


@pytest.fixture(scope="module")
def chromium():
    """A browser; while it is there, no other event loop runs in this thread.

    Without one, tests of the page are skipped; where WALLPAINT_REQUIRE_BROWSER is set they fail.
    """
    path = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
    if path is None:
        reason = "the page is not tested: no Chromium. On Debian: apt-get install chromium"
        if os.environ.get("WALLPAINT_REQUIRE_BROWSER"):
            pytest.fail(reason)
        pytest.skip(reason)
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=["--no-sandbox", "--disable-gpu"])
        yield browser
        browser.close()
