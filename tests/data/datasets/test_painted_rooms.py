"""Rooms painted while training: the truth, the same for any number of workers, new every epoch."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from torch.utils.data import DataLoader

from wallpaint.color import delta_e_2000, srgb_to_lab
from wallpaint.data import PaintedRoomsDataset, ReferenceSettings, RoomAugmentation
from wallpaint.errors import SettingError
from wallpaint.mask import erode
from wallpaint.rooms import starter_rooms


@pytest.fixture
def dataset(make_room):
    return PaintedRoomsDataset([make_room(seed, wallpaper=True) for seed in (1, 2, 3)], 64, per_room=4, seed=9)


def bytes_of(values):
    return ((values + 1) * 127.5).round().byte().permute(1, 2, 0).numpy()


def difference(one, other):
    return float(delta_e_2000(srgb_to_lab(np.asarray(one) / 255.0), srgb_to_lab(np.asarray(other) / 255.0)))


def equal(one, other):
    return one.keys() == other.keys() and all(
        value == other[key] if key == "name" else torch.equal(value, other[key]) for key, value in one.items()
    )


def test_samples_of_real_rooms_keep_the_contract():
    dataset = PaintedRoomsDataset(starter_rooms()[:3], 128, per_room=2)
    names = set()
    for sample in dataset:
        names.add(sample["name"])
        for key in ("pixel_values", "source_values", "masked_image"):
            assert sample[key].shape == (3, 128, 128)
            assert sample[key].abs().max() <= 1
        assert sample["mask"].shape == sample["depth"].shape == (1, 128, 128)
        assert (sample["depth"].min(), sample["depth"].max()) == (0, 1)
        assert set(sample["mask"].unique().tolist()) == {0, 1}
    assert len(names) == len(dataset) == 6


@pytest.mark.parametrize("size", [0, 5])
def test_the_reference_is_the_colour_of_the_targets_own_wall(size):
    settings = ReferenceSettings(mask_erosion_size=size)
    for sample in PaintedRoomsDataset(starter_rooms(), 128, per_room=1, reference=settings):
        target = bytes_of(sample["pixel_values"])
        wall = erode(sample["mask"][0].numpy(), size // 2)
        assert difference(sample["dominant_color"], np.median(target[wall], axis=0)) <= 0.5


def test_erosion_hardly_moves_the_colour_of_a_true_mask():
    recipe = RoomAugmentation(mask_degrade_prob=0)
    moved = [
        difference(
            sample["dominant_color"], np.median(bytes_of(sample["pixel_values"])[sample["mask"][0] > 0.5], axis=0)
        )
        for sample in PaintedRoomsDataset(starter_rooms(), 256, per_room=1, recipe=recipe)
    ]
    assert np.mean(moved) <= 0.5


def test_the_reference_is_solid_and_never_the_photo(dataset):
    for sample in dataset:
        swatch = (sample["reference_image"] + 1) * 127.5
        assert swatch.std((1, 2)).max() < 10
        median = swatch.flatten(1).median(1).values
        assert difference(median, sample["dominant_color"]) <= 1.5


def test_the_reference_says_nothing_of_the_old_colour(dataset):
    sample = dataset[0]
    assert difference(sample["dominant_color"], bytes_of(sample["source_values"])[:20, :20].mean((0, 1))) > 3


@pytest.mark.filterwarnings("ignore:This DataLoader will create")  # more workers than cores, on purpose
@pytest.mark.parametrize("persistent", [False, True])
def test_any_number_of_workers_gives_the_same_batches(dataset, persistent):
    alone = DataLoader(dataset, batch_size=4)
    four = DataLoader(dataset, batch_size=4, num_workers=4, persistent_workers=persistent)
    for epoch in (0, 1):
        dataset.set_epoch(epoch)
        batches = list(zip(alone, four, strict=True))
        assert len(batches) == 3
        assert all(equal(one, other) for one, other in batches)


def test_the_same_seed_paints_the_same_and_another_does_not(make_room):
    rooms = [make_room(1), make_room(2)]
    one, same, other = (PaintedRoomsDataset(rooms, 64, seed=seed) for seed in (1, 1, 2))
    assert equal(one[3], same[3])
    assert not torch.equal(one[3]["pixel_values"], other[3]["pixel_values"])


def test_epochs_differ_and_can_be_replayed(dataset):
    first = dataset[2]
    dataset.set_epoch(1)
    assert not torch.equal(dataset[2]["pixel_values"], first["pixel_values"])
    assert dataset[2]["name"] == first["name"]
    dataset.set_epoch(0)
    assert equal(dataset[2], first)


def test_samples_of_an_epoch_all_differ(dataset):
    colors = {tuple(sample["dominant_color"].tolist()) for sample in dataset}
    assert len(colors) == len(dataset)


def test_wallpaper_comes_as_often_as_stated(make_room):
    rooms = [make_room(1, wallpaper=True), make_room(2)]
    dataset = PaintedRoomsDataset(rooms, 64, per_room=200, recipe=RoomAugmentation(wallpaper_prob=0.25))
    papered = [dataset.shot(index).old_paint is None for index in range(len(dataset))]
    assert np.mean(papered[0::2]) == pytest.approx(0.25, abs=0.08)
    assert not any(papered[1::2])


def test_a_mismatched_sample_teaches_to_ignore_the_reference(make_room):
    rooms = [make_room(1, wallpaper=True), make_room(2)]
    drawn = PaintedRoomsDataset(rooms, 64, seed=9)
    faulty = PaintedRoomsDataset(rooms, 64, seed=9, recipe=RoomAugmentation(mismatched_color_prob=1))
    for index, sample in enumerate(faulty):
        assert torch.equal(sample["pixel_values"], drawn[index]["source_values"])
        assert tuple(sample["dominant_color"].tolist()) == drawn.shot(index).paint.rgb8


def test_an_index_beyond_the_end_is_refused_and_a_negative_one_counts_back(dataset):
    with pytest.raises(IndexError):
        dataset[12]
    assert equal(dataset[-1], dataset[11])


def test_rooms_of_the_benchmark_are_refused_in_training(make_room):
    with pytest.raises(SettingError, match="RepaintBench"):
        PaintedRoomsDataset([make_room(9063)], 64)
    assert len(PaintedRoomsDataset([make_room(9063)], 64, for_validation=True)) == 8


def test_rooms_are_read_from_files_when_they_are_asked_for(make_room, tmp_path):
    make_room(4).save(tmp_path / "room-000004.npz")
    stored = PaintedRoomsDataset([tmp_path / "room-000004.npz"], 64)
    np.testing.assert_allclose(
        stored[1]["pixel_values"], PaintedRoomsDataset([make_room(4)], 64)[1]["pixel_values"], atol=0.1
    )
