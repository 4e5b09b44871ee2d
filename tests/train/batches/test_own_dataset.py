"""A person's own dataset: four keys are enough, and what is missing is named before training."""

from __future__ import annotations

import json
import sys

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from wallpaint.data.samples.reference import ReferenceSettings
from wallpaint.errors import SettingError
from wallpaint.train.batches.own_dataset import OwnDataset, completed
from wallpaint.train.loop import train
from wallpaint.train.trainer.run import Run
from wallpaint.train.trainer.validation_settings import validation_samples

SIZE = 64

FOUR_KEYS = """
import torch

class FourKeys:
    def __init__(self, root, split="train", size=512, **settings):
        self.split, self.size = split, size
        if split not in SPLITS:
            raise KeyError(split)

    def __len__(self):
        return LENGTH

    def __getitem__(self, index):
        draws = torch.Generator().manual_seed(index + 100 * (self.split == "validation"))
        sample = {
            "pixel_values": torch.rand(3, self.size, self.size, generator=draws) * 2 - 1,
            "mask": torch.zeros(1, self.size, self.size),
            "reference_image": torch.zeros(3, 512, 512),
            "dominant_color": (127, 127, 127),
        }
        sample["mask"][:, : self.size // 2] = 1
        AFTER
        return sample
"""


@pytest.fixture
def own_class(tmp_path, monkeypatch):
    """Write a module with a class of four keys; `after` changes a sample."""
    monkeypatch.syspath_prepend(str(tmp_path))

    def write(after="pass", splits=("train", "validation"), length=5):
        text = FOUR_KEYS.replace("AFTER", after).replace("SPLITS", str(splits)).replace("LENGTH", str(length))
        (tmp_path / "own_walls.py").write_text(text)
        sys.modules.pop("own_walls", None)
        return "data.dataset_class=own_walls.FourKeys"

    yield write
    sys.modules.pop("own_walls", None)


def sample_with(**others):
    wall = torch.zeros(1, SIZE, SIZE)
    wall[:, :32] = 1
    return {
        "pixel_values": torch.full((3, SIZE, SIZE), 0.5),
        "mask": wall,
        "reference_image": torch.zeros(3, 224, 224),
        "dominant_color": (191, 191, 191),
        **others,
    }


def test_the_documents_four_keys_are_enough_to_train_and_validate(config, output, own_class):
    words = (own_class(), "optimization.max_steps=2", "validation.every=2", "optimization.batch_size=2")
    train(config(*words))
    content = json.loads((output / "grids/step_000002_metrics.json").read_text())
    assert content["aggregated_metrics"]["val/valid_samples"] == 2
    assert all(sample["name"].startswith("sample-00000") for sample in content["samples"])


def test_what_can_be_derived_is_derived():
    whole = completed(sample_with(), 7, SIZE, "here")
    assert whole["name"] == "sample-000007"
    assert torch.equal(whole["source_values"], whole["pixel_values"])
    assert whole["dominant_color"].tolist() == [191, 191, 191]
    assert whole["dominant_color"].dtype == torch.uint8
    wall = whole["mask"].bool().expand(3, -1, -1)
    assert (whole["masked_image"][wall] == 0).all()
    assert (whole["masked_image"][~wall] == 0.5).all()


def test_what_is_given_is_kept_and_other_keys_are_left_out():
    given_too = {"name": "attic", "source_values": torch.zeros(3, SIZE, SIZE), "depth": torch.ones(SIZE, SIZE)}
    whole = completed(sample_with(**given_too, caption=object()), 0, SIZE, "here")
    assert whole["name"] == "attic"
    assert (whole["masked_image"] == 0).all()
    assert whole["depth"].shape == (1, SIZE, SIZE)
    assert "caption" not in whole


@given(
    flat=st.booleans(),
    kind=st.sampled_from(["bool", "uint8", "float32", "float64"]),
    color=st.tuples(*[st.integers(0, 255)] * 3),
    as_kind=st.sampled_from([tuple, list, np.array, torch.tensor, lambda each: np.array(each, np.float64)]),
)
@settings(max_examples=40, deadline=None)
def test_arrays_and_tensors_of_any_type_are_taken(flat, kind, color, as_kind):
    mask = np.zeros((SIZE, SIZE), kind)
    mask[:9] = 1
    pictures = np.zeros((3, SIZE, SIZE), np.float64)
    sample = sample_with(mask=mask if flat else mask[None], pixel_values=pictures, dominant_color=as_kind(color))
    whole = completed(sample, 0, SIZE, "here")
    assert whole["mask"].shape == (1, SIZE, SIZE)
    assert whole["mask"].sum() == 9 * SIZE
    assert whole["pixel_values"].dtype == torch.float32
    assert tuple(whole["dominant_color"].tolist()) == color


