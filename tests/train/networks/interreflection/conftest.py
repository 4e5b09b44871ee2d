from __future__ import annotations

import pytest
from cropped_room import cropped_room

from wallpaint.train.networks.interreflection.room_maps import load_room_maps


@pytest.fixture(scope="session")
def small_rooms():
    return load_room_maps([cropped_room(1), cropped_room(3), cropped_room(5)])
