"""Depth of a photo, estimated by one of transformers' models."""

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

_MODELS_OF_DISTANCE = ("zoedepth", "glpn")  # the other families estimate disparity, or say "metric" where they do not


class DepthEstimator:
    """A model that tells from one picture how near everything in it is.

    Parameters
    ----------
    source : path or str
        A local folder of transformers' format, a known name, or a hub id whose files are here already: nothing is
        downloaded.
    device : str or torch.device

    Raises
    ------
    MissingWeightsError
        The model is not on this machine.
    WeightsError
        The folder holds something else, or damaged weights.

    Notes
    -----
    Models of disparity (MiDaS, DPT, Depth Anything) and of metric distance (ZoeDepth, GLPN, Depth Anything's metric
    ones) come out alike. A DPT that was taught metres (those of NYU and KITTI) does not say so in its configuration
    and would come out far = 1.
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
        # Without padding, which ZoeDepth alone adds and which only torchvision takes off again.
        inputs = self._processor(images=pixels, input_data_format="channels_last", do_pad=False, return_tensors="pt")
        predicted = self._model(inputs["pixel_values"].to(self._model.device)).predicted_depth[0].float().cpu().numpy()
        disparity = relative_disparity(predicted) if self._predicts_distance else predicted
        height, width = pixels.shape[:2]
        return stretched(cv2.resize(disparity, (width, height), interpolation=cv2.INTER_CUBIC))

    @property
    def _predicts_distance(self) -> bool:
        config = self._model.config
        return (
            config.model_type in _MODELS_OF_DISTANCE or getattr(config, "depth_estimation_type", "relative") == "metric"
        )
