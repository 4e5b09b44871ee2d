"""Semantic segmentation of walls with the models of transformers."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import cv2
import numpy as np

from wallpaint.diffusion.hub.resolve_path import resolve_path
from wallpaint.errors import SettingError, Source, WeightsError
from wallpaint.mask.select import Click
from wallpaint.optional import needs_extra

with needs_extra("diffusion", "Wall segmentation"):
    import torch
    from transformers import AutoModelForSemanticSegmentation, AutoModelForUniversalSegmentation, AutoTokenizer

    from wallpaint.diffusion.checkpoints.loading import readable
    from wallpaint.diffusion.vision.loading import load_vision_model, model_type

WALL_SEGMENTER = "wall-segmenter"  #: the known name of SegFormer B0 (Xie et al. 2021), trained on ADE20K
UNIVERSAL = ("maskformer", "mask2former", "oneformer")  #: ``model_type`` of those that predict masks and their classes

_PART = "wall segmenter"
_KNOWN = "upernet-ade"
_WALL = "wall"
_TASK = "the task is semantic"  # OneFormer's input beside the photo


class WallSegmenter:
    """A model that classifies the pixels of a photo as wall or not; a finder that takes no clicks.

    Parameters
    ----------
    source : path or str
        A folder in transformers' format, a known name, or a hub id whose files are on this machine. Nothing is
        downloaded. Any semantic segmentation model with a class named "wall", such as those trained on ADE20K
        (Zhou et al., CVPR 2017): models that classify pixels (SegFormer, UperNet, BEiT, DPT), and those that predict
        masks and their classes (MaskFormer, Mask2Former, OneFormer).
    device : str or torch.device

    Raises
    ------
    MissingWeightsError
        The model is not on this machine.
    WeightsError
        The folder contains another kind of model, damaged weights, or a model without a class named "wall".
    """

    automatic = True

    def __init__(self, source: Source = WALL_SEGMENTER, device: str | torch.device = "cpu") -> None:
        folder = resolve_path(source)
        cure = f"Fetch a complete one: wallpaint models pull {_KNOWN}"
        kind = model_type(folder, _PART, cure)
        self._universal = kind in UNIVERSAL
        model_class = AutoModelForUniversalSegmentation if self._universal else AutoModelForSemanticSegmentation
        # OneFormer's processor would fetch the names of classes from the hub; only its training uses them
        settings = {"class_info_file": None} if kind == "oneformer" else {}
        self._processor, model = load_vision_model(model_class, folder, _PART, _KNOWN, **settings)
        self._model = model.to(device).eval()
        self._more = {"task_inputs": _task(folder, cure, model)} if kind == "oneformer" else {}
        classes = {name.split(";")[0].split(",")[0].strip().lower(): place for place, name in _named(model).items()}
        if _WALL not in classes or len(classes) < 2:
            raise WeightsError(
                folder,
                f'none of its {len(classes):,} classes is named "wall". '
                f"Fetch one trained on ADE20K: wallpaint models pull {_KNOWN}",
            )
        self._wall = classes[_WALL]

    def look(self, pixels: np.ndarray) -> SegmentedPhoto:
        """Analyse a photo. pixels : (H, W, 3) uint8 sRGB, upright."""
        scores = self._scores(pixels)
        shares = scores / scores.sum(dim=0).clamp(min=1e-12) if self._universal else scores.softmax(dim=0)
        return SegmentedPhoto(shares[self._wall].cpu().numpy().astype(np.float32))

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
        scores = self._scores(pixels)
        others = torch.cat([scores[: self._wall], scores[self._wall + 1 :]]).amax(dim=0)
        margin = (scores[self._wall] - others).cpu().numpy()  # one plane to resize instead of one for each class
        enlarged = cv2.resize(margin, pixels.shape[1::-1], interpolation=cv2.INTER_LINEAR)
        return (enlarged > 0).astype(np.float32)

    @torch.inference_mode()
    def _scores(self, pixels: np.ndarray) -> torch.Tensor:
        """(classes, h, w): a score of each class at the model's resolution, the whole photo and no padding.

        Logits of models that classify pixels. Of the others, as their semantic post-processing: the sum over queries
        of the class's probability × the mask's probability, ≥ 0, without the class "no object".
        """
        # without crops, which would leave out a part of the photo, and without padding
        inputs = self._processor(
            images=pixels, input_data_format="channels_last", do_center_crop=False, do_pad=False, return_tensors="pt"
        )
        predicted = self._model(inputs["pixel_values"].to(self._model.device), **self._more)
        if not self._universal:
            return predicted.logits[0].float()
        classes = predicted.class_queries_logits[0].float().softmax(dim=-1)[:, :-1]
        masks = predicted.masks_queries_logits[0].float().sigmoid()
        return torch.einsum("qc,qhw->chw", classes, masks)


class SegmentedPhoto:
    """One photo's probability of wall.

    Parameters
    ----------
    probability : (h, w) float32
        At the model's resolution; it covers the whole photo.
    """

    def __init__(self, probability: np.ndarray) -> None:
        self._probability = probability

    def wall(
        self, clicks: Sequence[Click] = (), previous: np.ndarray | None = None, *, plane: bool = False
    ) -> np.ndarray:
        """(h, w) float32: all walls; see `PhotoFinder.wall`. Raises `SettingError` if there are clicks."""
        if clicks:
            raise SettingError("a semantic model takes no clicks: combine it with a finder that does (load_finder).")
        return self._probability


def _task(folder: Path, cure: str, model: Any) -> torch.Tensor:
    """(1, n) tokens of OneFormer's task, 0 where there are none."""
    if not ((folder / "tokenizer.json").is_file() or (folder / "vocab.json").is_file()):
        # transformers would make a tokenizer without words
        raise WeightsError(folder, f"there is no vocab.json of its tokenizer. {cure}")
    with readable(folder, "tokenizer", cure):
        tokenizer = AutoTokenizer.from_pretrained(folder, local_files_only=True)
        tokens = tokenizer(
            [_TASK], padding="max_length", max_length=model.config.task_seq_len, truncation=True, return_tensors="pt"
        )
        return (tokens["attention_mask"] * tokens["input_ids"]).to(model.device)


def _named(model: Any) -> dict[int, str]:
    return {int(place): str(name) for place, name in model.config.id2label.items()}
