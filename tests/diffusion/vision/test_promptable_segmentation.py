"""Promptable segmentation: random models of the real classes; clicks and masks must be where they belong."""

from __future__ import annotations

import json
from types import SimpleNamespace

import cv2
import numpy as np
import pytest
import tiny_vision_models
import torch
from hypothesis import given
from hypothesis import strategies as st
from transformers.models.sam.image_processing_pil_sam import SamImageProcessorPil

from wallpaint.diffusion.vision import promptable_segmentation
from wallpaint.diffusion.vision.promptable_segmentation import Frame, PromptableSegmenter
from wallpaint.errors import MissingWeightsError, SettingError, WeightsError
from wallpaint.mask.select import Click, WallSelector

KINDS = sorted(tiny_vision_models.PROMPTABLE)


@pytest.fixture(scope="module")
def folders(tmp_path_factory):
    return {kind: tiny_vision_models.save_promptable(kind, tmp_path_factory.mktemp(kind)) for kind in KINDS}


@pytest.fixture(scope="module")
def photo():
    coarse = np.random.default_rng(0).integers(0, 256, (4, 6, 3), np.uint8)
    return cv2.resize(coarse, (90, 60), interpolation=cv2.INTER_CUBIC)


class Model:
    """Answers with a dot at each keeping point, where the prompt encoder would look; remembers its mask prompt."""

    device = torch.device("cpu")

    def __init__(self, side=1024, embedding=64):
        self.prompt_encoder = SimpleNamespace(input_image_size=side, image_embedding_size=(embedding, embedding))
        self._cell = side / (4 * embedding)

    def get_image_embeddings(self, values):
        self.values = values
        return "embeddings"

    def __call__(self, image_embeddings, input_points, input_labels, input_masks, multimask_output):
        assert (image_embeddings, multimask_output) == ("embeddings", True)
        self.labels, self.mask = input_labels, input_masks
        side = 4 * self.prompt_encoder.image_embedding_size[0]
        rows, columns = torch.meshgrid(torch.arange(side) + 0.5, torch.arange(side) + 0.5, indexing="ij")
        best = torch.full((side, side), -8.0)
        for (x, y), label in zip(input_points[0, 0] + 0.5, input_labels[0, 0], strict=True):
            if label == 1:
                near = torch.hypot(columns * self._cell - x, rows * self._cell - y) < 24
                best[near] = 8.0
        masks = torch.stack([torch.full_like(best, 8.0), best, torch.full_like(best, -8.0)])
        return SimpleNamespace(pred_masks=masks[None, None], iou_scores=torch.tensor([[[0.2, 0.9, 0.5]]]))


def prompted(size, padded, **model):
    model = Model(**model)
    frame = Frame(*size, model.prompt_encoder.input_image_size, padded)
    return model, promptable_segmentation.PromptedPhoto(model, frame, torch.zeros(1, 3, frame.side, frame.side))


@pytest.mark.parametrize("kind", KINDS)
def test_the_probability_covers_the_photo_and_follows_clicks_and_the_mask_before(folders, photo, kind):
    segmenter = PromptableSegmenter(folders[kind])
    for weights in segmenter._model.mask_decoder.parameters():
        torch.nn.init.normal_(weights, std=0.5)  # the initial ones are too small to tell prompts apart
    seen = segmenter.look(photo)
    first = seen.wall([Click(10, 20)])
    assert (first.shape, first.dtype) == (photo.shape[:2], np.float32)
    assert first.min() >= 0
    assert first.max() <= 1
    for clicks, previous in (([Click(50, 80)], None), ([Click(10, 20, False), Click(50, 80)], None)):
        assert np.abs(seen.wall(clicks, previous) - first).max() > 1e-4
    with_mask = seen.wall([Click(10, 20)], np.eye(20, 30, dtype=np.float32))
    assert np.abs(with_mask - first).max() > 1e-4
    np.testing.assert_array_equal(seen.wall([Click(10, 20)]), first)


@pytest.mark.parametrize("kind", KINDS)
def test_the_image_encoder_runs_once_for_each_photo(folders, photo, kind):
    segmenter, runs = PromptableSegmenter(folders[kind]), []
    segmenter._model.vision_encoder.register_forward_hook(lambda *_: runs.append(1))
    seen = segmenter.look(photo)
    for column in (5, 40, 70):
        seen.wall([Click(10, column)])
    assert len(runs) == 1


@pytest.mark.parametrize(("size", "padded"), [((600, 900), True), ((900, 600), True), ((600, 900), False)])
@pytest.mark.parametrize("place", [(0.1, 0.2), (0.9, 0.9), (0.5, 0.05)])
def test_a_click_lands_on_its_own_pixel(size, padded, place):
    click = Click(round(place[0] * size[0]), round(place[1] * size[1]))
    probability = prompted(size, padded)[1].wall([click])
    assert probability.shape[0] / probability.shape[1] == pytest.approx(size[0] / size[1], rel=0.01)
    (rows, columns) = np.nonzero(probability > 0.5)
    expected = np.array(click.scaled(size, probability.shape))
    assert np.abs([np.mean(rows), np.mean(columns)] - expected).max() < 4
    assert 0.001 < np.mean(probability > 0.5) < 0.02


def test_of_several_masks_the_one_of_the_highest_predicted_overlap_is_taken():
    probability = prompted((100, 100), False)[1].wall([Click(50, 50)])
    assert probability[50, 50] > 0.99
    assert probability[0, 0] < 0.01


