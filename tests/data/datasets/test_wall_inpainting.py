"""Photos as samples: reference and target agree, whatever is drawn, whoever draws it."""

from __future__ import annotations

import json
import logging

import numpy as np
import pytest
import torch
from PIL import Image
from torch.utils.data import DataLoader

from wallpaint.color import delta_e_2000, srgb_to_lab
from wallpaint.data import PhotoAugmentation, ReferenceSettings, WallInpaintingDataset, collate
from wallpaint.errors import MissingFileError, SettingError
from wallpaint.mask import erode

ALWAYS, NEVER = PhotoAugmentation(random_color_prob=1), PhotoAugmentation(random_color_prob=0)


def bytes_of(values):
    return ((values + 1) * 127.5).round().byte().permute(1, 2, 0).numpy()


def difference(one, other):
    return float(delta_e_2000(srgb_to_lab(np.asarray(one) / 255.0), srgb_to_lab(np.asarray(other) / 255.0)))


def equal(one, other):
    return one.keys() == other.keys() and all(
        value == other[key] if key == "name" else torch.equal(value, other[key]) for key, value in one.items()
    )


def core(sample):
    """Where `mask_erosion_size` 5 takes the colour from."""
    return erode(sample["mask"][0].numpy(), 2)


def test_samples_keep_the_contract(photo_set):
    dataset = WallInpaintingDataset(photo_set, size=128)
    assert [sample["name"] for sample in dataset] == ["attic", "bath", "cellar", "den"]
    for sample in dataset:
        for key in ("pixel_values", "source_values", "masked_image"):
            assert sample[key].shape == (3, 128, 128)
            assert sample[key].abs().max() <= 1
        assert sample["mask"].shape == sample["depth"].shape == (1, 128, 128)
        assert (sample["depth"].min(), sample["depth"].max()) == (0, 1)
        assert set(sample["mask"].unique().tolist()) == {0, 1}
        assert sample["reference_image"].shape == (3, 224, 224)


@pytest.mark.parametrize("recipe", [ALWAYS, NEVER])
def test_the_reference_is_the_colour_of_the_targets_own_wall(photo_set, recipe):
    for sample in WallInpaintingDataset(photo_set, size=96, recipe=recipe):
        median = np.median(bytes_of(sample["pixel_values"])[core(sample)], axis=0)
        assert difference(sample["dominant_color"], median) <= 0.5


def test_a_repainted_wall_has_another_colour_and_the_model_sees_the_photo_around_it(photo_set):
    for sample in WallInpaintingDataset(photo_set, size=96, recipe=ALWAYS):
        wall = sample["mask"].bool().expand(3, -1, -1)
        source, target = bytes_of(sample["source_values"]), bytes_of(sample["pixel_values"])
        assert difference(np.median(source[core(sample)], axis=0), np.median(target[core(sample)], axis=0)) > 3
        assert torch.equal(sample["masked_image"][~wall], sample["source_values"][~wall])
        assert (sample["masked_image"][wall] == 0).all()


def test_a_wall_that_is_not_repainted_is_the_photos(photo_set):
    for sample in WallInpaintingDataset(photo_set, size=96, recipe=NEVER):
        assert torch.equal(sample["pixel_values"], sample["source_values"])


def test_walls_are_repainted_as_often_as_stated(photo_set):
    dataset = WallInpaintingDataset(photo_set, size=64, recipe=PhotoAugmentation(random_color_prob=0.3))
    painted = []
    for epoch in range(60):
        dataset.set_epoch(epoch)
        painted += [dataset.shot(index).paint is not None for index in range(len(dataset))]
    assert np.mean(painted) == pytest.approx(0.3, abs=0.09)


def test_the_ablation_shows_another_colour_beside_the_same_target(photo_set):
    recipe = PhotoAugmentation(random_color_prob=0, mismatched_color_prob=1)
    honest = WallInpaintingDataset(photo_set, size=64, recipe=NEVER)
    for sample, true in zip(WallInpaintingDataset(photo_set, size=64, recipe=recipe), honest, strict=True):
        assert torch.equal(sample["pixel_values"], true["pixel_values"])
        assert difference(sample["dominant_color"], true["dominant_color"]) > 3


def test_no_reference_is_mismatched_unless_asked_for():
    assert PhotoAugmentation().mismatched_color_prob == 0


