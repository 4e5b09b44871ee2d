"""Depth estimation: random models of the real classes; near must be 1."""

from __future__ import annotations

import json

import cv2
import numpy as np
import pytest
import torch
from transformers import (
    DepthAnythingConfig,
    DepthAnythingForDepthEstimation,
    Dinov2Config,
    DPTConfig,
    DPTForDepthEstimation,
    GLPNConfig,
    GLPNForDepthEstimation,
)
from transformers.models.dpt.image_processing_pil_dpt import DPTImageProcessorPil

from wallpaint.diffusion.vision import depth_estimation as depth_estimator
from wallpaint.diffusion.vision.depth_estimation import DepthEstimator
from wallpaint.errors import WeightsError


def depth_anything(kind):
    """The same random weights for both kinds; only the last activation differs, and it grows in both."""
    torch.manual_seed(0)
    backbone = Dinov2Config(
        hidden_size=16,
        num_hidden_layers=4,
        num_attention_heads=2,
        image_size=56,
        out_indices=[1, 2, 3, 4],
        reshape_hidden_states=False,
    )
    sizes = {"reassemble_hidden_size": 16, "neck_hidden_sizes": [8] * 4, "fusion_hidden_size": 8, "head_hidden_size": 8}
    model = DepthAnythingForDepthEstimation(
        DepthAnythingConfig(backbone_config=backbone, depth_estimation_type=kind, max_depth=1, **sizes)
    )
    return with_large_weights(model, model.head.conv1, model.head.conv2, model.head.conv3)


def with_large_weights(model, *layers):
    """Weights so large that the output depends on the picture, with a bias that keeps activations positive."""
    for layer in layers:
        torch.nn.init.normal_(layer.weight, mean=0.3, std=0.3)
        torch.nn.init.constant_(layer.bias, 0.5)
    return model.eval()


def saved(model, folder, **processor):
    model.save_pretrained(folder)
    sizes = {"size": {"height": 56, "width": 56}, "keep_aspect_ratio": True, "ensure_multiple_of": 14}
    DPTImageProcessorPil(**{**sizes, **processor}).save_pretrained(folder)
    return folder


@pytest.fixture(scope="module")
def relative(tmp_path_factory):
    return saved(depth_anything("relative"), tmp_path_factory.mktemp("relative"))


@pytest.fixture(scope="module")
def photo():
    coarse = np.random.default_rng(0).integers(0, 256, (4, 6, 3), np.uint8)
    return cv2.resize(coarse, (90, 60), interpolation=cv2.INTER_CUBIC)


def test_depth_has_the_size_of_the_photo_and_fills_its_range(relative, photo):
    depth = DepthEstimator(relative).estimate(photo)
    assert (depth.shape, depth.dtype) == (photo.shape[:2], np.float32)
    assert (depth.min(), depth.max()) == (0, 1)
    assert depth.std() > 0.05


def test_disparity_is_not_inverted(relative, photo):
    estimator = DepthEstimator(str(relative))
    estimator._model.forward = lambda pixels: Answer(ramp(pixels, 0.0, 8.0))
    np.testing.assert_allclose(estimator.estimate(photo)[30], np.linspace(0, 1, 90), atol=0.02)


def test_metric_distance_is_inverted(tmp_path, photo):
    estimator = DepthEstimator(saved(depth_anything("metric"), tmp_path))
    estimator._model.forward = lambda pixels: Answer(1 / ramp(pixels, 0.5, 8.0))
    np.testing.assert_allclose(estimator.estimate(photo)[30], np.linspace(0, 1, 90), atol=0.02)


def test_models_of_disparity_and_of_distance_disagree_on_what_is_near(relative, tmp_path, photo):
    disparity = DepthEstimator(relative).estimate(photo)
    distance = DepthEstimator(saved(depth_anything("metric"), tmp_path)).estimate(photo)
    assert np.corrcoef(disparity.ravel(), distance.ravel())[0, 1] < -0.9


