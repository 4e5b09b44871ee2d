import numpy as np
import pytest

from wallpaint.albedo.interreflection.formula import indirect_light_ratio
from wallpaint.albedo.interreflection.prediction import grid_size, predict_interreflection
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
def test_f_and_q_are_shares_for_any_photo_size(shape):
    pixels = np.random.default_rng(0).integers(0, 256, (*shape, 3), np.uint8)
    alpha = np.zeros(shape, np.float32)
    alpha[: shape[0] // 2] = 1
    prediction = predict_interreflection(pixels, alpha)
    for share in (prediction.f, prediction.q):
        assert share.shape == (3, *grid_size(*shape))
        assert share.min() >= 0
        assert share.max() <= 1
    assert prediction.wall.mean() == pytest.approx(0.5, abs=0.03)


@pytest.mark.parametrize("room", ROOMS, ids=lambda room: str(room.seed))
def test_confidence_is_lower_on_pictures_that_are_not_rooms(room):
    photo = room.photo("#b9a08c")
    noise = np.random.default_rng(1).integers(0, 256, photo.shape, np.uint8)
    tiles = photo.reshape(8, 32, 8, 32, 3).swapaxes(1, 2).reshape(-1, 32, 32, 3)
    shuffled = tiles[np.random.default_rng(0).permutation(64)].reshape(8, 8, 32, 32, 3).swapaxes(1, 2)

    def confidence(pixels):
        return predict_interreflection(pixels, room.alpha).mean_confidence

    of_room = confidence(photo)
    assert of_room > 0.7
    assert confidence(255 - photo) < 0.5 * of_room
    assert confidence(noise) < 0.5 * of_room
    assert confidence(np.ascontiguousarray(shuffled).reshape(photo.shape)) < of_room


def test_predicted_light_is_closer_to_the_truth_than_unchanged_light():
    """Light outside the wall, from white paint to terracotta, against the physical truth."""
    predicted_errors, unchanged_errors = [], []
    old, new = np.array([0.8, 0.8, 0.77]), np.array([0.6, 0.2, 0.1])
    for room in ROOMS:
        exposed = 0.7 * room.exposure
        before, after = room.render(old, exposed), room.render(new, exposed)
        prediction = predict_interreflection(room_bytes(before), room.alpha)
        wall = room.alpha >= 1
        change = np.median(after[wall], axis=0) / np.median(before[wall], axis=0)
        ratio = (
            1
            - prediction.f
            + prediction.f * indirect_light_ratio(prediction.q, prediction.reflectance_ratio(change)[:, None, None])
        )
        rows, columns = (np.arange(256) // 2,) * 2
        predicted = before * np.moveaxis(ratio, 0, -1)[rows][:, columns]
        surroundings = (room.alpha == 0) & (room.emitter < 0.5)
        predicted_errors.append(np.abs(np.log((predicted + 1e-3) / (after + 1e-3)))[surroundings].mean())
        unchanged_errors.append(np.abs(np.log((before + 1e-3) / (after + 1e-3)))[surroundings].mean())
    assert np.mean(predicted_errors) < 0.7 * np.mean(unchanged_errors)


def room_bytes(linear):
    srgb = np.where(linear <= 0.0031308, 12.92 * linear, 1.055 * np.maximum(linear, 1e-9) ** (1 / 2.4) - 0.055)
    assert np.allclose(srgb_to_linear(np.clip(srgb, 0, 1)), np.clip(linear, 0, 1), atol=1e-4)
    return np.rint(255 * np.clip(srgb, 0, 1)).astype(np.uint8)
