"""Loading an image model of transformers together with its image processor."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import torch
from transformers import AutoImageProcessor

from wallpaint.diffusion.checkpoints.loading import load_folder, readable
from wallpaint.diffusion.hub.repo_files import read_configuration
from wallpaint.errors import WeightsError


def model_type(folder: Path, part: str, cure: str) -> str:
    """The kind of model in a folder: ``model_type`` in its config.json, such as "sam2".

    Parameters
    ----------
    folder : Path
    part, cure : str
        How error messages name the model, and the last sentence of them.

    Raises
    ------
    WeightsError
        There is no config.json, or it names no kind.
    """
    path = folder / "config.json"
    if not path.is_file():
        raise WeightsError(folder, f"there is no config.json of a {part} here. {cure}")
    kind = read_configuration(path).get("model_type")
    if not isinstance(kind, str):
        raise WeightsError(path, f"it names no model_type, so it is no {part}. {cure}")
    return kind


def load_vision_model(
    model_class: Any, folder: Path, part: str, known_name: str, **processor_settings: Any
) -> tuple[Any, Any]:
    """Load the image processor and the model in a folder of transformers' format; nothing is downloaded.

    Parameters
    ----------
    model_class : class
        One of transformers' ``AutoModelFor…``.
    folder : Path
    part : str
        How error messages name the model, such as "depth estimator".
    known_name : str
        A known model that can be fetched instead.
    **processor_settings
        Changes to the image processor's configuration.

    Raises
    ------
    WeightsError
        The folder contains another kind of model, or its weights are damaged or incomplete.
    """
    cure = f"Fetch a complete one: wallpaint models pull {known_name}"
    with readable(folder, part, cure):
        # the processor that works on Pillow's images gives the same result everywhere; the other needs torchvision
        processor = AutoImageProcessor.from_pretrained(
            folder, local_files_only=True, backend="pil", **processor_settings
        )
    return processor, load_folder(model_class, folder, torch.float32, part, cure)
