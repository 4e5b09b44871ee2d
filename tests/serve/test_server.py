import threading
from concurrent.futures import ThreadPoolExecutor

import httpx
import pytest

from wallpaint.errors import SettingError
from wallpaint.serve.server import Server, listening_socket
from wallpaint.serve.service import Service

SOON = 60  # seconds


class SlowService(Service):
    """Whose paintings take until they are let go."""

    def __init__(self):
        super().__init__()
        self.begun, self.go_on = threading.Event(), threading.Event()

    def paint(self, *words):
        self.begun.set()
        assert self.go_on.wait(SOON)
        return super().paint(*words)


def started(server):
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    waiting = threading.Event()
    while not server.started:
        assert thread.is_alive()
        waiting.wait(0.02)
    return thread, server.url


def test_a_stopped_server_finishes_the_running_job_and_refuses_waiting_ones(room_parts):
    service = SlowService()
    server = Server(service, port=0, page=False)
    thread, url = started(server)

    def paint():
        return httpx.post(f"{url}/v1/paint", files=room_parts, data={"color": "tan"}, timeout=SOON)

    with ThreadPoolExecutor(2) as clients:
        running = clients.submit(paint)
        assert service.begun.wait(SOON)
        waiting = clients.submit(paint)
        while service.queue.unfinished < 2:
            pass
        server.stop()
        service.go_on.set()
        assert running.result(SOON).status_code == 200
        assert waiting.result(SOON).status_code == 503
    thread.join(SOON)
    assert not thread.is_alive()
    with pytest.raises(httpx.TransportError):
        httpx.get(f"{url}/healthz")
    assert len(service.rooms) == 0


def test_a_port_that_is_taken_is_said_so():
    with listening_socket("127.0.0.1", 0) as taken:
        taken.listen()
        port = taken.getsockname()[1]
        with pytest.raises(SettingError, match=f"port {port} of 127.0.0.1 is not available"):
            Server(Service(), port=port, page=False)
