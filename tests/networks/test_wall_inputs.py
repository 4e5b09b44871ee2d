"""Inputs of the wall networks: the photo's size, and maps that say where the clicks are and what is like them."""

import numpy as np
import pytest

from wallpaint.networks.wall_inputs import click_maps, photo_input, reduced_photo, similarity


@pytest.mark.parametrize(
    ("shape", "expected"),
    [((3000, 4000), (288, 384)), ((900, 1600), (224, 384)), ((384, 384), (384, 384)), ((50, 4000), (32, 384))],
)
def test_the_reduced_photo_has_sides_that_are_multiples_of_32(shape, expected):
    assert reduced_photo(np.zeros((*shape, 3), np.uint8)).shape == (*expected, 3)


def test_the_mean_colour_of_photos_becomes_zero():
    mean = np.round(np.array([[[0.485, 0.456, 0.406]]]) * 255).astype(np.uint8)
    np.testing.assert_allclose(photo_input(mean), 0, atol=0.01)


def test_similarity_is_the_highest_cosine_to_any_of_the_cells():
    embedding = np.zeros((2, 1, 3), np.float32)
    embedding[:, 0, 0], embedding[:, 0, 1], embedding[:, 0, 2] = (1, 0), (0, 1), (np.sqrt(0.5), np.sqrt(0.5))
    np.testing.assert_allclose(similarity(embedding, [(0, 0)]), [[1, 0, np.sqrt(0.5)]], atol=1e-6)
    np.testing.assert_allclose(similarity(embedding, [(0, 0), (0, 1)]), [[1, 1, np.sqrt(0.5)]], atol=1e-6)
    assert similarity(embedding, []) is None


def test_each_click_is_the_brightest_point_of_its_own_maps():
    similar = np.full((12, 16), 0.3, np.float32)
    maps = click_maps((similar, None), [(2, 3), (8, 10)], [(5, 5)], np.full((12, 16), 0.25))
    np.testing.assert_array_equal(maps[0], similar)
    np.testing.assert_array_equal(maps[1], -1)
    for index in (2, 3):
        assert maps[index].max() == maps[index][2, 3] == maps[index][8, 10] == 1
    for index in (4, 5):
        assert np.unravel_index(maps[index].argmax(), (12, 16)) == (5, 5)
    assert maps[3][2, 9] > maps[2][2, 9]  # the second spot is wider
    np.testing.assert_array_equal(maps[6], 0.25)


def test_without_clicks_the_spots_are_empty():
    assert not click_maps((None, None), [], [], np.zeros((4, 5)))[2:].any()
