"""JSON without NaN and infinity, which are not valid JSON: values that could not be measured are null."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping


def json_text(content: object) -> str:
    """JSON text in which NaN and infinity are replaced by null.

    >>> json_text([{"hue_error": math.nan}])
    '[\\n  {\\n    "hue_error": null\\n  }\\n]'
    """
    return json.dumps(_without_nan(content), indent=2, allow_nan=False)


def _without_nan(content: object) -> object:
    if isinstance(content, Mapping):
        return {key: _without_nan(value) for key, value in content.items()}
    if isinstance(content, list | tuple):
        return [_without_nan(value) for value in content]
    return None if isinstance(content, float) and not math.isfinite(content) else content
