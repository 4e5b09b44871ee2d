from __future__ import annotations

from itertools import chain
from pathlib import Path

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image
from tiny_training import tiny_config

from wallpaint.data import collate
from wallpaint.data.storage.shards import write_shards
from wallpaint.errors import MissingFileError, SettingError
from wallpaint.train.batches.samples import StepSampler, sample_loader, training_dataset


@pytest.fixture
def flat_photos(tmp_path, room_pixels, wall_mask):
    """Three photos in the flat layout."""
    for kind, pixels in (("images", room_pixels), ("masks", wall_mask)):
        (tmp_path / "photos" / kind).mkdir(parents=True)
        for name in ("attic", "bath", "cellar"):
            Image.fromarray(pixels).save(tmp_path / "photos" / kind / f"{name}.png")
    return tmp_path / "photos"


def batches_of(config, first=0, last=5, **place):
    loader = sample_loader(training_dataset(config), config, first, last, **place)
    return [collate([sample for _, sample in loaded]) for loaded in loader]


def assert_equal(one, other):
    assert len(one) == len(other) > 0
    for left, right in zip(one, other, strict=True):
        assert left["name"] == right["name"]
        assert left.keys() == right.keys() >= {"pixel_values", "mask", "reference_image", "masked_image"}
        for key in left.keys() - {"name"}:
            assert torch.equal(left[key], right[key]), key


def test_workers_change_nothing(config):
    assert_equal(batches_of(config("data.workers=0")), batches_of(config("data.workers=4")))


def test_rooms_that_come_with_wallpaint_are_the_same_with_workers(tiny_model, output):
    words = ("data.dataset_class=null", "data.path=null", "optimization.batch_size=2")
    none, four = (tiny_config(tiny_model, output, *words, f"data.workers={workers}") for workers in (0, 4))
    assert_equal(batches_of(none, 0, 2), batches_of(four, 0, 2))


def test_a_run_taken_up_sees_the_rest(config):
    whole = batches_of(config(), 0, 6)
    assert_equal(batches_of(config(), 4, 6), whole[4:])


def test_each_epoch_shows_the_same_walls_in_other_paints_and_order(config):
    epochs = [batches_of(config(), first, first + 2) for first in (0, 2)]
    assert epochs[0][0]["name"] != epochs[1][0]["name"]
    first, second = (
        {name: color for batch in epoch for name, color in zip(batch["name"], batch["dominant_color"], strict=True)}
        for epoch in epochs
    )
    assert len(first.keys() & second.keys()) >= 6
    assert not any(torch.equal(first[name], second[name]) for name in first.keys() & second.keys())


def test_without_redrawing_epochs_differ_in_order_alone(config):
    drawn_once = config("data.redraw=false")
    first, second = (batches_of(drawn_once, first, first + 2) for first in (0, 2))
    colors = [
        {
            name: color.tolist()
            for batch in epoch
            for name, color in zip(batch["name"], batch["dominant_color"], strict=True)
        }
        for epoch in (first, second)
    ]
    assert first[0]["name"] != second[0]["name"]
    assert colors[0].keys() & colors[1].keys()
    assert all(colors[0][name] == colors[1][name] for name in colors[0].keys() & colors[1].keys())


def test_another_seed_shows_another_order(config):
    assert batches_of(config("seed=0"), 0, 1)[0]["name"] != batches_of(config("seed=1"), 0, 1)[0]["name"]


@given(
    length=st.integers(1, 30),
    share=st.integers(1, 5),
    world=st.integers(1, 4),
    seed=st.integers(0, 9),
    first=st.integers(0, 9),
)
def test_processes_share_out_the_batches_of_one(length, share, world, seed, first):
    alone = list(StepSampler(length, share * world, seed, first, 10))
    parts = [list(StepSampler(length, share, seed, first, 10, rank, world)) for rank in range(world)]
    assert [list(chain(*batch)) for batch in zip(*parts, strict=True)] == alone
    assert all(len(batch) == share * world for batch in alone)


@given(length=st.integers(1, 30), size=st.integers(1, 30))
def test_an_epoch_shows_every_sample_as_often_as_any_other_but_for_the_rest_of_a_batch(length, size):
    an_epoch = max(1, length // size)
    shown = [index for batch in StepSampler(length, size, 0, 0, an_epoch) for _, index in batch]
    counts = [shown.count(index) for index in range(length)]
    assert max(counts) - min(counts) <= 1


def test_a_dataset_smaller_than_a_batch_is_gone_through_several_times(config):
    [batch] = batches_of(config("optimization.batch_size=25"), 0, 1)
    assert len(batch["name"]) == 25
    assert set(batch["name"]) == {f"wall-{index}" for index in range(10)}


def test_a_class_that_is_not_there_is_one_sentence(config):
    for name in ("nowhere.Walls", "tiny_training.Nothing"):
        with pytest.raises(SettingError, match=f"{name} cannot be imported"):
            training_dataset(config(f"data.dataset_class={name}"))


def test_a_class_that_takes_other_arguments_is_one_sentence(config):
    with pytest.raises(SettingError, match="does not accept the arguments of WallInpaintingDataset"):
        training_dataset(config("data.dataset_class=collections.OrderedDict"))


def test_a_class_needs_a_folder(config):
    with pytest.raises(SettingError, match=r"data\.path=FOLDER"):
        training_dataset(config("data.path=null"))


def test_the_workflows_own_class_reads_photos(config, flat_photos, monkeypatch):
    monkeypatch.syspath_prepend(Path(__file__).parents[3])
    words = ("data.dataset_class=dataset_fix.WallInpaintingDataset", f"data.path={flat_photos}")
    words += ("data.quality_threshold=0", "data.validation_share=0")
    [batch] = batches_of(config(*words), 0, 1)
    assert set(batch["name"]) <= {"attic", "bath", "cellar"}


def test_shards_give_the_batches_of_the_folder_they_were_made_of(config, flat_photos, tmp_path):
    write_shards(flat_photos, tmp_path / "shards", per_shard=2, validation_share=0)
    words = ("data.dataset_class=null", "data.quality_threshold=0", "data.validation_share=0")
    shards = config(*words, "data.kind=shards", f"data.path={tmp_path / 'shards'}")
    folder = config(*words, "data.kind=photos", f"data.path={flat_photos}")
    assert_equal(batches_of(shards), batches_of(folder))


def test_no_data_is_one_sentence(config, tmp_path):
    with pytest.raises(MissingFileError, match="no rooms in it"):
        training_dataset(config("data.dataset_class=null", f"data.path={tmp_path}"))
    with pytest.raises(SettingError, match="no sample"):
        sample_loader([], config(), 0, 1)
