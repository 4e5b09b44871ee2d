"""Wall segmentation: a random SegFormer, of which the class named wall must be used."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
import pytest
import torch
from transformers import SegformerConfig, SegformerForSemanticSegmentation
from transformers.models.segformer.image_processing_pil_segformer import SegformerImageProcessorPil

from wallpaint.diffusion.vision import wall_segmentation as wall_segmenter
from wallpaint.diffusion.vision.wall_segmentation import WallSegmenter
from wallpaint.errors import MissingWeightsError, WeightsError

CLASSES = ("floor", "sky", "wall", "ceiling")


def segformer(classes=CLASSES):
    torch.manual_seed(0)
    names = dict(enumerate(classes))
    stages = {"depths": [1] * 4, "hidden_sizes": [8] * 4, "num_attention_heads": [1] * 4, "decoder_hidden_size": 8}
    return SegformerForSemanticSegmentation(
        SegformerConfig(**stages, id2label=names, label2id={name: place for place, name in names.items()})
    ).eval()


def saved(model, folder):
    model.save_pretrained(folder)
    SegformerImageProcessorPil(size={"height": 64, "width": 64}, do_reduce_labels=True).save_pretrained(folder)
    return folder


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return saved(segformer(), tmp_path_factory.mktemp("segformer"))


@pytest.fixture(scope="module")
def photo():
    coarse = np.random.default_rng(0).integers(0, 256, (4, 6, 3), np.uint8)
    return cv2.resize(coarse, (80, 48), interpolation=cv2.INTER_CUBIC)


class Answer:
    def __init__(self, logits):
        self.logits = logits


def answering(folder, *likeliest):
    """A segmenter whose model predicts these classes for the columns of the picture, from left to right."""
    segmenter = WallSegmenter(folder)
    logits = torch.full((1, len(CLASSES), 16, 4 * len(likeliest)), -1.0)
    for place, name in enumerate(likeliest):
        logits[0, CLASSES.index(name), :, 4 * place : 4 * place + 4] = 1
    segmenter._model.forward = lambda pixels: Answer(logits)
    return segmenter


def test_pixels_whose_most_probable_class_is_wall_are_wall(folder, photo):
    mask = answering(folder, "floor", "wall", "ceiling", "sky").segment(photo)
    assert (mask.shape, mask.dtype) == (photo.shape[:2], np.float32)
    np.testing.assert_array_equal(mask[30], np.repeat([0, 1, 0, 0], 20))


def test_the_mask_is_the_models_argmax(folder, photo):
    segmenter = WallSegmenter(folder)
    with torch.inference_mode():
        inputs = segmenter._processor(images=photo, return_tensors="pt")
        classes = segmenter._model(**inputs).logits[0].argmax(dim=0).numpy()
    middles = segmenter.segment(photo)[1::3, 2::5]  # of the 16 × 16 cells of the model
    np.testing.assert_array_equal(middles == 1, classes == CLASSES.index("wall"))
    assert 0 < middles.mean() < 1


def test_the_first_word_of_a_class_name_counts(tmp_path, photo):
    WallSegmenter(saved(segformer(("sky", "Wall, interior")), tmp_path)).segment(photo)


def test_the_default_is_the_known_segmenter_from_the_cache(folder, photo, monkeypatch):
    monkeypatch.setattr(
        wall_segmenter, "resolve_path", lambda source: folder if source == "wall-segmenter" else Path(source)
    )
    np.testing.assert_array_equal(WallSegmenter().segment(photo), WallSegmenter(str(folder)).segment(photo))


def test_a_model_without_a_wall_class_is_refused(tmp_path):
    with pytest.raises(WeightsError, match=r"none of its 2 classes .* wallpaint models pull upernet-ade$"):
        WallSegmenter(saved(segformer(("road", "car")), tmp_path))


def test_a_folder_that_is_not_a_segmenter_is_a_one_line_error(tmp_path):
    saved(segformer(), tmp_path)
    (tmp_path / "config.json").write_text('{"model_type": "bert"}')
    with pytest.raises(WeightsError, match=r"wall segmenter .* wallpaint models pull upernet-ade$") as caught:
        WallSegmenter(tmp_path)
    assert "\n" not in str(caught.value)


def test_missing_weights_are_an_error(tmp_path):
    model = segformer()
    kept = {key: value for key, value in model.state_dict().items() if key != "decode_head.classifier.bias"}
    model.save_pretrained(tmp_path, state_dict=kept)
    SegformerImageProcessorPil().save_pretrained(tmp_path)
    with pytest.raises(WeightsError, match=r"1 weights of its wall segmenter are missing"):
        WallSegmenter(tmp_path)


def test_a_missing_path_is_named(tmp_path):
    with pytest.raises(MissingWeightsError, match="no such file or folder"):
        WallSegmenter(tmp_path / "nowhere")
