import dataclasses

import numpy as np
import pytest
from cropped_room import without_wall

from wallpaint.color import luminance, srgb_to_linear
from wallpaint.data.samples.ray_depth import along_axis
from wallpaint.evaluate import COLOR_PAIRS, TRACKS, room_cases
from wallpaint.photo import linear_to_bytes


@pytest.fixture(scope="module")
def camera_cases(papered_room):
    return list(room_cases(papered_room, ("camera",)))


def test_every_colour_change_is_asked_on_every_track(papered_room):
    asked = [(case.pair, case.track) for case in room_cases(papered_room)]
    assert asked == [(pair, track) for pair in COLOR_PAIRS for track in TRACKS]


def test_the_reference_is_the_walls_median_in_the_truth(papered_room):
    for case in room_cases(papered_room):
        median = np.median(case.truth[case.alpha > 0.5], axis=0)
        assert np.abs(np.array(case.reference.rgb8) - median).max() <= 0.5


def test_the_clean_photo_and_the_truth_are_the_render_in_the_old_and_the_new_paint(papered_room, clean_cases):
    for case in clean_cases:
        old, new = (papered_room.render(np.array(paint), 1.0) for paint in COLOR_PAIRS[case.pair])
        grey = float(srgb_to_linear(np.array(0.42)))
        exposure = grey / max(np.median(luminance(old)), np.median(luminance(new)))
        np.testing.assert_allclose(case.source, linear_to_bytes(old * exposure).astype(int), atol=1)
        np.testing.assert_allclose(case.truth, linear_to_bytes(new * exposure).astype(int), atol=1)
        np.testing.assert_array_equal(case.mask, case.alpha)


def test_the_brighter_of_photo_and_truth_is_exposed_for_a_mid_tone(clean_cases):
    for case in clean_cases:
        shown = [np.median(luminance(srgb_to_linear(picture / 255))) for picture in (case.source, case.truth)]
        assert max(shown) == pytest.approx(float(srgb_to_linear(np.array(0.42))), rel=0.02)


def test_the_camera_tracks_mask_is_binary_and_not_the_true_alpha(camera_cases):
    for case in camera_cases:
        assert set(np.unique(case.mask)) == {0, 1}
        off = (case.mask > 0.5) != (case.alpha > 0.5)
        assert 0.001 < off.mean() < 0.15


def test_the_camera_track_repeats_with_the_seed(papered_room, camera_cases):
    for case, again in zip(camera_cases, room_cases(papered_room, ("camera",)), strict=True):
        np.testing.assert_array_equal(again.source, case.source)
        np.testing.assert_array_equal(again.mask, case.mask)
        np.testing.assert_array_equal(again.truth, case.truth)


def test_another_seed_is_another_camera(papered_room, camera_cases):
    other = next(room_cases(dataclasses.replace(papered_room, seed=papered_room.seed + 1), ("camera",)))
    assert (other.source != camera_cases[0].source).any()
    assert (other.mask != camera_cases[0].mask).any()


def test_a_tracks_cases_do_not_depend_on_which_others_are_asked_for(papered_room, camera_cases):
    with_others = [case for case in room_cases(papered_room) if case.track == "camera"]
    for case, other in zip(camera_cases, with_others, strict=True):
        np.testing.assert_array_equal(case.source, other.source)


def test_the_cameras_noise_is_in_the_photo_and_not_in_the_truth(camera_cases, clean_cases):
    def roughness(picture, wall):
        steps = np.abs(np.diff(picture.astype(float), axis=1)).mean(axis=-1)
        return steps[wall[:, 1:] & wall[:, :-1]].mean()

    wall = camera_cases[0].alpha >= 1
    for case, clean in zip(camera_cases, clean_cases, strict=True):
        assert roughness(case.truth, wall) < 1.2 * roughness(clean.truth, wall)
    photos = [sum(roughness(case.source, wall) for case in cases) for cases in (camera_cases, clean_cases)]
    assert photos[0] > 1.5 * photos[1]


def test_the_wallpaper_track_is_asked_only_of_rooms_with_a_twin(papered_room, plain_room):
    assert {case.track for case in room_cases(papered_room, ("wallpaper",))} == {"wallpaper"}
    assert list(room_cases(plain_room, ("wallpaper",))) == []
    assert {case.track for case in room_cases(plain_room)} == {"clean", "camera"}


def test_the_wallpaper_track_shows_the_twin(papered_room):
    case = next(room_cases(papered_room, ("wallpaper",)))
    shown = srgb_to_linear(case.source / 255)
    unclipped = (case.source < 255) & (case.source > 8)
    ratio = (shown / np.maximum(papered_room.wallpaper, 1e-6))[unclipped]
    np.testing.assert_allclose(ratio, np.median(ratio), rtol=0.1)


def test_a_room_with_hardly_any_wall_is_not_asked_about(papered_room):
    assert list(room_cases(without_wall(papered_room))) == []


def test_depth_is_disparity_along_the_cameras_axis(papered_room):
    side = papered_room.shape[0]
    square_on = dataclasses.replace(
        papered_room, depth=1 / along_axis(np.ones((side, side)), 70), meta={**papered_room.meta, "field_of_view": 70}
    )  # a wall faced squarely, which is farther along the rays to its corners
    square_on.depth[: side // 2] *= 2
    depth = next(room_cases(square_on)).depth
    assert depth.dtype == np.float32
    np.testing.assert_allclose(depth, np.repeat([[0.0], [1.0]], side // 2, axis=0).repeat(side, axis=1), atol=1e-5)
