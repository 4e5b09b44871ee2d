"""Colours, from wherever a person takes them: words, a list of them, or another picture."""

from __future__ import annotations

from typing import Any

import gradio as gr
import numpy as np
from PIL import Image

from wallpaint.color import Color, parse_color
from wallpaint.errors import ColorError, WallpaintError
from wallpaint.serve.api.uploads import noted, read_image
from wallpaint.serve.page import pictures
from wallpaint.serve.page.uploaded import taken
from wallpaint.serve.queue import Job
from wallpaint.serve.service import Service


class Colors:
    """The page's side of a service, as far as only colours are concerned."""

    def __init__(self, service: Service) -> None:
        self.service = service

    async def sampled_picture(self, upload: str | None) -> Any:
        """A picture to take a colour from, at the size it is shown."""
        content = taken(upload)

        def work(_: Job[Any]) -> np.ndarray:
            with noted():
                return pictures.preview(read_image(content, "picture", self.service.limits.pixels))

        try:
            return gr.update(value=Image.fromarray(await self.service.queue.run(work)), visible=True)
        except WallpaintError as error:
            gr.Warning(str(error), title="")
            return gr.skip()

    def parsed(self, color: str) -> Color | None:
        """A colour as a person writes it, or None while it is none yet."""
        try:
            return parse_color(color, self.service.engines.catalogs)
        except ColorError:
            return None


def each_color(colors: str) -> list[str]:
    """Of several with semicolons or lines between.

    >>> each_color("tan; #123456;")
    ['tan', '#123456']
    """
    return [one.strip() for one in colors.replace("\n", ";").split(";") if one.strip()]
