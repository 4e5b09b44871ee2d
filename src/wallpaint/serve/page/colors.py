"""Colour input of the page: text, a list of colours, or another picture."""

from __future__ import annotations

from typing import Any

import gradio as gr
import numpy as np
from PIL import Image

from wallpaint.color import Color, parse_color
from wallpaint.errors import ColorError, WallpaintError
from wallpaint.serve.api.uploads import collect_notes, read_image
from wallpaint.serve.page import pictures
from wallpaint.serve.page.uploaded import read_upload
from wallpaint.serve.queue import Job
from wallpaint.serve.service import Service


class Colors:
    """Event handlers of the colour controls."""

    def __init__(self, service: Service) -> None:
        self.service = service

    async def sampled_picture(self, upload: str | None) -> Any:
        """Preview of an uploaded picture for the eyedropper."""
        content = read_upload(upload)

        def work(_: Job[Any]) -> np.ndarray:
            with collect_notes():
                return pictures.preview(read_image(content, "picture", self.service.limits.pixels))

        try:
            return gr.update(value=Image.fromarray(await self.service.queue.run(work)), visible=True)
        except WallpaintError as error:
            gr.Warning(str(error), title="")
            return gr.skip()

    def parsed(self, color: str) -> Color | None:
        """Colour of a text; None if the text is not a colour."""
        try:
            return parse_color(color, self.service.engines.catalogs)
        except ColorError:
            return None


def each_color(colors: str) -> list[str]:
    """Split a list of colours at semicolons and line breaks.

    >>> each_color("tan; #123456;")
    ['tan', '#123456']
    """
    return [one.strip() for one in colors.replace("\n", ";").split(";") if one.strip()]