@pytest.mark.filterwarnings("ignore:This DataLoader will create")  # more workers than cores, on purpose
def test_any_number_of_workers_gives_the_same_batches(photo_set):
    dataset = WallInpaintingDataset(photo_set, size=64, seed=5)
    alone = DataLoader(dataset, batch_size=2, collate_fn=collate)
    four = DataLoader(dataset, batch_size=2, num_workers=4, persistent_workers=True, collate_fn=collate)
    for epoch in (0, 1):
        dataset.set_epoch(epoch)
        batches = list(zip(alone, four, strict=True))
        assert len(batches) == 2
        assert all(equal(one, other) for one, other in batches)


def test_seeds_and_epochs_differ_and_can_be_replayed(photo_set):
    one, same, other = (WallInpaintingDataset(photo_set, size=64, seed=seed) for seed in (1, 1, 2))
    first = one[0]
    assert equal(first, same[0])
    assert not torch.equal(first["pixel_values"], other[0]["pixel_values"])
    one.set_epoch(1)
    assert not torch.equal(one[0]["pixel_values"], first["pixel_values"])


def test_a_sample_does_not_change_with_the_photos_beside_it(photo_set):
    before = WallInpaintingDataset(photo_set, size=64)[3]
    metadata = photo_set / "train/metadata.jsonl"
    metadata.write_text("".join(metadata.read_text().splitlines(keepends=True)[2:]))
    assert equal(WallInpaintingDataset(photo_set, size=64)[1], before)


def test_masks_below_the_threshold_are_left_out_and_counted(photo_set, caplog):
    metadata = photo_set / "train/metadata.jsonl"
    lines = [json.loads(line) for line in metadata.read_text().splitlines()]
    lines[1]["quality_score"] = 0.59
    metadata.write_text("".join(json.dumps(line) + "\n" for line in lines))
    with caplog.at_level(logging.INFO, "wallpaint"):
        dataset = WallInpaintingDataset(photo_set, size=64, quality_threshold=0.6)
    assert [entry.name for entry in dataset.entries] == ["attic", "cellar", "den"]
    assert dataset.left_out == 1
    assert "1 of 4 samples left out" in caplog.text
    assert WallInpaintingDataset(photo_set, size=64, quality_threshold=0).left_out == 0


def test_a_threshold_that_leaves_nothing_is_refused(photo_set):
    with pytest.raises(SettingError, match="quality_threshold"):
        WallInpaintingDataset(photo_set, quality_threshold=1)


def test_the_flat_layout_is_measured_when_it_is_opened(flat_set):
    names = [
        [entry.name for entry in WallInpaintingDataset(flat_set, split, 64, validation_share=0.5).entries]
        for split in ("train", "validation")
    ]
    assert sorted(names[0] + names[1]) == ["attic", "bath", "cellar", "den", "entry"]
    Image.fromarray(np.tri(160, 240, dtype=np.uint8) * 255).save(flat_set / "masks/attic.png")
    split = "train" if "attic" in names[0] else "validation"
    assert WallInpaintingDataset(flat_set, split, 64, validation_share=0.5).left_out == 1


def test_erosion_takes_the_colour_from_within_the_wall(photo_set):
    dataset = WallInpaintingDataset(photo_set, size=96, recipe=NEVER, reference=ReferenceSettings(mask_erosion_size=9))
    sample = dataset[0]
    inner = erode(sample["mask"][0].numpy(), 4)
    median = np.median(bytes_of(sample["pixel_values"])[inner], axis=0)
    assert difference(sample["dominant_color"], median) <= 0.5


def test_a_wall_too_small_to_see_at_this_size_still_makes_a_sample(tmp_path):
    for kind in ("images", "masks"):
        (tmp_path / kind).mkdir()
    Image.fromarray(np.full((900, 900, 3), 120, np.uint8)).save(tmp_path / "images/a.png")
    speck = np.zeros((900, 900), np.uint8)
    speck[400:403, 400:403] = 255
    Image.fromarray(speck).save(tmp_path / "masks/a.png")
    recipe = PhotoAugmentation(random_color_prob=1, min_crop=1)
    dataset = WallInpaintingDataset(tmp_path, size=64, quality_threshold=0, recipe=recipe, validation_share=0)
    assert dataset[0]["dominant_color"].tolist() == [120, 120, 120]


def test_no_dataset_says_how_to_make_one(tmp_path):
    with pytest.raises(MissingFileError, match="wallpaint data folder"):
        WallInpaintingDataset(tmp_path)
