"""Image editor with limits on the pictures that browsers upload before an event."""

from __future__ import annotations

from abc import ABCMeta
from typing import Any

import gradio as gr
from fastapi import HTTPException
from gradio.component_meta import ComponentMeta
from gradio.components.base import server

_BYTES = 256 * 2**20  # maximum memory of unused uploads; the oldest is dropped first
_LAYERS = 8
_sent: dict[str, Any] = {}  # one store for all sessions, each of which has a copy of the editor


@server
def accept_blobs(editor: gr.ImageEditor, data: Any) -> Any:  # the browser requests it by this name
    """Receive one picture of a drawing: background, composite or a layer."""
    index = str(data.data.get("index") or "0")
    if index != "null" and not (index.isdecimal() and len(index) < 4 and int(index) < _LAYERS):
        raise HTTPException(422, f"a drawing has at most {_LAYERS} layers.")
    received = gr.ImageEditor.accept_blobs(editor, data)
    while len(_sent) > 1 and sum(map(_size, _sent.values())) > _BYTES:
        _sent.pop(next(iter(_sent)), None)
    return received


def _size(blobs: Any) -> int:
    return sum(len(blob) for blob in (blobs.background, *blobs.layers, blobs.composite) if blob is not None)


# Gradio's own editor never deletes blobs, and allocates a list as long as the layer number in a request. The metaclass
# is called directly, because ComponentMeta.__new__ would write a .pyi file into this folder.
BoundedEditor: Any = ABCMeta.__new__(
    ComponentMeta,
    "BoundedEditor",
    (gr.ImageEditor,),
    {
        "__module__": __name__,
        "is_template": True,  # the browser uses the front end of ImageEditor
        "blob_storage": property(lambda _: _sent, lambda *_: None),
        "accept_blobs": accept_blobs,
    },
)
