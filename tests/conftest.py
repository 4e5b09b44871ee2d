"""The room most tests paint. `synthetic_room` draws it, in any paint and light."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
import synthetic_room
from hypothesis import settings
from stand_in_finder import StandInFinder

from wallpaint import Repainter, Room

settings.register_profile("wallpaint", deadline=None)  # a busy machine is no fault
settings.load_profile("wallpaint")


@pytest.fixture(scope="session")
def room_pixels() -> np.ndarray:
    """(160, 240, 3) uint8: a beige wall in falling light, with a picture, a door, a lamp and a floor before it."""
    return _unwritable(synthetic_room.room())


@pytest.fixture(scope="session")
def wall_alpha() -> np.ndarray:
    """(160, 240) float32: the true share of wall in each pixel of `room_pixels`."""
    return _unwritable(synthetic_room.wall_alpha().astype(np.float32))


@pytest.fixture(scope="session")
def wall_mask(wall_alpha: np.ndarray) -> np.ndarray:
    """(160, 240) uint8, 0 or 255: `wall_alpha` as a segmenter gives it, without half-tones."""
    return _unwritable(np.where(wall_alpha > 0.5, 255, 0).astype(np.uint8))


@pytest.fixture(scope="session")
def open_room(wall_alpha: np.ndarray) -> Callable[[np.ndarray], Room]:
    """Opens a photo of the room with the true share of wall, so that matting has no part in what is tested."""
    return lambda pixels: Repainter().open(pixels, wall_alpha)


@pytest.fixture
def finder_sees(monkeypatch: pytest.MonkeyPatch) -> Callable[..., StandInFinder]:
    """Replaces the shipped finder by one that sees a given wall with a given confidence."""

    def sees(wall: np.ndarray | None = None, confidence: float = 0.9) -> StandInFinder:
        finder = StandInFinder(wall, confidence)
        monkeypatch.setattr("wallpaint.mask.select.selector.RoomsFinder", lambda: finder)
        return finder

    return sees


def _unwritable(array: np.ndarray) -> np.ndarray:
    array.flags.writeable = False
    return array
