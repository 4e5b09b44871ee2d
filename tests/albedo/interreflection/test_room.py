"""Painting with bounced light through the public API."""

import numpy as np
import pytest
from cropped_room import cropped_room

from wallpaint import Repainter
from wallpaint.albedo import AlbedoRoom
from wallpaint.albedo import room as albedo_room
from wallpaint.errors import SettingError
from wallpaint.evaluate import room_cases, score
from wallpaint.mask import find_region
from wallpaint.reference import median_color
from wallpaint.rooms import starter_rooms

COLORS = ["#c1440e", "#1b1b1b", "#f2efe6", "#2f4858"]


@pytest.fixture(scope="module")
def photo():
    return cropped_room().photo("#e8e6e0")


@pytest.fixture(scope="module")
def alpha():
    return cropped_room().alpha


@pytest.fixture(scope="module")
def lit(photo, alpha):
    return Repainter(bounce=True).open(photo, alpha)


@pytest.mark.parametrize("color", COLORS)
def test_the_walls_median_is_still_the_reference(lit, color):
    painted = lit.paint(color)
    assert median_color(painted.image, lit.region.is_wall).hex == color


def test_the_rest_of_the_room_takes_on_the_walls_tint(lit, photo):
    rest = lit.region.alpha == 0
    red = lit.paint("#c1440e").image[rest].mean(0) - photo[rest].mean(0)
    assert red[0] > red[2]
    assert red[2] < -1


def test_the_walls_own_colour_changes_no_byte(lit, photo):
    assert np.array_equal(lit.paint(lit.color).image, photo)


def test_nothing_outside_the_mask_changes_by_default(photo, alpha):
    painted = Repainter().open(photo, alpha).paint("#c1440e").image
    assert np.array_equal(painted[alpha == 0], photo[alpha == 0])


def test_with_the_network_a_wall_is_nearer_to_the_truth_than_without_it():
    without, default = [], []
    for case in (case for room in starter_rooms()[:4] for case in room_cases(room, ("clean",))):
        region = find_region(case.source, case.mask)
        for ask, errors in ((AlbedoRoom.closed_form, without), (AlbedoRoom.of_photo, default)):
            errors.append(score(case, ask(case.source, region).paint_wall(case.reference), 0.0).inside)
    assert np.mean(default) < 0.95 * np.mean(without)


def test_the_network_runs_once_for_all_colours(photo, alpha, monkeypatch):
    asked = []
    real = albedo_room.predict_interreflection
    monkeypatch.setattr(albedo_room, "predict_interreflection", lambda *given: asked.append(1) or real(*given))
    Repainter(bounce=True).open(photo, alpha).palette(COLORS)
    assert len(asked) == 1


def test_the_provenance_records_bounced_light(lit, photo, alpha):
    assert lit.paint("#c1440e").provenance()["wallpaint:bounce"] == "true"
    assert "wallpaint:bounce" not in Repainter().open(photo, alpha).paint("#c1440e").provenance()


def test_a_diffusion_model_refuses_bounced_light():
    with pytest.raises(SettingError, match="only the albedo engine"):
        Repainter(object(), bounce=True)
