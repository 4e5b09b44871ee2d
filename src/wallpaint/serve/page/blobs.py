"""An image editor that bounds what browsers send it ahead of an event."""

from __future__ import annotations

from abc import ABCMeta
from typing import Any

import gradio as gr
from fastapi import HTTPException
from gradio.component_meta import ComponentMeta
from gradio.components.base import server

_BYTES = 256 * 2**20  # of all that was sent and not used yet; what was begun first is dropped first
_LAYERS = 8
_sent: dict[str, Any] = {}  # one store for all sessions, each of which has a copy of the editor


@server
def accept_blobs(editor: gr.ImageEditor, data: Any) -> Any:  # by this name the browser asks for it
    """One picture of a drawing: background, composite or a layer."""
    index = str(data.data.get("index") or "0")
    if index != "null" and not (index.isdecimal() and len(index) < 4 and int(index) < _LAYERS):
        raise HTTPException(422, f"a drawing has at most {_LAYERS} layers.")
    answer = gr.ImageEditor.accept_blobs(editor, data)
    while len(_sent) > 1 and sum(map(_size, _sent.values())) > _BYTES:
        _sent.pop(next(iter(_sent)), None)
    return answer


def _size(blobs: Any) -> int:
    return sum(len(blob) for blob in (blobs.background, *blobs.layers, blobs.composite) if blob is not None)


# Gradio's own editor keeps any number of blobs for ever, and makes a list as long as the layer's number that a request
# names. The metaclass is called by hand because its own way of making a class writes a .pyi file beside this one.
BoundedEditor: Any = ABCMeta.__new__(
    ComponentMeta,
    "BoundedEditor",
    (gr.ImageEditor,),
    {
        "__module__": __name__,
        "is_template": True,  # in the browser it is an ImageEditor
        "blob_storage": property(lambda _: _sent, lambda *_: None),
        "accept_blobs": accept_blobs,
    },
)