def test_families_that_estimate_distance_without_a_config_entry_are_known(tmp_path, photo):
    torch.manual_seed(0)
    stages = {"depths": [1] * 4, "hidden_sizes": [8] * 4, "num_attention_heads": [1] * 4, "decoder_hidden_size": 8}
    model = GLPNForDepthEstimation(GLPNConfig(**stages))
    estimator = DepthEstimator(saved(model, tmp_path, size={"height": 64, "width": 64}, ensure_multiple_of=32))
    estimator._model.forward = lambda pixels: Answer(1 / ramp(pixels, 0.5, 8.0))
    np.testing.assert_allclose(estimator.estimate(photo)[30], np.linspace(0, 1, 90), atol=0.02)


def test_dpt_is_read_as_disparity(tmp_path, photo):
    torch.manual_seed(0)
    model = DPTForDepthEstimation(
        DPTConfig(
            hidden_size=16,
            num_hidden_layers=4,
            num_attention_heads=2,
            intermediate_size=16,
            image_size=64,
            backbone_out_indices=[0, 1, 2, 3],
            neck_hidden_sizes=[8] * 4,
            fusion_hidden_size=8,
            is_hybrid=False,
        )
    )
    with_large_weights(model, model.head.head[0], model.head.head[2], model.head.head[4])
    folder = saved(model, tmp_path, size={"height": 64, "width": 64}, keep_aspect_ratio=False, ensure_multiple_of=32)
    estimator = DepthEstimator(folder)
    inputs = estimator._processor(images=photo, return_tensors="pt")
    with torch.inference_mode():
        answer = model(**inputs).predicted_depth[0].numpy()
    coarse = cv2.resize(estimator.estimate(photo), answer.shape[::-1], interpolation=cv2.INTER_AREA)
    assert np.corrcoef(coarse.ravel(), answer.ravel())[0, 1] > 0.98


class Answer:
    def __init__(self, predicted_depth):
        self.predicted_depth = predicted_depth


def ramp(pixels, left, right):
    """(1, H, W), from left to right."""
    return torch.linspace(left, right, pixels.shape[-1]).expand(pixels.shape[0], *pixels.shape[-2:])


def test_the_default_is_depth_anything_from_the_cache(relative, photo, monkeypatch):
    monkeypatch.setattr(depth_estimator, "resolve_path", {"depth-anything": relative}.__getitem__)
    np.testing.assert_array_equal(DepthEstimator().estimate(photo), DepthEstimator("depth-anything").estimate(photo))


def without_config(folder):
    (folder / "config.json").unlink()


def of_another_kind(folder):
    (folder / "config.json").write_text(json.dumps({"model_type": "bert"}))


def torn(folder):
    weights = folder / "model.safetensors"
    weights.write_bytes(weights.read_bytes()[:5000])


def without_weights(folder):
    (folder / "model.safetensors").unlink()


def without_processor(folder):
    (folder / "preprocessor_config.json").unlink()


@pytest.mark.parametrize("damage", [without_config, of_another_kind, torn, without_weights, without_processor])
def test_a_folder_that_is_not_an_estimator_is_a_one_line_error(tmp_path, damage):
    damage(saved(depth_anything("relative"), tmp_path))
    with pytest.raises(WeightsError, match=r"depth estimator .* wallpaint models pull depth-anything$") as caught:
        DepthEstimator(tmp_path)
    assert str(caught.value).startswith(f"{tmp_path}: ")
    assert "\n" not in str(caught.value)


def test_missing_weights_are_an_error(tmp_path):
    model = depth_anything("relative")
    kept = {key: value for key, value in model.state_dict().items() if key != "head.conv3.weight"}
    model.save_pretrained(tmp_path, state_dict=kept)
    DPTImageProcessorPil().save_pretrained(tmp_path)
    with pytest.raises(WeightsError, match=r"1 weights .* missing \(head\.conv3\.weight first\)"):
        DepthEstimator(tmp_path)
