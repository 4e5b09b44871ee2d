import cv2
import numpy as np

from wallpaint.rooms import Snapshot
from wallpaint.rooms.snapshots.clean_layers import clean_layers
from wallpaint.rooms.snapshots.surface import Surface


def snapshot():
    """A red thing before a blue wall with an anti-aliased edge."""
    y, x = np.mgrid[:64, :80]
    alpha = np.clip(np.hypot(y - 30.2, x - 35.7) - 15 + 0.5, 0, 1).astype(np.float32)
    wall, rest = alpha[..., None] * np.float32([0.1, 0.2, 0.7]), (1 - alpha[..., None]) * np.float32([0.6, 0.1, 0.05])
    planes = np.ones(alpha.shape, np.uint8)
    return Snapshot(rest, wall, alpha, planes, planes, (Surface("none"), Surface("wall", "paint", 1)), 1)


def test_layers_that_storage_has_blurred_are_restored(tmp_path):
    drawn = snapshot()
    drawn.save(tmp_path / "one.npz")
    stored = Snapshot.load(tmp_path / "one.npz")
    rest, wall = clean_layers(stored)
    edge = cv2.dilate(((drawn.alpha > 0) & (drawn.alpha < 1)).astype(np.uint8), np.ones((5, 5))) > 0
    before, after = (np.abs(each - drawn.wall)[edge].mean() for each in (stored.wall, wall))
    assert after < 0.4 * before
    assert np.abs(rest - drawn.rest)[edge].mean() < np.abs(stored.rest - drawn.rest)[edge].mean()


def test_a_layer_ends_where_its_share_ends():
    rest, wall = clean_layers(snapshot())
    alpha = snapshot().alpha
    assert not wall[alpha == 0].any()
    assert not rest[alpha == 1].any()


def test_something_without_a_pure_pixel_keeps_its_own_colour():
    drawn = snapshot()
    alpha = np.ones_like(drawn.alpha)
    alpha[:, 40] = 0.5
    line = Snapshot(
        (1 - alpha)[..., None] * np.float32([0.6, 0.1, 0.05]), alpha[..., None] * np.float32([0.1, 0.2, 0.7]),
        alpha, drawn.classes, drawn.planes, drawn.surfaces, 2,
    )  # fmt: skip
    rest, _ = clean_layers(line)
    np.testing.assert_allclose(rest[30, 40], line.rest[30, 40], rtol=0.05)
