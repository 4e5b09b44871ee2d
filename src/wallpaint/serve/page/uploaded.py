"""Uploads that Gradio stored in temporary files."""

from __future__ import annotations

from pathlib import Path


def read_upload(upload: str | None) -> bytes:
    """Read an upload and delete its temporary file."""
    path = Path(upload or "")
    content = path.read_bytes()
    path.unlink()
    return content
