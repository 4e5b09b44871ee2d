"""Semantic segmentation of walls with the models of transformers."""

from __future__ import annotations

from typing import Any

import cv2
import numpy as np

from wallpaint.diffusion.hub.resolve_path import resolve_path
from wallpaint.errors import Source, WeightsError
from wallpaint.optional import needs_extra

with needs_extra("diffusion", "Wall segmentation"):
    import torch
    from transformers import AutoModelForSemanticSegmentation

    from wallpaint.diffusion.vision.loading import load_vision_model

WALL_SEGMENTER = "wall-segmenter"  #: the known name of SegFormer B0 (Xie et al. 2021), trained on ADE20K

_WALL = "wall"


class WallSegmenter:
    """A model that classifies the pixels of a photo as wall or not.

    Parameters
    ----------
    source : path or str
        A folder in transformers' format, a known name, or a hub id whose files are on this machine. Nothing is
        downloaded. Any semantic segmentation model with a class named "wall", such as those trained on ADE20K
        (Zhou et al., CVPR 2017).
    device : str or torch.device

    Raises
    ------
    MissingWeightsError
        The model is not on this machine.
    WeightsError
        The folder contains another kind of model, damaged weights, or a model without a class named "wall".
    """

    def __init__(self, source: Source = WALL_SEGMENTER, device: str | torch.device = "cpu") -> None:
        folder = resolve_path(source)
        self._processor, model = load_vision_model(
            AutoModelForSemanticSegmentation, folder, "wall segmenter", WALL_SEGMENTER
        )
        self._model = model.to(device).eval()
        classes = {name.split(";")[0].split(",")[0].strip().lower(): place for place, name in _named(model).items()}
        if _WALL not in classes or len(classes) < 2:
            raise WeightsError(
                folder,
                f'none of its {len(classes):,} classes is named "wall". '
                f"Fetch one trained on ADE20K: wallpaint models pull {WALL_SEGMENTER}",
            )
        self._wall = classes[_WALL]

    @torch.inference_mode()
    def segment(self, pixels: np.ndarray) -> np.ndarray:
        """Segment the walls.

        Parameters
        ----------
        pixels : (H, W, 3) uint8
            sRGB, upright.

        Returns
        -------
        (H, W) float32
            1 where wall is the most probable class, 0 elsewhere. Painting refines the edges.
        """
        inputs = self._processor(images=pixels, input_data_format="channels_last", return_tensors="pt")
        logits = self._model(inputs["pixel_values"].to(self._model.device)).logits[0].float()
        wall = logits[self._wall].clone()
        logits[self._wall] = -torch.inf
        margin = (wall - logits.amax(dim=0)).cpu().numpy()  # one plane to resize instead of one for each class
        enlarged = cv2.resize(margin, pixels.shape[1::-1], interpolation=cv2.INTER_LINEAR)
        return (enlarged > 0).astype(np.float32)


def _named(model: Any) -> dict[int, str]:
    return {int(place): str(name) for place, name in model.config.id2label.items()}
