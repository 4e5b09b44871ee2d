import numpy as np
import pytest

from wallpaint.albedo.interreflection.formula import through_wall
from wallpaint.albedo.interreflection.prediction import answer_of, grid_size
from wallpaint.color import srgb_to_linear
from wallpaint.rooms import starter_rooms

ROOMS = starter_rooms()[:4]


@pytest.mark.parametrize("shape", [(3000, 4000), (4000, 3000), (40, 60), (1, 500), (333, 333)])
def test_the_grid_has_the_photos_shape_as_nearly_as_the_network_allows(shape):
    rows, columns = grid_size(*shape)
    assert rows % 16 == columns % 16 == 0
    assert max(rows, columns) == 128
    assert min(rows, columns) >= 16


@pytest.mark.parametrize("shape", [(40, 60), (700, 500)])
def test_an_answer_covers_any_photo_with_shares(shape):
    pixels = np.random.default_rng(0).integers(0, 256, (*shape, 3), np.uint8)
    alpha = np.zeros(shape, np.float32)
    alpha[: shape[0] // 2] = 1
    answer = answer_of(pixels, alpha)
    for share in (answer.f, answer.q):
        assert share.shape == (3, *grid_size(*shape))
        assert share.min() >= 0
        assert share.max() <= 1
    assert answer.wall.mean() == pytest.approx(0.5, abs=0.03)


@pytest.mark.parametrize("room", ROOMS, ids=lambda room: str(room.seed))
def test_it_is_less_sure_where_there_is_no_room_to_see(room):
    photo = room.photo("#b9a08c")
    noise = np.random.default_rng(1).integers(0, 256, photo.shape, np.uint8)
    tiles = photo.reshape(8, 32, 8, 32, 3).swapaxes(1, 2).reshape(-1, 32, 32, 3)
    shuffled = tiles[np.random.default_rng(0).permutation(64)].reshape(8, 8, 32, 32, 3).swapaxes(1, 2)

    def confidence(pixels):
        return answer_of(pixels, room.alpha).believed

    sure = confidence(photo)
    assert sure > 0.7
    assert confidence(255 - photo) < 0.5 * sure
    assert confidence(noise) < 0.5 * sure
    assert confidence(np.ascontiguousarray(shuffled).reshape(photo.shape)) < sure


def test_it_knows_how_light_answers_in_rooms_it_never_saw():
    """The light of all that is no wall, white paint to terracotta, against the physical truth."""
    missed, idle = [], []
    old, new = np.array([0.8, 0.8, 0.77]), np.array([0.6, 0.2, 0.1])
    for room in ROOMS:
        exposed = 0.7 * room.exposure
        before, after = room.render(old, exposed), room.render(new, exposed)
        answer = answer_of(room_bytes(before), room.alpha)
        wall = room.alpha >= 1
        change = np.median(after[wall], axis=0) / np.median(before[wall], axis=0)
        ratio = 1 - answer.f + answer.f * through_wall(answer.q, answer.paint_change(change)[:, None, None])
        rows, columns = (np.arange(256) // 2,) * 2
        foretold = before * np.moveaxis(ratio, 0, -1)[rows][:, columns]
        beside = (room.alpha == 0) & (room.emitter < 0.5)
        missed.append(np.abs(np.log((foretold + 1e-3) / (after + 1e-3)))[beside].mean())
        idle.append(np.abs(np.log((before + 1e-3) / (after + 1e-3)))[beside].mean())
    assert np.mean(missed) < 0.7 * np.mean(idle)


def room_bytes(linear):
    srgb = np.where(linear <= 0.0031308, 12.92 * linear, 1.055 * np.maximum(linear, 1e-9) ** (1 / 2.4) - 0.055)
    assert np.allclose(srgb_to_linear(np.clip(srgb, 0, 1)), np.clip(linear, 0, 1), atol=1e-4)
    return np.rint(255 * np.clip(srgb, 0, 1)).astype(np.uint8)
