"""Loading an image model of transformers together with its image processor."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import torch
from transformers import AutoImageProcessor

from wallpaint.diffusion.checkpoints.loading import load_folder, readable


def load_vision_model(model_class: Any, folder: Path, part: str, known_name: str) -> tuple[Any, Any]:
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

    Raises
    ------
    WeightsError
        The folder contains another kind of model, or its weights are damaged or incomplete.
    """
    cure = f"Fetch a complete one: wallpaint models pull {known_name}"
    with readable(folder, part, cure):
        # the processor that works on Pillow's images gives the same result everywhere; the other needs torchvision
        processor = AutoImageProcessor.from_pretrained(folder, local_files_only=True, backend="pil")
    return processor, load_folder(model_class, folder, torch.float32, part, cure)
