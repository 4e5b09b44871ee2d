import warnings

import numpy as np
import pytest
from stand_in_engine import StandInEngine, fill, follow, go_blind, leave

from wallpaint import Color, Repainter, TextureSample
from wallpaint.errors import WallpaintError, WallpaintWarning
from wallpaint.evaluate import ValidationPhoto, ValidationSample
from wallpaint.evaluate.validation.painted_samples import open_room, paint_samples
from wallpaint.evaluate.validation.sanity_checks import (
    has_reference_input,
    is_solid,
    require_reference_effect,
    warn_of_failed_checks,
)
from wallpaint.reference import create_solid_color_reference

SAGE, NAVY = Color.from_rgb8((122, 158, 126)), Color.from_rgb8((27, 42, 92))


@pytest.fixture
def photo(room_pixels, wall_alpha):
    return ValidationPhoto("room", room_pixels, wall_alpha)


def warnings_of(samples, paint=follow):
    """Warnings about samples painted by a stand-in engine."""
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        warn_of_failed_checks(list(paint_samples(Repainter(StandInEngine(paint)), samples)))
    return [str(warning.message) for warning in caught if issubclass(warning.category, WallpaintWarning)]


def test_a_model_that_follows_its_reference_passes_all_checks(photo):
    assert warnings_of([ValidationSample(photo, SAGE), ValidationSample(photo, NAVY)]) == []


@pytest.mark.parametrize(("paint", "says"), [(fill, "one flat colour"), (leave, "equals the photo's wall")])
def test_a_failed_check_gives_one_warning_with_the_number_of_samples_and_the_first(photo, paint, says):
    [words] = warnings_of([ValidationSample(photo, SAGE), ValidationSample(photo, NAVY)], paint)
    assert words.startswith("2 of 2 samples (room-7a9e7e first): ")
    assert says in words


def test_an_empty_mask_gives_a_warning(photo):
    empty = ValidationPhoto("dark", photo.pixels, np.zeros((160, 240), np.float32))
    [words] = warnings_of([ValidationSample(empty, SAGE), ValidationSample(photo, SAGE)])
    assert words.startswith("1 of 2 samples (dark-7a9e7e first) were not painted: the mask covers no pixel")


def test_a_photo_as_its_own_reference_gives_a_warning(photo):
    [words] = warnings_of([ValidationSample(photo, TextureSample(photo.pixels))])
    assert "the reference is not one solid colour" in words


@pytest.mark.parametrize("color", [(185, 160, 140), (12, 12, 14), (250, 248, 245), (200, 30, 20), (20, 30, 90)])
def test_a_swatch_is_solid_with_and_without_texture_and_light(color):
    for texture in (True, False):
        for gradient in (True, False):
            picture = create_solid_color_reference(
                color, (224, 224), add_texture=texture, add_lighting_gradient=gradient
            )
            assert is_solid(np.asarray(picture))


def test_a_photo_is_not_solid(room_pixels):
    assert not is_solid(room_pixels)


@pytest.mark.parametrize("color", [SAGE, NAVY, Color.from_rgb8((232, 163, 61))])
def test_an_engine_that_paints_the_same_whatever_the_reference_is_refused(photo, color):
    with pytest.raises(WallpaintError, match="does not reach the model"):
        require_reference_effect(open_room(Repainter(StandInEngine(go_blind)), photo), color)
    for painter in (Repainter(StandInEngine()), Repainter()):
        require_reference_effect(open_room(painter, photo), color)


def test_only_a_scale_of_0_gives_a_warning():
    assert has_reference_input("albedo")
    assert has_reference_input(StandInEngine(scales=(0.0, 0.5)))
    with pytest.warns(WallpaintWarning, match="IP-Adapter scale is 0"):
        assert not has_reference_input(StandInEngine(scales=(0.0, 0.0)))


def test_unusable_masks_give_the_messages_of_their_errors(photo):
    masks = {"dark": 0 * photo.mask, "wild": photo.mask * 1.5, "tiny": np.zeros_like(photo.mask)}
    masks["tiny"][:2, :2] = 1
    bad = [ValidationSample(ValidationPhoto(name, photo.pixels, mask), SAGE) for name, mask in masks.items()]
    words = warnings_of([*bad, ValidationSample(photo, SAGE)])
    assert [each.split(" first)")[0] for each in words] == [f"1 of 4 samples ({name}-7a9e7e" for name in masks]
    assert "covers no pixel" in words[0]
    assert "1.5" in words[1]
    assert "covers 4 pixels" in words[2]
    assert not any("inverted" in each for each in words[1:])
