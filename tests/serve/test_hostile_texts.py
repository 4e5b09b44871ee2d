"""Texts from outside that once held the server up: it stays there for everybody else."""

import time

import httpx
import pytest

TEXTS = ["lab(" + "1" * 200_000, "rgb(1" + " " * 200_000, "1" * 900_000]


@pytest.mark.parametrize("text", TEXTS)
@pytest.mark.parametrize("path", ["/v1/paint", "/v1/palette"])
def test_a_colour_of_any_length_is_refused_while_others_are_answered(url, room_parts, path, text):
    started = time.monotonic()
    answer = httpx.post(url + path, files=room_parts, data={"color": text}, timeout=60)
    assert answer.status_code == 422
    assert len(answer.content) < 1000
    assert httpx.get(f"{url}/healthz").status_code == 200
    assert time.monotonic() - started < 20


@pytest.mark.parametrize("part", ["keep", "polygon", "room", "engine"])
def test_other_parts_of_a_form_are_bounded_likewise(url, room_parts, part):
    rooms = {} if part == "room" else room_parts
    path = "/v1/paint" if part == "engine" else "/v1/mask"
    answer = httpx.post(url + path, files=rooms, data={part: "1" * 900_000, "color": "tan"}, timeout=60)
    assert answer.status_code in (404, 422)
    assert len(answer.content) < 1000


def test_colours_of_a_palette_are_counted_before_they_are_read(url, room_parts):
    answer = httpx.post(f"{url}/v1/palette", files=room_parts, data={"color": ["no colour"] * 900}, timeout=60)
    assert answer.status_code == 422
    assert "1 to 24 colours, not 900" in answer.json()["detail"]
