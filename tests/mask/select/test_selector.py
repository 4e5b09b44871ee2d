"""Wall selection in a photo: finder, clicks, shapes and existing masks together."""

from __future__ import annotations

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from wallpaint.errors import SettingError, UnreadableImageError
from wallpaint.mask.select import Click, Polygon, Stroke, WallSelector, draw
from wallpaint.mask.select.selector import expected_overlap
from wallpaint.rooms import Camera, starter_rooms

ON_WALL, ON_FLOOR, ON_PICTURE = (20, 60), (150, 60), (48, 114)
UPPER_HALF = Polygon([(-1, -1), (-1, 400), (90, 400), (90, -1)])


def overlap(mask, truth):
    return ((mask > 0.5) & (truth > 0.5)).sum() / ((mask > 0.5) | (truth > 0.5)).sum()


@pytest.fixture(scope="module")
def selector(room_pixels):
    return WallSelector(room_pixels)


@pytest.fixture(scope="module")
def by_edges(room_pixels):
    return WallSelector(room_pixels, "edges")


@pytest.fixture(scope="module")
def nothing(room_pixels):
    return np.zeros(room_pixels.shape[:2], np.float32)


@pytest.fixture(scope="module")
def photos():
    """Starter rooms through a camera, with the share of their painted walls."""
    random = np.random.default_rng(5)
    return [
        (room.photo(color, Camera.draw(random), random), room.alpha)
        for room, color in zip(starter_rooms()[:3], ("#7d9a86", "#c8b8a0", "#a05a4a"), strict=True)
    ]


@pytest.mark.parametrize("finder", ["rooms", "edges"])
def test_one_click_selects_the_wall(room_pixels, wall_alpha, finder):
    selected = WallSelector(room_pixels, finder).select([Click(*ON_WALL)], edges="hard")
    assert set(np.unique(selected.mask)) == {0, 1}
    assert selected.mask.shape == wall_alpha.shape
    assert overlap(selected.mask, wall_alpha) > 0.9


def test_without_input_the_walls_are_found(photos):
    for pixels, alpha in photos:
        selected = WallSelector(pixels).select(edges="hard")
        found = selected.mask > 0.5
        assert (found & (alpha > 0.5)).sum() / (alpha > 0.5).sum() > 0.85  # walls in other paints are found too
        assert 0 < selected.confidence <= 1
        assert selected.share == pytest.approx(found.mean())


def test_refined_edges_are_close_to_the_true_share_of_wall(by_edges, wall_alpha):
    clicks = [Click(*ON_WALL), Click(*ON_FLOOR, keep=False)]
    hard, refined = by_edges.select(clicks, edges="hard").mask, by_edges.select(clicks).mask
    assert ((refined > 0) & (refined < 1)).any()
    assert np.abs(refined - wall_alpha).mean() < np.abs(hard - wall_alpha).mean()


@settings(max_examples=25)
@given(
    clicks=st.lists(
        st.builds(Click, st.integers(0, 159), st.integers(0, 239), st.booleans()), min_size=1, max_size=5, unique=True
    )
)
def test_the_last_click_is_always_obeyed(selector, clicks):
    last = clicks[-1]
    assert selector.select(clicks, edges="hard").mask[last.row, last.column] == last.keep


def test_a_right_click_never_makes_the_mask_much_worse(photos):
    for pixels, alpha in photos:
        truth, selector = alpha > 0.5, WallSelector(pixels)
        clicks, before = [], None
        for _ in range(6):
            error = truth if before is None else before != truth
            place = middle(largest(error))
            clicks.append(Click(*place, keep=bool(truth[place])))
            after = selector.select(clicks, edges="hard").mask > 0.5
            if before is not None:
                assert overlap(after, truth) >= overlap(before, truth) - 0.02
            before = after


def test_one_plane_is_a_part_of_the_wall_around_its_click(photos):
    for pixels, alpha in photos:
        place = middle(largest(alpha > 0.5))
        selector = WallSelector(pixels)
        whole, plane = (selector.select([Click(*place)], plane=plane, edges="hard").mask for plane in (False, True))
        assert plane[place] == 1
        assert plane.sum() <= 1.02 * whole.sum()


def test_a_plane_needs_a_keeping_click(selector):
    with pytest.raises(SettingError, match="plane needs a point"):
        selector.select([Click(*ON_FLOOR, keep=False)], plane=True)


def test_a_click_taken_back_has_no_effect(room_pixels):
    fresh, used = WallSelector(room_pixels), WallSelector(room_pixels)
    used.select([Click(*ON_WALL), Click(*ON_FLOOR)], edges="hard")
    np.testing.assert_array_equal(
        used.select([Click(*ON_WALL)], edges="hard").mask, fresh.select([Click(*ON_WALL)], edges="hard").mask
    )


@pytest.mark.parametrize("finder", ["rooms", "edges"])
def test_an_existing_mask_changes_only_where_it_is_clicked(room_pixels, wall_alpha, finder):
    selector = WallSelector(room_pixels, finder)
    initial = (wall_alpha > 0.5).astype(np.float32)
    initial[:, :40] = 0.25  # a soft part, far from the click
    clicks = [Click(*ON_FLOOR)]
    corrected = selector.select(clicks, initial_mask=initial, edges="hard").mask
    assert corrected[ON_FLOOR] == 1
    np.testing.assert_array_equal(corrected[:60, :40], initial[:60, :40])
    np.testing.assert_array_equal(selector.select(initial_mask=initial, edges="hard").mask, initial)


