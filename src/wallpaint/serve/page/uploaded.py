"""What Gradio has put into a temporary file for us."""

from __future__ import annotations

from pathlib import Path


def taken(upload: str | None) -> bytes:
    """What was uploaded; its temporary file is gone then."""
    path = Path(upload or "")
    content = path.read_bytes()
    path.unlink()
    return content
