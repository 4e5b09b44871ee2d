"""Loading a model of transformers that looks at one picture, with the processor that prepares the picture for it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from transformers import AutoImageProcessor

from wallpaint.errors import WeightsError


def load_vision_model(model_class: Any, folder: Path, kind: str, known_name: str) -> tuple[Any, Any]:
    """The image processor and the model of a folder of transformers' format; nothing is downloaded.

    Parameters
    ----------
    model_class : one of transformers' ``AutoModelFor…``
    folder : Path
    kind : str
        What messages call such a model.
    known_name : str
        Of the one to fetch instead.

    Raises
    ------
    WeightsError
        The folder holds something else, or damaged weights, or not all of them.
    """
    cure = f"Fetch one that is whole: wallpaint models pull {known_name}"
    try:
        # The processor that works on Pillow's images is the same everywhere; the other one needs torchvision.
        processor = AutoImageProcessor.from_pretrained(folder, local_files_only=True, backend="pil")
        model, report = model_class.from_pretrained(folder, local_files_only=True, output_loading_info=True)
    except Exception as error:  # transformers raises OSError, ValueError, KeyError, RuntimeError, SafetensorError …
        reason = str(error).strip().partition("\n")[0].rstrip(".")
        raise WeightsError(folder, f"no {kind} can be loaded from it ({reason}). {cure}") from None
    if missing := report["missing_keys"]:
        raise WeightsError(folder, f"{len(missing):,} weights of the {kind} are missing ({min(missing)}). {cure}")
    return processor, model
