"""An image editor that bounds what browsers send it ahead of an event."""

from __future__ import annotations

from typing import Any

import gradio as gr
from fastapi import HTTPException
from gradio.components.base import server

_BYTES = 256 * 2**20  # of all that was sent and not used yet; what was begun first is dropped first
_LAYERS = 8


class BoundedEditor(gr.ImageEditor):
    """Keeps few bytes of what was sent; Gradio's own keeps any number for ever, in one store for each session, and
    makes a list as long as the layer's number that a request names."""

    is_template = True  # in the browser it is an ImageEditor
    _sent: dict[str, Any] = {}  # noqa: RUF012 - one store for all sessions, which are copies of this editor

    @property
    def blob_storage(self) -> dict[str, Any]:
        return self._sent

    @blob_storage.setter
    def blob_storage(self, _: dict[str, Any]) -> None:
        """Gradio starts every copy with an empty store of its own."""

    @server
    def accept_blobs(self, data: Any) -> Any:
        """One picture of a drawing: background, composite or a layer."""
        index = str(data.data.get("index") or "0")
        if index != "null" and not (index.isdecimal() and len(index) < 4 and int(index) < _LAYERS):
            raise HTTPException(422, f"a drawing has at most {_LAYERS} layers.")
        answer = super().accept_blobs(data)
        while len(self._sent) > 1 and sum(map(_size, self._sent.values())) > _BYTES:
            self._sent.pop(next(iter(self._sent)), None)
        return answer


def _size(blobs: Any) -> int:
    return sum(len(blob) for blob in (blobs.background, *blobs.layers, blobs.composite) if blob is not None)
