import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from wallpaint.color import srgb_to_linear
from wallpaint.repaint.bounce.answer import RoomAnswer, answer_of, grid_size, through_wall
from wallpaint.rooms import starter_rooms

SHARE = st.floats(0.0, 0.9)
ROOMS = starter_rooms()[:4]


def of_one(q, g):
    return float(through_wall(np.full((3, 1), q), np.full(3, g))[0, 0])


@given(q=SHARE)
def test_old_paint_changes_nothing(q):
    assert of_one(q, 1.0) == pytest.approx(1)


@given(q=SHARE, g=st.floats(0.01, 20), more=st.floats(1.01, 2))
def test_paler_paint_gives_more_light(q, g, more):
    assert of_one(q, g * more) > of_one(q, g)


@given(q=st.floats(0, 0.5), g=st.floats(0.05, 1.5))
def test_the_answer_is_the_sum_over_all_returns(q, g):
    returns = np.arange(400)
    assert of_one(q, g) == pytest.approx(g * ((q * g) ** returns).sum() / (q**returns).sum(), rel=1e-6)


@given(q=SHARE, change=st.floats(0.02, 30))
def test_the_walls_middle_changes_as_it_is_asked_to(q, change):
    q = np.full((3, 4, 4), q, np.float64)
    room = RoomAnswer(q, q, None, None, np.ones((4, 4)), None)
    g = room.paint_change(np.full(3, change))
    exact = g * (1 - q[:, 0, 0]) / (1 - q[:, 0, 0] * g)
    np.testing.assert_allclose(exact, change, rtol=1e-6)


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
        answer = answer_of(pixels, room.alpha)
        return float((answer.confidence * answer.others).sum() / answer.others.sum())

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
        ratio = 1 - answer.f + answer.f * through_wall(answer.q, answer.paint_change(change))
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
