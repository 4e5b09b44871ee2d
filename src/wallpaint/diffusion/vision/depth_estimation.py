"""Monocular depth estimation with the models of transformers."""

from __future__ import annotations

import cv2
import numpy as np

from wallpaint.diffusion.hub.resolve_path import resolve_path
from wallpaint.errors import Source
from wallpaint.optional import needs_extra
from wallpaint.photo import relative_disparity, stretched

with needs_extra("diffusion", "Depth estimation"):
    import torch
    from transformers import AutoModelForDepthEstimation

    from wallpaint.diffusion.vision.loading import load_vision_model

DEPTH_ANYTHING = "depth-anything"  #: the known name of Depth Anything V2 Small (Yang et al. 2024)

_METRIC_MODELS = ("zoedepth", "glpn")  # the others estimate disparity, or say "metric" in their configuration


class DepthEstimator:
    """A model that estimates relative depth from one photo.

    Parameters
    ----------
    source : path or str
        A folder in transformers' format, a known name, or a hub id whose files are on this machine. Nothing is
        downloaded.
    device : str or torch.device

    Raises
    ------
    MissingWeightsError
        The model is not on this machine.
    WeightsError
        The folder contains another kind of model, or damaged weights.

    Notes
    -----
    The result is disparity for models of disparity (MiDaS, DPT, Depth Anything) and of metric distance (ZoeDepth, GLPN,
    metric Depth Anything). The configuration of a DPT that was trained on metric distance (NYU, KITTI) does not say
    so: its result would be inverted, far = 1.
    """

    def __init__(self, source: Source = DEPTH_ANYTHING, device: str | torch.device = "cpu") -> None:
        self._processor, model = load_vision_model(
            AutoModelForDepthEstimation, resolve_path(source), "depth estimator", DEPTH_ANYTHING
        )
        self._model = model.to(device).eval()

    @torch.inference_mode()
    def estimate(self, pixels: np.ndarray) -> np.ndarray:
        """Estimate depth.

        Parameters
        ----------
        pixels : (H, W, 3) uint8
            sRGB, upright.

        Returns
        -------
        (H, W) float32
            Relative disparity in [0, 1]: 1 is the nearest point, 0 the farthest.
        """
        # without padding, which only ZoeDepth's processor adds and only torchvision can remove again
        inputs = self._processor(images=pixels, input_data_format="channels_last", do_pad=False, return_tensors="pt")
        predicted = self._model(inputs["pixel_values"].to(self._model.device)).predicted_depth[0].float().cpu().numpy()
        disparity = relative_disparity(predicted) if self._predicts_distance else predicted
        height, width = pixels.shape[:2]
        return stretched(cv2.resize(disparity, (width, height), interpolation=cv2.INTER_CUBIC))

    @property
    def _predicts_distance(self) -> bool:
        config = self._model.config
        return config.model_type in _METRIC_MODELS or getattr(config, "depth_estimation_type", "relative") == "metric"
