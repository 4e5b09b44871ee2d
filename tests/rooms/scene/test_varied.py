"""Varied rooms: labelled, reproducible, and no disturbance to the furnished rooms the benchmark stands on."""

from __future__ import annotations

import numpy as np
import pytest

from wallpaint.errors import SettingError
from wallpaint.rooms.scene import furnish
from wallpaint.rooms.scene.occupancy import overlaps
from wallpaint.rooms.snapshots.labels import Label
from wallpaint.rooms.snapshots.render import labelled_parts

SEEDS = range(20000, 20008)
# sums over all vertices, mean of all colours, and the eye, of the furnished rooms as they were before varied ones
FURNISHED = {
    9000: [140, 337934.998901527, 0.43935979170320477, 1.0952135116606585, 3.275246703555714, 1.3902870855200442],
    9017: [118, 286783.1098637548, 0.47324155642485843, 2.2304908155946714, 2.205684747799935, 1.487080371947877],
    9063: [154, 353528.6426095058, 0.48463726248021916, 0.9245460694464713, 0.9168674743438532, 1.259275580023613],
    8000: [284, 697080.1493983067, 0.38503888425156857, 2.916558008271871, 2.5902127246102356, 1.3762405679131438],
}
BUILT_IN = {"skirting", "window", "blind", "door", "door frame", "column", "beam"}  # they reach into each other


@pytest.fixture(scope="module")
def rooms():
    return {seed: furnish(seed, "varied") for seed in SEEDS}


def summary(room):
    colors = [getattr(part.material.color, "pixels", part.material.color) for part in room.parts]
    return [
        len(room.parts),
        sum(float(part.mesh.vertices.sum()) for part in room.parts),
        float(np.mean([np.mean(color) for color in colors])),
        *room.viewpoint.eye,
    ]


@pytest.mark.parametrize("seed", FURNISHED)
def test_furnished_rooms_are_what_they_were(seed):
    np.testing.assert_allclose(summary(furnish(seed)), FURNISHED[seed], rtol=1e-6)


def test_a_seed_is_a_varied_room(rooms):
    again, room = furnish(20003, "varied"), rooms[20003]
    assert again.meta == room.meta
    assert again.surfaces == room.surfaces
    assert summary(again) == summary(room)


def test_an_unknown_kind_is_refused():
    with pytest.raises(SettingError, match="furnished or varied"):
        furnish(1, "palace")


@pytest.mark.parametrize("seed", SEEDS)
def test_every_plane_of_wall_has_a_number_of_its_own(rooms, seed):
    room = rooms[seed]
    walls = [part for part, label in labelled_parts(room) if label == Label.WALL]
    assert walls
    assert all(0 < part.surface < len(room.surfaces) for part in walls)
    assert all(room.surfaces[part.surface].paint > 0 for part in walls)
    upright = [part for part in walls if room.surfaces[part.surface].kind == "wall"]
    assert len({part.surface for part in upright}) == len(upright)
    assert len(room.surfaces) < 256


@pytest.mark.parametrize("seed", SEEDS)
def test_no_varied_thing_is_inside_another(rooms, seed):
    things = [thing for thing in rooms[seed].things if thing.name not in BUILT_IN]
    hits = [
        (one.name, other.name)
        for index, one in enumerate(things)
        for other in things[index + 1 :]
        if overlaps(one.boxes, other.boxes).any()
    ]
    assert hits == []


@pytest.mark.parametrize("seed", SEEDS)
def test_varied_meshes_are_sound(rooms, seed):
    for part in (*rooms[seed].parts, *rooms[seed].panes):
        assert np.isfinite(part.mesh.vertices).all()
        assert np.isfinite(part.mesh.normals).all()
        assert part.mesh.faces.max() < len(part.mesh.vertices)


@pytest.mark.parametrize("seed", SEEDS)
def test_the_camera_of_a_varied_room_stands_in_it_and_light_is_there(rooms, seed):
    room = rooms[seed]
    assert room.plan.contains(room.viewpoint.eye[None, :2])[0]
    lamps = any(part.material.glow is not None for part in room.parts)
    assert lamps or room.panes or room.flash


def test_varied_rooms_differ(rooms):
    assert len({room.plan.kind for room in rooms.values()}) >= 3
    assert len({room.meta["light"] for room in rooms.values()}) >= 3
    assert len({room.lens.aspect for room in rooms.values()}) >= 3
