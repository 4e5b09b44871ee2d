import dataclasses

import cv2
import numpy as np
import pytest
from bad_inputs import room_pixels, wall_mask

from wallpaint.mask import MaskQuality, mask_quality

WALL = wall_mask() > 0


@pytest.fixture
def image():
    """The room with a little noise, so that edges are not free."""
    noise = np.random.default_rng(0).normal(0, 2, room_pixels().shape)
    return (room_pixels() + noise).round().clip(0, 255).astype(np.uint8)


def shifted(mask, pixels):
    return np.roll(mask, (pixels, pixels), axis=(0, 1))


def salted(mask, share):
    return mask ^ (np.random.default_rng(1).random(mask.shape) < share)


def test_a_true_mask_is_good_in_every_measure(image):
    quality = mask_quality(image, WALL)
    assert quality.area == 1
    assert quality.fragments == 1
    assert quality.boundary > 0.95
    assert quality.coherence > 0.9
    assert quality.score > 0.95


@pytest.mark.parametrize(
    ("spoilt", "measure"),
    [(shifted(WALL, 8), "boundary"), (salted(WALL, 0.08), "fragments"), (WALL & (np.arange(128) < 2), "area")],
)
def test_each_fault_lowers_its_own_measure_and_the_score(image, spoilt, measure):
    good, bad = mask_quality(image, WALL), mask_quality(image, spoilt)
    assert getattr(bad, measure) < getattr(good, measure) - 0.2
    assert bad.score < good.score - 0.1


def test_two_paints_in_one_mask_are_incoherent(image):
    image[:64, 64:] = (60, 120, 180)
    half = WALL.copy()
    half[:, 64:] = False
    assert mask_quality(image, WALL).coherence < mask_quality(image, half).coherence - 0.4


def test_shading_alone_is_coherent():
    shade = np.linspace(0.3, 1, 128)[None, :, None]
    image = (np.array([200.0, 180, 150]) * np.ones((96, 1, 1)) * shade).round().astype(np.uint8)
    assert mask_quality(image, WALL).coherence > 0.85


def test_a_boundary_in_an_even_picture_agrees_with_nothing():
    assert mask_quality(np.full((96, 128, 3), 128, np.uint8), WALL).boundary == 0


def test_a_boundary_in_noise_agrees_no_better_than_chance():
    noise = np.random.default_rng(0).integers(0, 256, (96, 128, 3), dtype=np.uint8)
    assert mask_quality(noise, WALL).boundary < 0.3


@pytest.mark.parametrize(("share", "area"), [(0.025, 0.5), (0.05, 1), (0.5, 1), (0.8, 1), (0.9, 0.5), (1, 0)])
def test_the_area_measure_follows_its_formula(share, area):
    mask = np.arange(40 * 50).reshape(40, 50) < share * 2000
    assert mask_quality(np.zeros((40, 50, 3), np.uint8), mask).area == pytest.approx(area, abs=0.01)


def test_crumbs_of_wall_and_of_rest_are_counted():
    mask = np.zeros((100, 100), bool)
    mask[:50] = True
    mask[80, 10:90:8] = True  # 10 pixels of wall in the rest
    mask[20, 10:90:4] = False  # 20 pixels of rest in the wall
    quality = mask_quality(np.zeros((100, 100, 3), np.uint8), mask)
    assert quality.fragments == pytest.approx(1 - 5 * 30 / (5000 + 10 - 20))


def test_the_score_follows_its_formula():
    quality = MaskQuality(area=0.5, fragments=0.8, boundary=0.6, coherence=0.7)
    assert quality.score == pytest.approx(0.5 ** (1 / 6) * 0.8 ** (1 / 6) * 0.64 ** (1 / 3) * 0.7 ** (1 / 3))
    assert MaskQuality(1, 1, 1, 1).score == 1
    assert MaskQuality(0, 1, 1, 1).score == 0


def test_a_photo_and_its_enlargement_have_nearly_the_same_quality(image):
    large = cv2.resize(image, (2048, 1536), interpolation=cv2.INTER_CUBIC)
    mask = cv2.resize(WALL.astype(np.uint8), (2048, 1536), interpolation=cv2.INTER_NEAREST)
    assert mask_quality(large, mask.astype(np.float32)).score == pytest.approx(
        mask_quality(image, WALL).score, abs=0.05
    )


def test_empty_and_full_masks_score_nothing(image):
    for mask in (WALL & False, WALL | True):
        quality = mask_quality(image, mask)
        assert quality.score == 0
        assert all(0 <= getattr(quality, field.name) <= 1 for field in dataclasses.fields(quality))


def test_a_quality_cannot_be_changed(image):
    with pytest.raises(dataclasses.FrozenInstanceError):
        mask_quality(image, WALL).area = 1.0
