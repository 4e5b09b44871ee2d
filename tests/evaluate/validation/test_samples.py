import numpy as np
import pytest
from PIL import Image

from wallpaint.color import delta_e_76, delta_e_2000, srgb_to_lab
from wallpaint.data import draw_paint
from wallpaint.errors import SettingError
from wallpaint.evaluate import photo_samples, room_samples
from wallpaint.evaluate.validation.samples import spread_paints
from wallpaint.mask import is_wall
from wallpaint.reference import wall_median

SIZE = 64


def nearest_neighbours(paints):
    labs = np.stack([paint.lab for paint in paints])
    distances = delta_e_76(labs[:, None], labs[None]) + 1e9 * np.eye(len(labs))
    return distances.min(axis=1)


def same(one, other):
    return (
        one.name == other.name
        and np.array_equal(one.photo.pixels, other.photo.pixels)
        and np.array_equal(one.photo.mask, other.photo.mask)
        and np.array_equal(one.truth, other.truth)
    )


def test_spread_paints_lie_farther_apart_than_drawn_ones():
    spread = spread_paints(50, np.random.default_rng(0))
    drawn = [draw_paint(np.random.default_rng(seed)) for seed in range(50)]
    assert nearest_neighbours(spread).min() > 8
    assert nearest_neighbours(spread).min() > 3 * nearest_neighbours(drawn).min()


def test_spread_paints_go_round_the_circle_and_from_dark_to_light():
    labs = np.stack([paint.lab for paint in spread_paints(50, np.random.default_rng(1))])
    hues = np.degrees(np.arctan2(labs[:, 2], labs[:, 1])) % 360
    assert set((hues // 45).astype(int)) == set(range(8))
    assert labs[:, 0].min() < 20
    assert labs[:, 0].max() > 88


def test_fewer_paints_are_the_first_of_more():
    few, many = (spread_paints(count, np.random.default_rng(2)) for count in (3, 9))
    assert many[:3] == few


def test_the_seed_fixes_the_samples(papered_room, plain_room):
    rooms = [papered_room, plain_room]
    one, again, other = (room_samples(rooms, 3, SIZE, seed=seed) for seed in (5, 5, 6))
    assert all(map(same, one, again))
    assert not any(map(same, one, other))


@pytest.mark.parametrize(("count", "photos"), [(1, [1]), (2, [1, 1]), (3, [2, 1]), (9, [5, 4]), (13, [5, 5, 3])])
def test_rooms_are_shared_out_before_colours_are_and_colours_before_rooms_return(
    papered_room, plain_room, count, photos
):
    samples = room_samples([papered_room, plain_room], count, SIZE)
    assert len(samples) == count
    shown = list(dict.fromkeys(sample.photo for sample in samples))
    assert [sum(sample.photo is photo for sample in samples) for photo in shown] == photos
    assert len({photo.name for photo in shown}) == len(shown)
    assert all(not np.array_equal(photo.pixels, shown[0].pixels) for photo in shown[1:])


def test_the_reference_is_the_colour_of_the_truths_wall(papered_room):
    for sample in room_samples([papered_room], 4, 96):
        median = wall_median(sample.truth, is_wall(sample.photo.mask))
        assert delta_e_2000(srgb_to_lab(median / 255), sample.color.lab) < 2
        assert sample.photo.depth.shape == sample.truth.shape[:2] == (96, 96)


def test_outside_the_wall_the_truth_shows_the_same_room(papered_room):
    [sample] = room_samples([papered_room], 1, 96)
    change = np.abs(sample.truth.astype(int) - sample.photo.pixels)
    wall = is_wall(sample.photo.mask)
    assert np.median(change[~wall]) < np.median(change[wall]) / 4


@pytest.fixture
def folder(tmp_path, room_pixels, wall_mask):
    """Three photos in the flat layout, all of them in validation."""
    for kind in ("images", "masks"):
        (tmp_path / kind).mkdir()
    for number in range(3):
        Image.fromarray(room_pixels[:, :: (-1) ** number]).save(tmp_path / f"images/room{number}.png")
        Image.fromarray(wall_mask[:, :: (-1) ** number]).save(tmp_path / f"masks/room{number}.png")
    return tmp_path


@pytest.fixture
def dataset(folder):
    data = pytest.importorskip("wallpaint.data.datasets.wall_inpainting")
    return data.WallInpaintingDataset(folder, "validation", SIZE, quality_threshold=0, validation_share=1.0)


@pytest.mark.parametrize(("count", "photos"), [(2, 2), (3, 3), (4, 2), (7, 3)])
def test_photos_are_shared_out_before_colours_are(dataset, count, photos):
    samples = photo_samples(dataset, count)
    assert len(samples) == count
    assert len({sample.photo.name for sample in samples}) == photos
    assert len({sample.color for sample in samples}) == count
    assert all(sample.truth is None and sample.photo.pixels.shape == (SIZE, SIZE, 3) for sample in samples)


def test_the_seed_fixes_which_photos_are_painted_in_what(dataset):
    def names(seed):
        return [sample.name for sample in photo_samples(dataset, 2, seed=seed)]

    assert names(1) == names(1)
    assert len({tuple(names(seed)) for seed in range(5)}) == 5


def test_no_samples_are_refused(papered_room, dataset):
    for make in (lambda: room_samples([papered_room], 0, SIZE), lambda: photo_samples(dataset, 0)):
        with pytest.raises(SettingError, match="choose 1 or more"):
            make()
    with pytest.raises(SettingError, match="64 or more"):
        room_samples([papered_room], 1, 32)
