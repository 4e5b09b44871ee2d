"""Wall segmentation: a random SegFormer, of which the class named wall must be used."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
import pytest
import tiny_vision_models
import torch
from transformers import SegformerConfig, SegformerForSemanticSegmentation
from transformers.models.segformer.image_processing_pil_segformer import SegformerImageProcessorPil

from wallpaint.diffusion.vision import wall_segmentation as wall_segmenter
from wallpaint.diffusion.vision.wall_segmentation import WallSegmenter
from wallpaint.errors import MissingWeightsError, SettingError, WeightsError
from wallpaint.mask.select import Click, WallSelector

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


@pytest.fixture(scope="module")
def kinds(tmp_path_factory):
    return {
        kind: WallSegmenter(tiny_vision_models.save_semantic(kind, tmp_path_factory.mktemp(kind)))
        for kind in tiny_vision_models.SEMANTIC
    }


@pytest.mark.parametrize("kind", tiny_vision_models.SEMANTIC)
def test_the_probability_of_wall_covers_the_photo_at_the_models_resolution(kinds, photo, kind):
    probability = kinds[kind].look(photo).wall()
    assert probability.ndim == 2
    assert probability.dtype == np.float32
    assert probability.min() >= 0
    assert probability.max() <= 1
    assert probability.mean() == pytest.approx(1 / len(CLASSES), abs=0.1)  # random weights prefer no class by much
    assert kinds[kind].segment(photo).shape == photo.shape[:2]


@pytest.mark.parametrize("kind", ["maskformer", "oneformer"])
def test_a_photo_is_not_padded_by_models_that_keep_its_aspect(kinds, photo, kind):
    height, width = kinds[kind].look(photo).wall().shape
    assert width / height == pytest.approx(photo.shape[1] / photo.shape[0], abs=0.35)  # multiples of 32 by maskformer


def test_a_crop_of_the_processor_is_not_applied(kinds):
    seen = []
    kinds["beit"]._model.register_forward_pre_hook(lambda _, given: seen.append(given[0].shape))
    kinds["beit"].look(np.zeros((48, 80, 3), np.uint8))
    assert seen == [(1, 3, 64, 64)]


def test_the_probability_of_a_pixel_classifier_is_its_softmax(folder, photo):
    probability = answering(folder, "floor", "wall").look(photo).wall()
    assert probability.shape == (16, 8)
    share = np.exp(2) / (np.exp(2) + 3)  # logits 1 and three of -1
    np.testing.assert_allclose(probability[:, :4], 1 / (np.exp(2) + 3), rtol=1e-5)
    np.testing.assert_allclose(probability[:, 4:], share, rtol=1e-5)


class Queries:
    """Two queries: the first is wall with certainty on the left, the second is sky on the right."""

    def __init__(self):
        self.class_queries_logits = torch.full((1, 2, len(CLASSES) + 1), -20.0)
        self.class_queries_logits[0, 0, CLASSES.index("wall")] = 20
        self.class_queries_logits[0, 1, CLASSES.index("sky")] = 20
        self.masks_queries_logits = torch.full((1, 2, 8, 12), -20.0)
        self.masks_queries_logits[0, 0, :, :6] = self.masks_queries_logits[0, 1, :, 6:] = 20


@pytest.mark.parametrize("kind", tiny_vision_models.UNIVERSAL)
def test_classes_and_masks_of_queries_are_combined(kinds, photo, kind, monkeypatch):
    given = {}
    monkeypatch.setattr(kinds[kind]._model, "forward", lambda pixels, **more: given.update(more) or Queries())
    probability = kinds[kind].look(photo).wall()
    np.testing.assert_allclose(probability, np.tile(np.repeat([1.0, 0.0], 6), (8, 1)), atol=1e-4)
    np.testing.assert_array_equal(kinds[kind].segment(photo)[20], np.repeat([1, 0], 40))
    assert set(given) == ({"task_inputs"} if kind == "oneformer" else set())


def test_oneformer_gets_the_task_and_zeros_as_padding(kinds):
    (tokens,) = kinds["oneformer"]._more["task_inputs"].tolist()
    assert tokens[0] == 1  # <|startoftext|>
    assert len(set(tokens[1:18])) == 12  # the task is semantic: 8 letters within words, 4 at ends
    assert tokens[18:] == [2, 0, 0, 0, 0, 0]  # <|endoftext|>


def test_no_hub_is_asked_for_the_names_of_oneformers_classes(tmp_path, monkeypatch):
    def refuse(*_, **__):
        raise AssertionError("a connection was made")

    monkeypatch.setattr("transformers.models.oneformer.image_processing_pil_oneformer.hf_hub_download", refuse)
    WallSegmenter(tiny_vision_models.save_semantic("oneformer", tmp_path))


def test_oneformer_without_a_tokenizer_is_a_one_line_error(tmp_path):
    tiny_vision_models.save_semantic("oneformer", tmp_path)
    (tmp_path / "vocab.json").unlink()
    with pytest.raises(WeightsError, match=r"vocab\.json .* wallpaint models pull upernet-ade$") as caught:
        WallSegmenter(tmp_path)
    assert "\n" not in str(caught.value)


def test_clicks_are_refused(folder, photo):
    with pytest.raises(SettingError, match="takes no clicks"):
        WallSegmenter(folder).look(photo).wall([Click(1, 1)])


def test_a_selector_finds_walls_with_it(folder, photo):
    selected = WallSelector(photo, answering(folder, "floor", "wall")).select(edges="hard")
    assert selected.mask[:, 45:].mean() > 0.95
    assert selected.mask[:, :35].mean() < 0.05
