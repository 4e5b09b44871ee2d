"""Memory of open rooms: within its budget, shared out by client, and judged before pictures are decoded."""

import io

import httpx
import numpy as np
import pytest
from PIL import Image

from wallpaint.serve.api.clients import client_of
from wallpaint.serve.limits import Limits
from wallpaint.serve.rooms import OpenRoom, OpenRooms
from wallpaint.serve.service import Service

SOON = 120
SIDES = (400, 300)
BUDGET = 6_000_000  # bytes: about five rooms of this size, and the work on one


def picture(size, mode="RGB", color=(200, 180, 160), kind="PNG"):
    content = io.BytesIO()
    Image.new(mode, size, color).save(content, kind)
    return content.getvalue()


def wall(size):
    mask = Image.new("L", size, 0)
    mask.paste(255, (size[0] // 4, size[1] // 4, size[0] // 2, size[1] // 2))
    content = io.BytesIO()
    mask.save(content, "PNG")
    return content.getvalue()


@pytest.fixture(scope="module")
def small(serve):
    service = Service(limits=Limits(rooms_bytes=BUDGET))
    with serve(service, page=False) as url:
        yield url, service


def from_address(address):
    return httpx.Client(transport=httpx.HTTPTransport(local_address=address), timeout=SOON)


def open_room(client, url, size=SIDES):
    answer = client.post(f"{url}/v1/rooms", files={"image": picture(size), "mask": wall(size)})
    assert answer.status_code == 201, answer.text
    return answer.json()["room"]


def is_open(client, url, room):
    return client.get(f"{url}/v1/rooms/{room}").status_code == 200


def test_fourteen_rooms_of_one_client_close_no_room_of_another(small):
    url, service = small
    with from_address("127.0.0.2") as quiet, from_address("127.0.0.3") as greedy:
        kept = open_room(quiet, url)
        mine = [open_room(greedy, url) for _ in range(14)]
        assert service.rooms.bytes <= BUDGET
        assert is_open(quiet, url, kept)
        assert is_open(greedy, url, mine[-1])
        assert not is_open(greedy, url, mine[0])
        assert quiet.post(f"{url}/v1/paint", data={"room": kept, "color": "tan"}).status_code == 200


def test_a_client_that_is_alone_uses_the_whole_budget(small):
    url, service = small
    service.rooms.clear()
    with from_address("127.0.0.4") as alone:
        rooms = [open_room(alone, url) for _ in range(3)]
        assert all(is_open(alone, url, room) for room in rooms)


def rooms_of(clients, budget=10_000):
    rooms = OpenRooms(budget, 60)
    return rooms, [rooms.keep(OpenRoom(np.zeros((kb, 333, 3), np.uint8), client=name)) for name, kb in clients]


def test_the_client_with_the_most_memory_loses_its_least_recently_used_room():
    rooms, kept = rooms_of([("a", 2), ("b", 3), ("a", 2), ("b", 2), ("c", 1), ("b", 1)])
    assert [room.id in rooms._rooms for room in kept] == [True, False, True, True, True, True]


def test_memory_for_work_is_freed_before_it_and_never_by_closing_its_own_room():
    rooms, (first, second) = rooms_of([("a", 3), ("a", 3)])
    rooms.free_memory(6_000, "a", in_use=first.id)
    assert list(rooms._rooms) == [first.id]
    assert second.id not in rooms._rooms
    rooms.free_memory(9_999, "a", in_use=first.id)
    assert list(rooms._rooms) == [first.id]


@pytest.mark.parametrize(
    ("host", "client"),
    [
        ("192.0.2.7", "192.0.2.7"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("2001:db8:1:2::9", "2001:db8:1:2::/64"),
        ("::ffff:192.0.2.7", "192.0.2.7"),
        ("fe80::1%eth0", "fe80::/64"),
        ("testclient", "testclient"),
    ],
)
def test_a_client_is_an_address_or_a_household(host, client):
    assert client_of(type("Request", (), {"client": type("Peer", (), {"host": host})})) == client


BOMB = (7600, 5000)  # 38 megapixels


@pytest.fixture(scope="module")
def bomb():
    """A small file of 38 megapixels, half transparent."""
    content = picture(BOMB, "RGBA", (200, 180, 160, 128))
    assert len(content) < 300_000
    return content


@pytest.fixture
def undecoded(monkeypatch):
    """Fails the test that decodes as much as a row of the bomb."""
    loaded = []
    usual = Image.Image.load

    def load(self, *words):
        if self.size == BOMB:
            loaded.append(self.size)
        return usual(self, *words)

    from PIL import PngImagePlugin

    monkeypatch.setattr(PngImagePlugin.PngImageFile, "load", load)
    yield
    assert not loaded


@pytest.mark.parametrize(
    ("path", "parts", "status", "words"),
    [
        ("/v1/rooms", {"image": "bomb"}, 413, "bytes of memory"),
        ("/v1/rooms", {"image": "photo", "mask": "bomb"}, 422, "the aspect ratios differ"),
        ("/v1/paint", {"image": "bomb"}, 413, "bytes of memory"),
        ("/v1/mask", {"image": "bomb"}, 413, "bytes of memory"),
        ("/v1/paint", {"image": "bomb", "mask": "wall"}, 422, "the aspect ratios differ"),
        ("/v1/paint", {"image": "photo", "mask": "bomb"}, 422, "the aspect ratios differ"),
        ("/v1/measure", {"image": "photo", "mask": "bomb"}, 422, "the aspect ratios differ"),
    ],
)
def test_a_small_file_of_many_pixels_is_judged_by_its_header(small, bomb, undecoded, path, parts, status, words):
    contents = {"bomb": bomb, "photo": picture(SIDES), "wall": wall((300, 100))}
    files = {part: ("x.png", contents[name]) for part, name in parts.items()}
    answer = httpx.post(small[0] + path, files=files, data={"color": "tan"}, timeout=SOON)
    assert answer.status_code == status
    assert words in answer.json()["detail"]


def test_other_clients_rooms_stay_open_when_a_photo_is_too_large(small, bomb):
    url, _ = small
    with from_address("127.0.0.5") as quiet:
        kept = open_room(quiet, url)
        assert httpx.post(f"{url}/v1/rooms", files={"image": bomb}, timeout=SOON).status_code == 413
        assert is_open(quiet, url, kept)
