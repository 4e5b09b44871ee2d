"""Rooms: the same from the same seed, and nothing in anything else."""

from __future__ import annotations

import numpy as np
import pytest

from wallpaint.rooms.scene import furnish
from wallpaint.rooms.scene.arrange import fits
from wallpaint.rooms.scene.occupancy import overlaps

SEEDS = range(16)
INSIDE = {"skirting", "cornice", "window", "blind", "door", "door frame"}  # built in: they reach into the walls


@pytest.fixture(scope="module")
def rooms():
    return {seed: furnish(seed) for seed in SEEDS}


def intersections(room):
    return [
        (one.name, other.name)
        for index, one in enumerate(room.things)
        for other in room.things[index + 1 :]
        if overlaps(one.bounds[None], other.bounds[None]).any() and overlaps(one.boxes, other.boxes).any()
    ]


@pytest.mark.parametrize("seed", SEEDS)
def test_no_thing_is_inside_another(rooms, seed):
    assert intersections(rooms[seed]) == []


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(1000, 1200))
def test_no_thing_is_inside_another_in_many_rooms(seed):
    assert intersections(furnish(seed)) == []


@pytest.mark.parametrize("seed", SEEDS)
def test_things_stay_within_the_walls_and_under_the_ceiling(rooms, seed):
    room = rooms[seed]
    assert [thing.name for thing in room.things if thing.name not in INSIDE and not fits(room.plan, thing)] == []


@pytest.mark.parametrize("seed", SEEDS)
def test_the_camera_stands_in_the_room_and_in_nothing(rooms, seed):
    room = rooms[seed]
    eye = room.viewpoint.eye
    assert room.plan.contains(eye[None, :2])[0]
    assert 0.5 < eye[2] < room.plan.ceiling_at(eye[:2])
    boxes = np.concatenate([thing.boxes for thing in room.things])
    assert not ((boxes[:, 0] < eye) & (eye < boxes[:, 1])).all(-1).any()


@pytest.mark.parametrize("seed", SEEDS)
def test_enough_wall_is_seen_and_not_only_wall(rooms, seed):
    room = rooms[seed]
    assert 0.08 <= room.view.walls[list(room.painted)].sum() <= 0.85


@pytest.mark.parametrize("seed", SEEDS)
def test_every_room_is_lit(rooms, seed):
    room = rooms[seed]
    lamps = any(part.material.glow is not None for part in room.parts)
    assert lamps or (room.panes and room.meta["by_day"])


@pytest.mark.parametrize("seed", SEEDS)
def test_meshes_are_sound(rooms, seed):
    for part in rooms[seed].parts:
        mesh = part.mesh
        assert np.isfinite(mesh.vertices).all()
        assert mesh.faces.max() < len(mesh.vertices)
        np.testing.assert_allclose(np.linalg.norm(mesh.normals, axis=-1), 1, atol=1e-5)


def test_one_material_is_paint_and_all_painted_walls_share_it(rooms):
    for room in rooms.values():
        assert len({part.material for part in room.parts if part.material.is_paint}) == 1
        assert sum(part.material.is_paint for part in room.parts) == len(room.painted)


def test_a_seed_is_a_room(rooms):
    again, room = furnish(3), rooms[3]
    assert again.meta == room.meta
    assert len(again.parts) == len(room.parts)
    for one, other in zip(again.parts, room.parts, strict=True):
        np.testing.assert_array_equal(one.mesh.vertices, other.mesh.vertices)


def test_rooms_differ(rooms):
    assert len({room.plan.kind for room in rooms.values()}) >= 3
    assert len({room.meta["use"] for room in rooms.values()}) >= 3
    assert len({len(room.painted) for room in rooms.values()}) >= 3
