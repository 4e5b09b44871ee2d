"""Connections that never send a whole request: real sockets to a real server."""

import socket
import time
from urllib.parse import urlsplit

import httpx
import pytest

from wallpaint.serve.limits import Limits
from wallpaint.serve.service import Service

LIMIT = 2.0
SOON = 60


@pytest.fixture(scope="module")
def hasty(serve):
    with serve(Service(limits=Limits(upload_seconds=LIMIT)), page=False) as url:
        yield url


def connected(url):
    place = urlsplit(url)
    return socket.create_connection((place.hostname, place.port), timeout=SOON)


def drained(connection):
    """What comes until the server closes the connection."""
    content = b""
    try:
        while chunk := connection.recv(4096):
            content += chunk
    except ConnectionResetError:
        pass
    return content


def test_a_hundred_half_sent_headers_are_closed_at_their_limit(hasty):
    started = time.monotonic()
    connections = [connected(hasty) for _ in range(100)]
    for connection in connections:
        connection.sendall(b"GET /healthz HTTP/1.1\r\nHost: x\r\nX-Slow: ")
    assert httpx.get(f"{hasty}/healthz", timeout=SOON).status_code == 200
    answers = [drained(connection) for connection in connections]
    assert time.monotonic() - started >= LIMIT * 0.9
    assert all(answer.startswith(b"HTTP/1.1 408 ") for answer in answers)


def test_a_byte_now_and_then_wins_no_time(hasty):
    with connected(hasty) as connection:
        connection.sendall(b"GET / HTTP/1.1\r\nX-Slow: ")
        started, alive = time.monotonic(), True
        while alive and time.monotonic() - started < SOON:
            time.sleep(0.3)
            try:
                connection.sendall(b"a")
            except OSError:
                alive = False
        assert not alive


@pytest.mark.parametrize("begun", [b"", b"GET"])
def test_a_connection_that_says_little_is_closed(hasty, begun):
    with connected(hasty) as connection:
        connection.sendall(begun)
        drained(connection)


def test_later_requests_of_a_connection_have_the_same_limit(hasty):
    with connected(hasty) as connection:
        connection.sendall(b"GET /healthz HTTP/1.1\r\nHost: x\r\n\r\nGET /healthz HTTP/1.1\r\nX-Slow: ")
        assert drained(connection).startswith(b"HTTP/1.1 200 ")


def test_a_refused_body_that_trickles_on_does_not_hold_its_connection(hasty):
    with connected(hasty) as connection:
        connection.sendall(b"POST /v1/paint HTTP/1.1\r\nHost: x\r\nContent-Length: 100000\r\n\r\n")
        started, alive = time.monotonic(), True
        while alive and time.monotonic() - started < SOON:
            time.sleep(0.3)
            try:
                connection.sendall(b"a")
            except OSError:
                alive = False
        assert not alive


def test_work_that_takes_longer_than_headers_may_is_answered(serve):
    service = Service(limits=Limits(upload_seconds=0.5))
    with serve(service, page=False) as url, httpx.Client(base_url=url, timeout=SOON) as client:
        job = service.queue.submit(lambda _: time.sleep(1.5))
        answer = client.post("/v1/mask", data={"room": "none"})  # waits for the job
        assert job.future.done()
        assert answer.status_code == 404
        assert client.get("/healthz").status_code == 200
