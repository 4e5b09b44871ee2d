"""A room made of formulas, of any seed: enough for what does not look at pictures."""

from __future__ import annotations

import numpy as np
import pytest

from wallpaint.rooms import PaintableRoom

SIDE = 64


@pytest.fixture
def make_room():
    """``make_room(seed)``: the left five eighths wall, lit from the left, a box in front of it."""

    def make(seed, wallpaper=False):
        alpha = np.zeros((SIDE, SIDE), np.float32)
        alpha[:, :40] = 1
        alpha[30:50, 10:20] = 0
        light = np.linspace(1.1, 0.6, SIDE, dtype=np.float32)[None, :, None] * np.ones((SIDE, SIDE, 3), np.float32)
        b = light * (0.6 * alpha[..., None] + 0.05)
        depth = np.full((SIDE, SIDE), 4.0, np.float32)
        depth[30:50, 10:20] = 2
        return PaintableRoom(
            a=light * (1 - alpha[..., None]) * 0.3,
            b=b,
            c=0.3 * b,
            feedback=np.full(3, 0.4, np.float32),
            alpha=alpha,
            depth=depth,
            normal=np.zeros((SIDE, SIDE, 3), np.float32),
            albedo=np.full((SIDE, SIDE, 3), 0.4, np.float32),
            emitter=np.zeros((SIDE, SIDE), np.float32),
            exposure=1.0,
            seed=seed,
            wallpaper=0.4 * b if wallpaper else None,
        )

    return make