def test_polygons_alone_are_filled(by_edges, nothing):
    selected = by_edges.select(polygons=[UPPER_HALF], edges="hard")
    np.testing.assert_array_equal(selected.mask, draw(nothing, [UPPER_HALF]))
    assert selected.confidence == 1


def test_a_removing_click_takes_its_surface_out_of_a_polygon(by_edges, nothing):
    wall = by_edges.select([Click(*ON_PICTURE, keep=False)], polygons=[UPPER_HALF], edges="hard").mask
    assert 0 < wall.sum() < draw(nothing, [UPPER_HALF]).sum()
    assert wall[ON_PICTURE] == 0


def test_strokes_and_polygons_have_the_last_word_where_clicks_mark_wall(by_edges, nothing):
    stroke = Stroke([(20, 60), (20, 90)], radius=4, keep=False)
    clicks = [Click(*ON_WALL), Click(*ON_PICTURE, keep=False)]
    wall = by_edges.select(clicks, [stroke], [UPPER_HALF], edges="hard").mask
    inside = draw(nothing, [UPPER_HALF]) > 0
    assert wall[inside & ~stroke.coverage(wall.shape)].all() or not wall[stroke.coverage(wall.shape)].any()
    assert wall[ON_PICTURE] == 1


def test_a_keeping_click_after_a_removing_one_leaves_all_other_walls(selector):
    drop, keep = Click(*ON_PICTURE, keep=False), Click(*ON_FLOOR)
    before = selector.select([drop], edges="hard").mask
    after = selector.select([drop, keep], edges="hard").mask
    assert after[ON_FLOOR] == 1
    assert (after >= before).all()


def test_a_removing_click_first_does_not_select_everything_else_by_edges(by_edges):
    drop, keep = Click(*ON_FLOOR, keep=False), Click(*ON_WALL)
    first, last = (by_edges.select(clicks, edges="hard").mask for clicks in ([drop, keep], [keep, drop]))
    assert first[ON_FLOOR] == 0
    assert overlap(first, last) > 0.95


def test_clicks_of_the_last_call_are_not_computed_again(room_pixels):
    calls = []

    class Counting:
        automatic = True

        def look(self, pixels):
            return self

        def wall(self, clicks=(), previous=None, *, plane=False):
            calls.append(len(clicks))
            return np.full((16, 24), 0.8, np.float32)

    selector = WallSelector(room_pixels, Counting())
    clicks = [Click(5, 5), Click(9, 9), Click(20, 30)]
    for count in (1, 2, 3, 2):
        selector.select(clicks[:count], edges="hard")
    assert calls == [1, 2, 3]


def test_a_finder_that_needs_clicks_refuses_none(by_edges):
    for clicks in ([], [Click(*ON_FLOOR, keep=False)]):
        with pytest.raises(SettingError, match="keep at least one point"):
            by_edges.select(clicks)


@pytest.mark.parametrize(("row", "column"), [(-1, 5), (160, 5), (5, 240), (5, -3)])
def test_a_click_outside_the_photo_is_refused(selector, row, column):
    with pytest.raises(SettingError, match=rf"{column},{row} lies outside .* 0 to 239 across and 0 to 159 down"):
        selector.select([Click(row, column)])


def test_unknown_edges_and_finders_are_refused(selector, room_pixels):
    with pytest.raises(SettingError, match="choose refined or hard"):
        selector.select([Click(*ON_WALL)], edges="soft")
    with pytest.raises(SettingError, match="auto, rooms, edges"):
        WallSelector(room_pixels, "nearest")


def test_an_array_that_is_not_a_photo_is_refused():
    with pytest.raises(UnreadableImageError, match="uint8"):
        WallSelector(np.zeros((20, 20, 3), np.float32))


@pytest.mark.parametrize("finder", ["rooms", "edges"])
@pytest.mark.parametrize("shape", [(1, 1), (1, 40), (3, 3), (700, 2)])
def test_the_smallest_pictures_can_be_selected_in(shape, finder):
    pixels = np.full((*shape, 3), 128, np.uint8)
    assert WallSelector(pixels, finder).select([Click(0, 0)], edges="hard").mask[0, 0] == 1


def test_expected_overlap_of_certain_and_of_unsure_masks():
    certain = np.array([[1.0, 1.0, 0.0, 0.0]])
    assert expected_overlap(certain) == 1
    assert expected_overlap(np.array([[0.8, 0.8, 0.2, 0.2]])) == pytest.approx(1.6 / 2.4)
    assert expected_overlap(np.zeros((2, 2))) == 0


def largest(region):
    count, parts, stats, _ = cv2.connectedComponentsWithStats(region.astype(np.uint8), connectivity=4)
    return region if count == 1 else parts == 1 + int(stats[1:, cv2.CC_STAT_AREA].argmax())


def middle(region):
    distance = cv2.distanceTransform(np.pad(region, 1).astype(np.uint8), cv2.DIST_L2, 5)[1:-1, 1:-1]
    return tuple(int(index) for index in np.unravel_index(distance.argmax(), distance.shape))
