import numpy as np
import torch

from wallpaint.networks.interreflection_inputs import CHANNELS, SIDE
from wallpaint.train.networks.interreflection.views import PAINTS, draw_views


def drawn(rooms, seed=0, count=6, plain=False):
    return draw_views(rooms, count, np.random.default_rng(seed), plain=plain)


def test_views_have_the_documented_shapes(small_rooms):
    views = drawn(small_rooms)
    assert views.inputs.shape == (6, CHANNELS, SIDE, SIDE)
    assert views.old.shape == (6, 3, SIDE, SIDE)
    assert views.new.shape == (6, PAINTS, 3, SIDE, SIDE)
    assert views.wall_ratio.shape == (6, PAINTS, 3)
    for light in (views.old, views.new):
        assert light.min() >= 0
        assert light.max() <= 1


def test_the_same_seed_draws_the_same_views(small_rooms):
    first, again, other = drawn(small_rooms), drawn(small_rooms), drawn(small_rooms, seed=1)
    assert torch.equal(first.inputs, again.inputs)
    assert torch.equal(first.new, again.new)
    assert not torch.equal(first.inputs, other.inputs)


def test_some_views_are_outliers_but_no_plain_ones(small_rooms):
    assert 0 < (drawn(small_rooms, count=60).is_room == 0).float().mean() < 0.3
    assert drawn(small_rooms, plain=True).is_room.all()


def test_new_paint_changes_light_outside_the_wall(small_rooms):
    views = drawn(small_rooms, plain=True)
    changed = (views.new - views.old[:, None]).abs().amax((1, 2))
    assert changed[views.outside[:, 0] > 0].mean() > 0.003
