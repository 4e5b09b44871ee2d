from __future__ import annotations

import numpy as np
import pytest

from wallpaint.albedo.interreflection.prediction import InterreflectionPrediction
from wallpaint.mask import find_region


@pytest.fixture(scope="session")
def region(room_pixels, wall_alpha):
    return find_region(room_pixels, wall_alpha)


@pytest.fixture(scope="session")
def uniform_prediction(wall_alpha):
    """f = 0.4 and q = 0.3 in every cell, with full confidence."""
    size = (80, 128)
    rows, columns = (np.arange(count) * length // count for count, length in zip(size, wall_alpha.shape, strict=True))
    wall = wall_alpha[rows][:, columns]
    full = np.ones((3, *size), np.float32)
    non_wall = (wall < 0.01).astype(np.float32)
    return InterreflectionPrediction(
        0.4 * full, 0.3 * full, np.full(size, 0.1, np.float32), non_wall, wall, np.full((*size, 3), 0.2)
    )
