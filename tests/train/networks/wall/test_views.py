"""Training examples: photo and labels show the same room."""

import numpy as np

from wallpaint.rooms import Label
from wallpaint.train.networks.wall.views import SHAPES, draw_wall_views


def test_a_plain_view_is_the_whole_snapshot(snapshots):
    views = draw_wall_views(snapshots, 2, np.random.default_rng(0), plain=True)
    height, width = SHAPES[0]
    assert views.photos.shape == (2, 3, height, width)
    assert views.wall.shape == (2, 1, height // 2, width // 2)
    assert views.labels.shape == views.planes.shape == (2, height // 4, width // 4)
    for index in range(2):
        assert abs(float(views.wall[index].mean()) - snapshots[index].alpha.mean()) < 0.02
        middle = views.surfaces[index][10]
        assert (middle[20], middle[-20]) == (1, 2)
        assert views.surfaces[index][-2, 5] == 100 + Label.FLOOR


def test_labels_and_surfaces_agree_in_every_view(snapshots):
    for seed in range(6):
        views = draw_wall_views(snapshots, 3, np.random.default_rng(seed))
        surfaces, wall = views.surfaces, views.wall[:, 0].numpy()
        inside = (wall > 0.99) & (surfaces < 255)
        assert set(np.unique(surfaces[inside])) <= {1, 2}
        assert (surfaces[wall < 0.01] >= 100).all()
        assert np.isfinite(views.photos.numpy()).all()


def test_the_wall_in_the_photo_is_where_the_labels_say(snapshots):
    """Walls and floor differ in brightness; after any crop, turn and mirror, the brightness must split by the label."""
    random = np.random.default_rng(3)
    right = 0
    for _ in range(10):
        views = draw_wall_views(snapshots, 1, random)
        light = views.photos[0].mean(0)[::2, ::2].numpy()
        wall, floor = views.wall[0, 0].numpy() > 0.99, views.surfaces[0] == 100 + Label.FLOOR
        if wall.sum() > 50 and floor.sum() > 50:
            right += light[wall].mean() > light[floor].mean()
        else:
            right += 1
    assert right >= 8  # strong curves may turn a dark paint and a floor around


def test_views_follow_from_the_random_numbers(snapshots):
    one, same, other = (draw_wall_views(snapshots, 2, np.random.default_rng(seed)) for seed in (1, 1, 2))
    np.testing.assert_array_equal(one.photos, same.photos)
    assert one.photos.shape != other.photos.shape or (one.photos != other.photos).any()
