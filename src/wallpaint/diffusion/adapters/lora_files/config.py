"""Settings of a LoRA that its tensors do not contain: alpha, rsLoRA, dropout.

diffusers writes them into the file's metadata, peft into ``adapter_config.json`` beside it.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from wallpaint.errors import WeightsError
from wallpaint.optional import needs_extra

with needs_extra("diffusion", "LoRA"):
    from diffusers.loaders.lora_base import LORA_ADAPTER_METADATA_KEY
    from peft.utils.other import get_pattern_key

PEFT_WEIGHTS, PEFT_CONFIG = "adapter_model.safetensors", "adapter_config.json"

_UNET = "unet."
_LONGEST_PATTERN, _REPEATS = 200, 2  # characters; quantifiers of a layer's pattern


@dataclass(frozen=True)
class AdapterConfig:
    """Settings of a LoRA.

    Attributes
    ----------
    alpha : float
        Of layers without their own.
    alpha_pattern : dict of str to float
        By a pattern of the layer's name.
    rslora : bool
    dropout : float
    """

    alpha: float
    alpha_pattern: dict[str, float]
    rslora: bool = False
    dropout: float = 0.0

    def alpha_of(self, layer: str) -> float:
        return self.alpha_pattern.get(get_pattern_key(self.alpha_pattern, layer), self.alpha)


def adapter_config(metadata: Mapping[str, str], path: Path) -> AdapterConfig | None:
    """Read the settings of the file at `path`; None if neither its metadata nor a file beside it has them.

    Raises
    ------
    WeightsError
        They cannot be read.
    """
    try:
        content = _content(metadata, path)
        if "lora_alpha" not in content:
            return None
        return AdapterConfig(
            float(content["lora_alpha"]),
            {_pattern(layer): float(alpha) for layer, alpha in (content.get("alpha_pattern") or {}).items()},
            bool(content.get("use_rslora")),
            float(content.get("lora_dropout") or 0),
        )
    except (ValueError, TypeError, AttributeError, re.error):
        raise WeightsError(path, "its metadata cannot be read, so the file is damaged. Get it again.") from None


def _content(metadata: Mapping[str, str], path: Path) -> dict[str, Any]:
    beside = path.parent / PEFT_CONFIG
    if LORA_ADAPTER_METADATA_KEY not in metadata and path.name == PEFT_WEIGHTS and beside.is_file():
        text = beside.read_text(encoding="utf-8")
    else:
        text = metadata.get(LORA_ADAPTER_METADATA_KEY, "{}")
    return {name.removeprefix(_UNET): value for name, value in json.loads(text).items()}


def _pattern(layer: str) -> str:
    """A layer's pattern from a file, refused where matching it could take exponential time. Raises `ValueError`."""
    if len(layer) > _LONGEST_PATTERN or re.search(r"\)[*+{]", layer) or len(re.findall(r"[*+{]", layer)) > _REPEATS:
        raise ValueError
    return re.compile(layer).pattern
