"""Training examples of the edge network: what is drawn before the wall, wrong masks, and patches."""

from dataclasses import replace

import numpy as np
import pytest
import torch

from wallpaint.photo import linear_to_bytes
from wallpaint.train.networks.edge import views, wrong_masks
from wallpaint.train.networks.edge.thin_things import draw_thing
from wallpaint.train.networks.edge.views import EdgeRoom, draw_edge_views, draw_patch
from wallpaint.train.networks.edge.wrong_masks import wrong_mask


def disc(size=64):
    y, x = np.mgrid[:size, :size]
    return np.clip(np.hypot(y - 30, x - 35) - 16.3, 0, 1).astype(np.float32)


@pytest.mark.parametrize("seed", range(12))
def test_things_are_shares_and_hold_soft_edges(seed):
    coverage, outline = draw_thing(64, np.random.default_rng(seed))
    for each in (coverage, outline):
        assert each.shape == (64, 64)
        assert each.dtype == np.float32
        assert 0 <= each.min() <= each.max() <= 1
    assert ((coverage > 0) & (coverage < 1)).any()


@pytest.mark.parametrize("kind", wrong_masks._KINDS, ids=lambda kind: kind.__name__.strip("_"))
@pytest.mark.parametrize("seed", range(3))
def test_wrong_masks_are_off_by_a_few_pixels(kind, seed):
    truth = disc()
    mask = kind(truth, np.random.default_rng(seed))
    assert mask.dtype == np.float32
    assert 0 <= mask.min() <= mask.max() <= 1
    around = 2 * np.pi * 17
    assert np.abs(mask - truth).sum() / around < 4
    if kind is not wrong_masks._coarse_alpha:
        assert set(np.unique(mask)) <= {0, 1}


def test_a_wrong_mask_follows_its_generator():
    first, again = (wrong_mask(disc(), np.random.default_rng(5)) for _ in range(2))
    np.testing.assert_array_equal(first, again)


def test_views_follow_their_generator_and_are_finite(snapshots):
    rooms = [EdgeRoom.of(snapshot) for snapshot in snapshots]
    first, again = (draw_edge_views(rooms, 6, np.random.default_rng(1)) for _ in range(2))
    for name in ("patches", "alpha", "band"):
        torch.testing.assert_close(getattr(first, name), getattr(again, name), rtol=0, atol=0)
        assert torch.isfinite(getattr(first, name)).all()
    assert first.patches.shape == (6, 12, 48, 48)
    assert 0 <= first.alpha.min() <= first.alpha.max() <= 1
    assert (first.band == 1).any()


def test_a_photo_shows_wall_where_alpha_says_so(snapshots, monkeypatch):
    """Without camera, thing or new colours, two patches' alpha explains their colours."""
    monkeypatch.setattr(views, "_THINGS", 0.0)
    monkeypatch.setattr(views, "_camera", lambda random: None)
    monkeypatch.setattr(views, "_recolored", lambda wall, rest, alpha, random: (wall * 0 + alpha[..., None], rest * 0))
    photo, alpha, _ = draw_patch(EdgeRoom.of(snapshots[0]), np.random.default_rng(2))
    np.testing.assert_allclose(photo[..., 0], linear_to_bytes(alpha), atol=1)


def test_a_picture_without_edge_of_a_wall_gives_no_room(snapshots):
    assert EdgeRoom.of(replace(snapshots[0], alpha=np.ones_like(snapshots[0].alpha))) is None
