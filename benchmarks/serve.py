"""Throughput, latency and memory of the service under load.

    python benchmarks/serve.py [--clients 1 4 16] [--megapixels 2] [--requests 48] [--memory 500]

Starts `wallpaint serve` (the API alone, albedo engine) in a separate process and paints the example room, scaled to the
given megapixels, from several clients at once: each opens its room and has it painted once, which reads its light;
after all have done so, each paints it in one colour after the other, which is timed. Every response must be 200, or 429
with Retry-After, which clients obey. p95 is of the time from request to response; "opening" is the time of one room
with its first painting, all clients at once.

Then one client paints --memory times more, and the server's resident memory is read every twentieth time: it must not
grow.
"""

from __future__ import annotations

import argparse
import io
import re
import socket
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import numpy as np
from PIL import Image

from wallpaint.example import example_room

COLORS = ("#B9A08C", "#7A9E7E", "#2F4858", "#F2EFE6", "#C1440E", "#D9B44A", "#8C6FB0", "#1B1B1B")
PATIENCE = 600  # seconds


def room_parts(megapixels: float) -> dict[str, tuple[str, bytes]]:
    """The example room and its mask, scaled to so many pixels."""
    photo, mask = (Image.open(path) for path in example_room())
    scale = (megapixels * 1e6 / (photo.width * photo.height)) ** 0.5
    size = round(photo.width * scale), round(photo.height * scale)
    large, wall = io.BytesIO(), io.BytesIO()
    photo.convert("RGB").resize(size, Image.Resampling.BICUBIC).save(large, "JPEG", quality=92)
    mask.convert("L").resize(size, Image.Resampling.NEAREST).save(wall, "PNG")
    return {"image": ("room.jpg", large.getvalue()), "mask": ("wall.png", wall.getvalue())}


@contextmanager
def served(waiting: int) -> Iterator[tuple[str, int]]:
    """A server in a separate process: its address and its process id."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [sys.executable, "-c", "from wallpaint.cli import main; main()", "serve", "--no-page"]
    process = subprocess.Popen([*command, "--port", str(port), "--waiting", str(waiting)])
    url = f"http://127.0.0.1:{port}"
    try:
        deadline = time.monotonic() + PATIENCE
        while not is_ready(url):
            if process.poll() is not None or time.monotonic() > deadline:
                raise SystemExit("the server did not start")
            time.sleep(0.1)
        yield url, process.pid
    finally:
        process.terminate()
        process.wait(PATIENCE)


def is_ready(url: str) -> bool:
    try:
        return httpx.get(f"{url}/readyz").status_code == 200
    except httpx.TransportError:
        return False


class Client(threading.Thread):
    """Opens a room, waits for the other clients, and paints it repeatedly, obeying Retry-After."""

    def __init__(
        self, url: str, parts: dict[str, tuple[str, bytes]], paintings: int, all_opened: threading.Barrier
    ) -> None:
        super().__init__()
        self.url, self.parts, self.paintings, self.all_opened = url, parts, paintings, all_opened
        self.opening = 0.0
        self.seconds: list[float] = []
        self.statuses: Counter[int] = Counter()

    def run(self) -> None:
        with httpx.Client(base_url=self.url, timeout=PATIENCE) as client:
            started = time.perf_counter()
            room = self.send(client, "/v1/rooms", files=self.parts).json()["room"]
            self.paint(client, room, COLORS[-1])
            self.opening = time.perf_counter() - started
            self.all_opened.wait()
            for number in range(self.paintings):
                started = time.perf_counter()
                self.paint(client, room, COLORS[number % len(COLORS)])
                self.seconds.append(time.perf_counter() - started)
            client.delete(f"/v1/rooms/{room}")

    def paint(self, client: httpx.Client, room: str, color: str) -> None:
        answer = self.send(client, "/v1/paint", data={"room": room, "color": color})
        assert answer.content.startswith(b"\x89PNG")

    def send(self, client: httpx.Client, path: str, **content: object) -> httpx.Response:
        while True:
            answer = client.post(path, **content)  # type: ignore[arg-type]
            self.statuses[answer.status_code] += 1
            if answer.status_code != 429:
                answer.raise_for_status()
                return answer
            time.sleep(int(answer.headers["Retry-After"]))


def resident_megabytes(process: int) -> float:
    """Resident memory of a process in 10⁶ bytes (Linux)."""
    status = Path(f"/proc/{process}/status").read_text()
    found = re.search(r"VmRSS:\s+(\d+) kB", status)
    return int(found[1]) * 1024 / 1e6 if found else float("nan")


def measure_load(url: str, parts: dict[str, tuple[str, bytes]], clients: int, requests: int) -> str:
    """One row of the table."""
    all_opened = threading.Barrier(clients + 1, timeout=PATIENCE)
    several = [Client(url, parts, max(1, requests // clients), all_opened) for _ in range(clients)]
    for client in several:
        client.start()
    all_opened.wait()
    started = time.perf_counter()
    for client in several:
        client.join()
    seconds = time.perf_counter() - started
    waited = np.concatenate([client.seconds for client in several])
    statuses = sum((client.statuses for client in several), Counter[int]())
    counts = ", ".join(f"{count} × {status}" for status, count in sorted(statuses.items()))
    assert set(statuses) <= {200, 201, 429}, counts
    median, p95 = np.quantile(waited, [0.5, 0.95])
    opening = np.median([client.opening for client in several])
    return f"{clients:>7}{len(waited) / seconds:>12.2f}{median:>10.2f}{p95:>9.2f}{opening:>12.2f}   {counts}"


def measure_memory(url: str, process: int, parts: dict[str, tuple[str, bytes]], requests: int) -> str:
    """Resident memory over many paintings of rooms that are opened anew every twentieth time."""
    held = []
    for first in range(0, requests, 20):
        client = Client(url, parts, min(20, requests - first), threading.Barrier(1))
        client.start()
        client.join()
        held.append(resident_megabytes(process))
    half = len(held) // 2
    return (
        f"memory over {requests} paintings: {held[0]:.0f} MB after the first 20, {max(held):.0f} at most, "
        f"{np.mean(held[:half] or held):.0f} on average in the first half, {np.mean(held[half:]):.0f} in the second"
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--clients", type=int, nargs="+", default=[1, 4, 16])
    parser.add_argument("--megapixels", type=float, default=2)
    parser.add_argument("--requests", type=int, default=48, help="paintings per row")
    parser.add_argument("--memory", type=int, default=500, help="paintings during which memory is measured; 0: none")
    parser.add_argument("--waiting", type=int, default=16, help="the server's limit of waiting requests")
    options = parser.parse_args()
    parts = room_parts(options.megapixels)
    with served(options.waiting) as (url, process):
        print(f"{options.megapixels:g} MP, albedo engine, up to {options.waiting} waiting")
        print(f"{'clients':>7}{'a second':>12}{'median s':>10}{'p95 s':>9}{'opening s':>12}   responses")
        for clients in options.clients:
            print(measure_load(url, parts, clients, options.requests), flush=True)
        if options.memory:
            print(measure_memory(url, process, parts, options.memory))


if __name__ == "__main__":
    main()
