"""A stored room made of formulas, and Mitsuba where it can render."""

from __future__ import annotations

import os
from typing import NoReturn

import numpy as np
import pytest

from wallpaint.rooms import PaintableRoom
from wallpaint.rooms.paintable import automatic_exposure


def _cannot_render(reason: str) -> NoReturn:
    """Skip the test; fail it where WALLPAINT_REQUIRE_RENDERER is set."""
    if os.environ.get("WALLPAINT_REQUIRE_RENDERER"):
        pytest.fail(reason)
    pytest.skip(reason)


@pytest.fixture(scope="session")
def mitsuba():
    """Mitsuba on its LLVM variant.

    Without it, rendering tests are skipped; where WALLPAINT_REQUIRE_RENDERER is set they fail.
    """
    try:
        import mitsuba
        import pyoidn  # noqa: F401
    except ImportError as error:
        _cannot_render(f"rendering is not tested: {error}. Install it: pip install 'wallpaint[rooms]'")
    from wallpaint.rooms import variant

    if variant.activate() != variant.LLVM:
        _cannot_render("rendering is not tested: no usable libLLVM. On Debian: apt-get install libllvm19")
    return mitsuba


@pytest.fixture
def room() -> PaintableRoom:
    """24 × 32: the left three quarters wall, lit from the left; the rest catches some of its light."""
    height, width = 24, 32
    rng = np.random.default_rng(5)
    alpha = np.zeros((height, width), np.float32)
    alpha[:, :24] = 1
    alpha[:, 23] = 0.4
    light = np.linspace(1.2, 0.5, width, dtype=np.float32)[None, :, None] * np.array([1, 0.97, 0.9], np.float32)
    light = np.broadcast_to(light, (height, width, 3))
    a = light * (1 - alpha[..., None]) * 0.3
    b = light * (alpha[..., None] * 0.6 + 0.05)
    c = b * 0.25 + 0.02 * rng.random((height, width, 3), dtype=np.float32)
    feedback = np.array([0.4, 0.38, 0.36], np.float32)
    emitter = np.zeros((height, width), np.float32)
    normal = np.zeros((height, width, 3), np.float32)
    normal[..., 1] = -1
    return PaintableRoom(
        a=a.astype(np.float32),
        b=b.astype(np.float32),
        c=c.astype(np.float32),
        feedback=feedback,
        alpha=alpha,
        depth=np.full((height, width), 3.0, np.float32),
        normal=normal,
        albedo=(1 - alpha)[..., None] * np.full(3, 0.4, np.float32),
        emitter=emitter,
        exposure=automatic_exposure(a, b, c, feedback, alpha, emitter),
        seed=5,
        meta={"plan": "box"},
        wallpaper=(b * 0.4).astype(np.float32),
    )
