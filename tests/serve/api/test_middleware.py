import base64
import socket
import threading
import time
from urllib.parse import urlsplit

import httpx
import pytest

from wallpaint.serve.limits import Limits
from wallpaint.serve.service import Service

TOKEN = "correct horse"


@pytest.fixture(scope="module")
def small(serve):
    """A server that takes little and lets little wait; and its service."""
    service = Service(limits=Limits(request_bytes=20_000, waiting=1))
    with serve(service, page=False) as url:
        yield url, service


@pytest.fixture(scope="module")
def guarded(serve):
    with serve(Service(), token=TOKEN, page=False) as url:
        yield url


def test_a_body_with_a_large_content_length_is_refused(small):
    answer = httpx.post(f"{small[0]}/v1/paint", files={"image": b"x" * 30_000})
    assert answer.status_code == 413
    assert "20,000 bytes" in answer.json()["detail"]


def test_a_large_body_without_content_length_is_refused(small):
    boundary = b'--b\r\nContent-Disposition: form-data; name="image"; filename="x"\r\n\r\n'

    def body():
        yield boundary
        for _ in range(30):
            yield b"x" * 1000

    answer = httpx.post(
        f"{small[0]}/v1/paint", content=body(), headers={"Content-Type": "multipart/form-data; boundary=b"}
    )
    assert answer.status_code == 413


def test_a_body_that_trickles_in_is_given_up(serve):
    with serve(Service(limits=Limits(upload_seconds=1)), page=False) as url:
        assert b" 408 " in response_to_half_a_body(url)


def response_to_half_a_body(url):
    place = urlsplit(url)
    with socket.create_connection((place.hostname, place.port), timeout=300) as connection:
        connection.sendall(
            b"POST /v1/paint HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n"
            b"Content-Type: multipart/form-data; boundary=b\r\n\r\n--b"
        )
        return connection.recv(1000)


def test_requests_beyond_the_queue_get_retry_after(small, room_parts):
    url, service = small
    gate = threading.Event()
    jobs = [service.queue.submit(lambda _: gate.wait(30)) for _ in range(1 + service.limits.waiting)]
    try:
        answer = httpx.post(f"{url}/v1/paint", files={"image": b"x"}, data={"color": "tan"})
        assert answer.status_code == 429
        assert int(answer.headers["Retry-After"]) >= 1
        assert httpx.get(f"{url}/readyz").status_code == 429
        assert httpx.get(f"{url}/healthz").status_code == 200
    finally:
        gate.set()
        for job in jobs:
            job.future.result(30)
    deadline = time.monotonic() + 30
    while httpx.get(f"{url}/readyz").status_code != 200:
        assert time.monotonic() < deadline


@pytest.mark.parametrize("path", ["/v1/colors", "/metrics", "/docs", "/openapi.json"])
def test_without_the_token_nobody_comes_in(guarded, path):
    answer = httpx.get(guarded + path)
    assert answer.status_code == 401
    assert answer.headers["WWW-Authenticate"].startswith("Bearer")
    assert httpx.get(guarded + path, headers={"Authorization": "Bearer wrong"}).status_code == 401


@pytest.mark.parametrize("header", ["Basic", "Basic !!", "Basic " + base64.b64encode(b"x").decode(), "Bearer", "é"])
def test_credentials_that_are_none_are_refused(guarded, header):
    headers = {"Authorization": header.encode("latin-1")}
    assert httpx.get(f"{guarded}/v1/colors", headers=headers).status_code == 401


def test_the_token_comes_as_bearer_or_as_a_browsers_password(guarded):
    assert httpx.get(f"{guarded}/v1/colors", headers={"Authorization": f"Bearer {TOKEN}"}).status_code == 200
    assert httpx.get(f"{guarded}/v1/colors", auth=("anybody", TOKEN)).status_code == 200
    assert httpx.get(f"{guarded}/v1/colors", auth=("anybody", "wrong")).status_code == 401


def test_health_needs_no_token(guarded):
    assert httpx.get(f"{guarded}/healthz").status_code == httpx.get(f"{guarded}/readyz").status_code == 200
