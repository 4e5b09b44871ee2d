import warnings

import numpy as np
import pytest
from stand_in_engine import StandInEngine, fill, follow, go_blind, leave

from wallpaint import Color, Repainter, TextureSample
from wallpaint.errors import WallpaintError, WallpaintWarning
from wallpaint.evaluate import ValidationPhoto, ValidationSample
from wallpaint.evaluate.validation.painted_samples import open_room, paint_samples
from wallpaint.evaluate.validation.sanity_checks import hears_references, is_solid, refuse_deaf_engine, warn_of_symptoms
from wallpaint.reference import create_solid_color_reference

SAGE, NAVY = Color.from_rgb8((122, 158, 126)), Color.from_rgb8((27, 42, 92))


@pytest.fixture
def photo(room_pixels, wall_alpha):
    return ValidationPhoto("room", room_pixels, wall_alpha)


def told(samples, paint=follow):
    """What a person is told of samples painted so."""
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        warn_of_symptoms(list(paint_samples(Repainter(StandInEngine(paint)), samples)))
    return [str(warning.message) for warning in caught if issubclass(warning.category, WallpaintWarning)]


def test_a_model_that_does_its_task_has_no_symptoms(photo):
    assert told([ValidationSample(photo, SAGE), ValidationSample(photo, NAVY)]) == []


@pytest.mark.parametrize(("paint", "says"), [(fill, "one flat colour"), (leave, "came out as it was")])
def test_a_symptom_of_many_samples_is_told_once_with_their_number_and_the_first(photo, paint, says):
    [words] = told([ValidationSample(photo, SAGE), ValidationSample(photo, NAVY)], paint)
    assert words.startswith("2 of 2 samples (room-7a9e7e first): ")
    assert says in words


def test_an_empty_mask_is_told(photo):
    empty = ValidationPhoto("dark", photo.pixels, np.zeros((160, 240), np.float32))
    [words] = told([ValidationSample(empty, SAGE), ValidationSample(photo, SAGE)])
    assert words.startswith("1 of 2 samples (dark-7a9e7e first) are not painted: the mask covers no pixel")


def test_a_photo_as_its_own_reference_is_told(photo):
    [words] = told([ValidationSample(photo, TextureSample(photo.pixels))])
    assert "the reference is not solid" in words


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
        refuse_deaf_engine(open_room(Repainter(StandInEngine(go_blind)), photo), color)
    for hearing in (Repainter(StandInEngine()), Repainter()):
        refuse_deaf_engine(open_room(hearing, photo), color)


def test_a_scale_of_0_is_told_and_any_other_is_not():
    assert hears_references("albedo")
    assert hears_references(StandInEngine(scales=(0.0, 0.5)))
    with pytest.warns(WallpaintWarning, match="IP-Adapter scale is 0"):
        assert not hears_references(StandInEngine(scales=(0.0, 0.0)))


def test_masks_that_cannot_be_used_are_told_in_the_words_of_their_own_errors(photo):
    masks = {"dark": 0 * photo.mask, "wild": photo.mask * 1.5, "tiny": np.zeros_like(photo.mask)}
    masks["tiny"][:2, :2] = 1
    bad = [ValidationSample(ValidationPhoto(name, photo.pixels, mask), SAGE) for name, mask in masks.items()]
    words = told([*bad, ValidationSample(photo, SAGE)])
    assert [each.split(" first)")[0] for each in words] == [f"1 of 4 samples ({name}-7a9e7e" for name in masks]
    assert "covers no pixel" in words[0]
    assert "1.5" in words[1]
    assert "covers 4 pixels" in words[2]
    assert not any("inverted" in each for each in words[1:])
