"""From distances along rays to depth along the axis."""

from __future__ import annotations

import numpy as np
import pytest

from wallpaint.data.samples.ray_depth import along_axis


@pytest.mark.parametrize("field_of_view", [40.0, 90.0])
def test_a_wall_faced_squarely_is_flat(field_of_view):
    ticks = ((np.arange(32) + 0.5) / 32 * 2 - 1) * np.tan(np.radians(field_of_view) / 2)
    along_rays = 3 * np.sqrt(1 + ticks[None] ** 2 + ticks[:, None] ** 2)
    np.testing.assert_allclose(along_axis(along_rays, field_of_view), 3, rtol=1e-6)