@pytest.mark.parametrize(
    ("others", "says"),
    [
        ({"pixel_values": torch.zeros(3, 32, 32)}, r"pixel_values is 32 × 32 pixels, and data\.size is 64"),
        ({"pixel_values": torch.zeros(SIZE, SIZE, 3)}, r"pixel_values has the shape \(64, 64, 3\)"),
        ({"pixel_values": torch.full((3, SIZE, SIZE), 255.0)}, r"pixel_values has values from 255 to 255; \[-1, 1\]"),
        ({"mask": torch.full((1, SIZE, SIZE), 255)}, r"mask has values from 255 to 255; \[0, 1\]"),
        ({"mask": torch.zeros(3, SIZE, SIZE)}, r"mask has the shape \(3, 64, 64\)"),
        ({"mask": "wall.png"}, "mask is a str; a tensor is needed"),
        ({"dominant_color": (1, 2)}, r"dominant_color is \[1\.0, 2\.0\]; three numbers"),
        ({"dominant_color": (300, 2, 1)}, r"dominant_color is \[300\.0, 2\.0, 1\.0\]; three numbers from 0 to 255"),
        ({"reference_image": None}, "reference_image is a NoneType"),
        ({"depth": torch.full((1, SIZE, SIZE), 9.0)}, "depth has values from 9 to 9"),
    ],
)
def test_each_fault_of_a_sample_is_one_sentence(others, says):
    with pytest.raises(SettingError, match=rf"^here: sample 3: {says}"):
        completed(sample_with(**others), 3, SIZE, "here")


def test_nan_values_are_accepted_because_the_step_skips_them():
    assert completed(sample_with(pixel_values=torch.full((3, SIZE, SIZE), torch.nan)), 0, SIZE, "here")


@pytest.mark.parametrize(
    ("after", "says"),
    [
        ("del sample['mask'], sample['dominant_color']", "sample 0 lacks mask and dominant_color; its keys: pixel_v"),
        ("sample = tuple(sample.values())", "sample 0 is a tuple: return a dict"),
        (
            "sample['mask'] = 1 / 0",
            r"sample 0 fails with ZeroDivisionError: division by zero \(own_walls\.py, line \d+\)",
        ),
    ],
)
def test_what_is_missing_is_named_before_training(config, output, own_class, after, says):
    with pytest.raises(SettingError, match=f"own_walls.FourKeys.*{says}"):
        Run.set_up(config(own_class(after)), None)
    assert not output.exists()


def test_a_class_without_a_validation_split_is_refused_before_training(config, own_class):
    words = (own_class(splits=("train",)), "validation.every=1")
    with pytest.raises(SettingError, match=r"has no split validation: KeyError.*set validation\.every to 0"):
        Run.set_up(config(*words), None)
    assert not Run.set_up(config(words[0]), None).validated_on


def test_a_class_without_samples_is_refused(config, own_class):
    with pytest.raises(SettingError, match="has no sample for train"):
        Run.set_up(config(own_class(length=0)), None)


def test_validation_asks_the_class_for_its_validation_split(config, own_class):
    samples = validation_samples(config(own_class()))
    assert len(samples) == 2
    drawn = torch.rand(3, SIZE, SIZE, generator=torch.Generator().manual_seed(100 + int(samples[0].photo.name[-1])))
    np.testing.assert_allclose(samples[0].photo.pixels, drawn.permute(1, 2, 0).numpy() * 255, atol=0.51)
    assert samples[0].photo.mask.mean() == 0.5


@pytest.mark.parametrize("workers", [0, 1])
def test_a_sample_that_fails_later_is_one_sentence_too(config, own_class, workers):
    words = (own_class("assert index != 3, 'the file is gone'"), f"data.workers={workers}", "optimization.batch_size=5")
    run = Run.set_up(config(*words), None)
    with pytest.raises(SettingError, match=r"^data\.dataset_class own_walls\.FourKeys: sample 3 fails with Assertion"):
        run.run_step(0, run.batches())


def test_epochs_reach_the_class_within(tiny_model):
    settings_of_walls = {"seed": 0, "reference": ReferenceSettings()}
    walls = OwnDataset("tiny_training.Walls", tiny_model, "train", SIZE, settings_of_walls)
    first = walls[0]["pixel_values"]
    walls.set_epoch(1)
    assert not torch.equal(walls[0]["pixel_values"], first)
    assert walls.inner.epoch == 1
