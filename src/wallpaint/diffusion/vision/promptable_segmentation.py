"""Promptable segmentation: the surface at clicks, by SAM 1, 2 or 3 of transformers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from PIL import Image

from wallpaint.diffusion.hub.repo_files import read_configuration
from wallpaint.diffusion.hub.resolve_path import resolve_path
from wallpaint.errors import SettingError, Source, WeightsError
from wallpaint.mask.select import Click
from wallpaint.optional import needs_extra

with needs_extra("diffusion", "Promptable segmentation"):
    import torch
    from transformers import AutoModelForMaskGeneration

    from wallpaint.diffusion.checkpoints.loading import load_folder
    from wallpaint.diffusion.vision.loading import model_type

SAM2 = "sam2"  #: the known name of SAM 2.1 Hiera tiny (Ravi et al. 2024)
PROMPTABLE = ("sam", "sam2", "sam2_video", "sam3_tracker", "sam3_video")  #: supported ``model_type``

_PART = "promptable segmenter"
_CURE = f"Fetch a complete one: wallpaint models pull {SAM2}"
_PADDED = ("sam",)  # these scale a photo to the input's longer side and pad it; the others stretch it to a square
_IMAGENET = ([0.485, 0.456, 0.406], [0.229, 0.224, 0.225])
_HALVES = ([0.5] * 3, [0.5] * 3)
_CERTAIN = 1e-6  # distance of a probability from 0 and 1 at which its log odds are cut
_LONGER_SIDE = 640  # of the returned probability


class PromptableSegmenter:
    """Finds the surface at clicks, by a promptable segmentation model; it needs at least one keeping click.

    Parameters
    ----------
    source : path or str
        A folder in transformers' format, a known name, or a hub id whose files are on this machine. Nothing is
        downloaded. SAM 1 (``SamModel``; Kirillov et al. 2023), SAM 2 and 2.1 (``Sam2Model``; Ravi et al. 2024), or the
        tracker of SAM 3 (``Sam3TrackerModel``).
    device : str or torch.device

    Raises
    ------
    MissingWeightsError
        The model is not on this machine.
    WeightsError
        The folder contains another kind of model, or damaged weights.
    """

    automatic = False

    def __init__(self, source: Source = SAM2, device: str | torch.device = "cpu") -> None:
        folder = resolve_path(source)
        kind = model_type(folder, _PART, _CURE)
        if kind not in PROMPTABLE:
            raise WeightsError(
                folder, f"it is a model of type {kind!r}, not a {_PART} ({', '.join(PROMPTABLE)}). {_CURE}"
            )
        self._model = load_folder(AutoModelForMaskGeneration, folder, torch.float32, _PART, _CURE).to(device)
        self._padded = kind in _PADDED
        mean, std = _HALVES if kind.startswith("sam3") else _IMAGENET
        settings = _processor_settings(folder)
        self._mean = np.array(settings.get("image_mean", mean), np.float32)
        self._std = np.array(settings.get("image_std", std), np.float32)

    def look(self, pixels: np.ndarray) -> PromptedPhoto:
        """Analyse a photo. pixels : (H, W, 3) uint8 sRGB, upright."""
        frame = Frame(pixels.shape[0], pixels.shape[1], int(self._model.prompt_encoder.input_image_size), self._padded)
        return PromptedPhoto(self._model, frame, self._input(pixels, frame))

    def _input(self, pixels: np.ndarray, frame: Frame) -> torch.Tensor:
        """(1, 3, side, side): the photo as the model's image processor prepares it.

        The processors of SAM 2 and 3 need torchvision, so theirs is repeated here, with the folder's own numbers.
        """
        rows, columns = frame.covered
        small = Image.fromarray(pixels).resize((columns, rows), Image.Resampling.BILINEAR)
        values = np.zeros((frame.side, frame.side, 3), np.float32)
        values[:rows, :columns] = (np.asarray(small, np.float32) / 255 - self._mean) / self._std
        return torch.from_numpy(values.transpose(2, 0, 1)[None]).to(self._model.device)


class PromptedPhoto:
    """One photo whose image embeddings are computed once; each call runs only the prompt encoder and mask decoder.

    Parameters
    ----------
    model : SamModel, Sam2Model or Sam3TrackerModel
    frame : Frame
    values : (1, 3, side, side) torch.Tensor
        The model's input.
    """

    def __init__(self, model: Any, frame: Frame, values: torch.Tensor) -> None:
        self._model, self._frame = model, frame
        with torch.inference_mode():
            self._embeddings = model.get_image_embeddings(values)

    @torch.inference_mode()
    def wall(
        self, clicks: Sequence[Click] = (), previous: np.ndarray | None = None, *, plane: bool = False
    ) -> np.ndarray:
        """(h, w) float32 with the photo's aspect; see `PhotoFinder.wall`.

        Of the masks that the model proposes it is the one of the highest predicted intersection over union. `previous`
        is the model's mask prompt. Raises `SettingError` for `plane`, or if there is neither a keeping click nor a
        `previous`.
        """
        if plane:
            raise SettingError("promptable segmentation cannot keep to one plane: choose the finder 'rooms'.")
        if not clicks or (previous is None and not any(click.keep for click in clicks)):
            raise SettingError("none of the clicks marks wall: keep at least one point of it.")
        device = self._model.device
        points = torch.tensor([[[self._frame.point(click) for click in clicks]]], dtype=torch.float32, device=device)
        labels = torch.tensor([[[int(click.keep) for click in clicks]]], device=device)
        masks = None
        if previous is not None:
            odds = self._frame.to_square(
                _log_odds(previous), 4 * int(self._model.prompt_encoder.image_embedding_size[0])
            )
            masks = torch.from_numpy(odds[None, None]).to(device)
        predicted = self._model(
            image_embeddings=self._embeddings,
            input_points=points,
            input_labels=labels,
            input_masks=masks,
            multimask_output=True,
        )
        best = int(predicted.iou_scores[0, 0].argmax())
        odds = self._frame.to_photo(predicted.pred_masks[0, 0, best].float().cpu().numpy())
        return np.asarray(1 / (1 + np.exp(-np.clip(odds, -30, 30))), np.float32)


@dataclass(frozen=True)
class Frame:
    """Place of a photo in the square input of a model.

    Attributes
    ----------
    height, width : int
        Of the photo.
    side : int
        Of the square, in pixels.
    padded : bool
        True if the photo keeps its aspect, is at the top left and the rest is padding; False if it is stretched to
        the whole square.
    """

    height: int
    width: int
    side: int
    padded: bool

    @property
    def covered(self) -> tuple[int, int]:
        """Rows and columns of the square that the photo covers."""
        if not self.padded:
            return self.side, self.side
        scale = self.side / max(self.height, self.width)
        return max(1, int(self.height * scale + 0.5)), max(1, int(self.width * scale + 0.5))

    def point(self, click: Click) -> tuple[float, float]:
        """(x, y) of a click's pixel centre, less the half pixel that the prompt encoders add.

        >>> Frame(100, 200, 1024, True).point(Click(row=99, column=0))
        (2.06, 508.94)
        """
        rows, columns = self.covered
        x, y = (click.column + 0.5) * columns / self.width - 0.5, (click.row + 0.5) * rows / self.height - 0.5
        return round(x, 4), round(y, 4)

    def to_photo(self, square: np.ndarray) -> np.ndarray:
        """(h, w) float32: the photo's part of a map of the square, (m, m), in the photo's aspect."""
        rows, columns = self.covered
        full = cv2.resize(square.astype(np.float32), (self.side, self.side), interpolation=cv2.INTER_LINEAR)
        scale = min(1.0, _LONGER_SIDE / max(self.height, self.width))
        size = max(1, round(self.width * scale)), max(1, round(self.height * scale))
        return np.asarray(cv2.resize(full[:rows, :columns], size, interpolation=cv2.INTER_LINEAR))

    def to_square(self, values: np.ndarray, side: int) -> np.ndarray:
        """(side, side) float32: a map of the photo, of any size, in the square; padding has the map's lowest value."""
        rows, columns = self.covered
        full = np.full((self.side, self.side), values.min(), np.float32)
        full[:rows, :columns] = cv2.resize(values.astype(np.float32), (columns, rows), interpolation=cv2.INTER_LINEAR)
        return np.asarray(cv2.resize(full, (side, side), interpolation=cv2.INTER_AREA))


def _log_odds(probability: np.ndarray) -> np.ndarray:
    within = np.clip(probability.astype(np.float64), _CERTAIN, 1 - _CERTAIN)
    return np.asarray(np.log(within / (1 - within)), np.float32)


def _processor_settings(folder: Path) -> dict[str, Any]:
    """Settings of the folder's image processor. Raises `WeightsError` if it has none."""
    for name in ("preprocessor_config.json", "processor_config.json"):
        if (folder / name).is_file():
            settings = read_configuration(folder / name)
            settings = settings.get("image_processor", settings)
            if "image_processor_type" in settings or "image_mean" in settings:
                return dict(settings)
    raise WeightsError(folder, f"there is no preprocessor_config.json with the settings of a {_PART}. {_CURE}")
