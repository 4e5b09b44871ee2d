"""What a control may change of the page, and how errors and progress are told there."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from functools import wraps
from typing import Any

import gradio as gr

from wallpaint.errors import WallpaintError
from wallpaint.serve.page import wording
from wallpaint.serve.page.edits import Session
from wallpaint.serve.queue import Job, WorkQueue

View = tuple[Any, ...]
Views = AsyncIterator[View]
#: what a control may change, in this order
VIEW = (
    *("session", "status", "start", "studio", "views", "canvas", "editor", "slider"),
    *("result", "color", "gallery", "cancel", "next_wall"),
)
WALL, BRUSH, PAINTED = "wall", "brush", "painted"
_LOOK = 0.25  # seconds between two looks at how far the work is


def show(**changed: Any) -> View:
    """The page with these parts changed."""
    assert set(changed) <= set(VIEW)
    return tuple(changed.get(name, gr.skip()) for name in VIEW)


def told(handler: Callable[..., Views]) -> Callable[..., Views]:
    """A handler (of a session first) whose errors are shown, with their cure, instead of ending it."""

    @wraps(handler)
    async def told_handler(self: Any, session: Session, *inputs: Any) -> Views:
        try:
            async for view in handler(self, session, *inputs):
                yield view
        except WallpaintError as error:
            sentence = str(error)
            gr.Warning(sentence[0].upper() + sentence[1:], title="")
            yield show(status=wording.hint(next_step(session)), cancel=hidden())

    return told_handler


def next_step(session: Session) -> str:
    """What there is to do now, as HTML."""
    if session.room is None:
        return wording.FIRST_HINT
    if session.open_outline is not None:
        return wording.OUTLINE_HINT
    return wording.READY_HINT if session.edits else wording.CLICK_HINT


async def progress(queue: WorkQueue, job: Job[Any], words: str) -> AsyncIterator[str]:
    """What is being done, until it is; whoever stops listening stops the job."""
    waiting = asyncio.ensure_future(queue.wait_for(job))
    said = ""
    try:
        while not waiting.done():
            if (status := wording.working(job.steps, words)) != said:
                said = status
                yield status
            await asyncio.wait({waiting}, timeout=_LOOK)
        await waiting
    finally:
        waiting.cancel()


def hidden() -> Any:
    """A control that is not there for now."""
    return gr.update(visible=False)


def tell(notes: list[str]) -> None:
    """Remarks, beside the page."""
    for note in notes:
        gr.Info(note)