def test_keeping_clicks_have_label_1_and_removing_ones_label_0():
    model, seen = prompted((100, 100), False)
    seen.wall([Click(1, 1), Click(2, 2, False), Click(3, 3)])
    assert model.labels.tolist() == [[[1, 0, 1]]]


@pytest.mark.parametrize("padded", [True, False])
def test_the_mask_before_arrives_as_log_odds_at_its_place(padded):
    model, seen = prompted((400, 800), padded)
    previous = np.zeros((100, 200), np.float32)
    previous[:, 100:] = 0.9
    seen.wall([Click(10, 10)], previous)
    mask = model.mask[0, 0].numpy()
    assert mask.shape == (256, 256)
    inside = mask[:, 140:] if not padded else mask[:126, 140:]
    np.testing.assert_allclose(inside, np.log(9), rtol=1e-4)
    assert mask[:, :110].max() < -10
    if padded:
        assert mask[130:].max() < -10


@given(
    height=st.integers(1, 5000),
    width=st.integers(1, 5000),
    row=st.floats(0, 1),
    column=st.floats(0, 1),
    padded=st.booleans(),
)
def test_points_stay_within_the_part_of_the_input_that_the_photo_covers(height, width, row, column, padded):
    frame = Frame(height, width, 1024, padded)
    x, y = frame.point(Click(int(row * (height - 1)), int(column * (width - 1))))
    rows, columns = frame.covered
    assert -0.5 <= x <= columns - 0.5
    assert -0.5 <= y <= rows - 0.5
    assert max(rows, columns) == 1024


def test_the_input_is_the_one_of_the_image_processor(folders, photo):
    segmenter = PromptableSegmenter(folders["sam"])
    side = tiny_vision_models.SIDE
    processor = SamImageProcessorPil(size={"longest_edge": side}, pad_size={"height": side, "width": side})
    expected = processor(photo, return_tensors="pt")["pixel_values"]
    frame = Frame(*photo.shape[:2], side, True)
    torch.testing.assert_close(segmenter._input(photo, frame), expected.float(), atol=1e-4, rtol=0)


def test_the_photo_is_stretched_to_the_square_and_normalized_with_the_folders_numbers(folders, photo, tmp_path):
    (tmp_path / "x").mkdir()
    folder = tiny_vision_models.save_promptable("sam2", tmp_path / "x")
    numbers = {"image_processor": {"image_processor_type": "x", "image_mean": [0.1] * 3, "image_std": [0.5] * 3}}
    (folder / "preprocessor_config.json").unlink()
    (folder / "processor_config.json").write_text(json.dumps(numbers))
    white = np.full((30, 70, 3), 255, np.uint8)
    values = PromptableSegmenter(folder)._input(white, Frame(30, 70, tiny_vision_models.SIDE, False))
    torch.testing.assert_close(values, torch.full((1, 3, 64, 64), 1.8))


def test_the_numbers_of_sam3_are_not_those_of_imagenet(folders):
    white = np.full((30, 70, 3), 255, np.uint8)
    values = PromptableSegmenter(folders["sam3_tracker"])._input(white, Frame(30, 70, 56, False))
    torch.testing.assert_close(values, torch.ones(1, 3, 56, 56))


def test_a_click_that_keeps_or_a_mask_before_is_needed(folders, photo):
    seen = PromptableSegmenter(folders["sam2"]).look(photo)
    for clicks in ([], [Click(1, 1, False)]):
        with pytest.raises(SettingError, match="keep at least one point"):
            seen.wall(clicks)
    assert seen.wall([Click(1, 1, False)], np.ones((6, 9), np.float32)).shape == photo.shape[:2]


def test_planes_are_refused(folders, photo):
    with pytest.raises(SettingError, match="choose the finder 'rooms'"):
        PromptableSegmenter(folders["sam2"]).look(photo).wall([Click(1, 1)], plane=True)


def test_a_selector_works_with_it(folders, photo):
    selected = WallSelector(photo, PromptableSegmenter(folders["sam2"])).select([Click(10, 20), Click(50, 80, False)])
    assert selected.mask.shape == photo.shape[:2]
    assert selected.mask[10, 20] > 0.5 > selected.mask[50, 80]


def test_the_default_is_sam2_from_the_cache(folders, monkeypatch):
    monkeypatch.setattr(promptable_segmentation, "resolve_path", {"sam2": folders["sam2_video"]}.__getitem__)
    assert type(PromptableSegmenter()._model).__name__ == "Sam2Model"


def of_another_kind(folder):
    (folder / "config.json").write_text(json.dumps({"model_type": "segformer"}))


def without_kind(folder):
    (folder / "config.json").write_text("{}")


def without_config(folder):
    (folder / "config.json").unlink()


def without_processor(folder):
    (folder / "preprocessor_config.json").unlink()


def without_weights(folder):
    (folder / "model.safetensors").unlink()


def torn(folder):
    weights = folder / "model.safetensors"
    weights.write_bytes(weights.read_bytes()[:5000])


@pytest.mark.parametrize(
    "damage", [of_another_kind, without_kind, without_config, without_processor, without_weights, torn]
)
def test_a_folder_that_is_none_is_a_one_line_error(tmp_path, damage):
    damage(tiny_vision_models.save_promptable("sam2", tmp_path))
    with pytest.raises(WeightsError, match=r"promptable segmenter.* wallpaint models pull sam2$") as caught:
        PromptableSegmenter(tmp_path)
    assert str(caught.value).startswith(str(tmp_path))
    assert "\n" not in str(caught.value)


def test_a_missing_path_is_named(tmp_path):
    with pytest.raises(MissingWeightsError, match="no such file or folder"):
        PromptableSegmenter(tmp_path / "nowhere")
