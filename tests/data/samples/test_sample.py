"""Samples: the contract's keys, shapes and ranges."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from wallpaint.data import ReferenceSettings, collate, make_sample

SIDE = 32


@pytest.fixture
def pictures():
    rng = np.random.default_rng(0)
    target, source = rng.integers(0, 256, (2, SIDE, SIDE, 3)).astype(np.uint8)
    mask = np.zeros((SIDE, SIDE), np.float32)
    mask[:20] = 1
    mask[20] = 0.4
    return target, mask, source, rng.random((SIDE, SIDE), dtype=np.float32)


def sample_of(target, mask, **more):
    return make_sample("a", target, mask, (185, 160, 140), ReferenceSettings(), np.random.default_rng(0), **more)


def test_a_sample_keeps_the_contract(pictures):
    target, mask, source, depth = pictures
    sample = sample_of(target, mask, depth=depth, source=source)
    shapes = {key: tuple(value.shape) for key, value in sample.items() if key != "name"}
    assert shapes == {
        "pixel_values": (3, SIDE, SIDE),
        "mask": (1, SIDE, SIDE),
        "reference_image": (3, 224, 224),
        "dominant_color": (3,),
        "masked_image": (3, SIDE, SIDE),
        "depth": (1, SIDE, SIDE),
        "source_values": (3, SIDE, SIDE),
    }
    assert sample["name"] == "a"
    assert sample["dominant_color"].dtype == torch.uint8
    assert all(sample[key].dtype == torch.float32 for key in shapes if key != "dominant_color")
    for key in ("pixel_values", "reference_image", "masked_image", "source_values"):
        assert -1 <= sample[key].min() < sample[key].max() <= 1
    assert set(sample["mask"].unique().tolist()) == {0, 1}


def test_pictures_come_back_from_tensors(pictures):
    target, mask, source, depth = pictures
    sample = sample_of(target, mask, depth=depth, source=source)
    for key, picture in (("pixel_values", target), ("source_values", source)):
        np.testing.assert_array_equal(((sample[key] + 1) * 127.5).round().byte().permute(1, 2, 0).numpy(), picture)
    np.testing.assert_array_equal(sample["mask"][0].numpy(), mask > 0.5)
    np.testing.assert_array_equal(sample["depth"][0].numpy(), depth)


def test_what_is_not_known_is_absent(pictures):
    target, mask, _, _ = pictures
    assert not {"depth", "source_values"} & sample_of(target, mask).keys()


def test_the_model_sees_the_source_around_the_wall_and_nothing_on_it(pictures):
    target, mask, source, _ = pictures
    sample = sample_of(target, mask, source=source)
    wall = sample["mask"].bool().expand(3, -1, -1)
    assert (sample["masked_image"][wall] == 0).all()
    assert (sample["masked_image"][~wall] == sample["source_values"][~wall]).all()


def test_without_a_source_it_sees_the_target_around_the_wall(pictures):
    target, mask, _, _ = pictures
    sample = sample_of(target, mask)
    wall = sample["mask"].bool().expand(3, -1, -1)
    assert (sample["masked_image"][~wall] == sample["pixel_values"][~wall]).all()


def test_the_reference_is_solid_whatever_the_photo_shows(pictures):
    target, mask, source, _ = pictures
    sample = sample_of(target, mask, source=source)
    swatch = (sample["reference_image"] + 1) * 127.5
    assert swatch.std((1, 2)).max() < 10 < torch.from_numpy(target).float().std()
    torch.testing.assert_close(swatch.mean((1, 2)), sample["dominant_color"].float(), atol=1, rtol=0)
    np.testing.assert_array_equal(sample["reference_image"], sample_of(255 - target, mask)["reference_image"])


def test_a_batch_has_depth_only_if_all_its_samples_have(pictures):
    target, mask, source, depth = pictures
    with_depth, without = sample_of(target, mask, depth=depth, source=source), sample_of(target, mask, source=source)
    assert collate([with_depth, with_depth])["depth"].shape == (2, 1, SIDE, SIDE)
    for samples in ([with_depth, without], [without, with_depth]):
        batch = collate(samples)
        assert batch.keys() == without.keys()
        assert batch["source_values"].shape == (2, 3, SIDE, SIDE)
        assert batch["name"] == ["a", "a"]
