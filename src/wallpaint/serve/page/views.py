"""Updates of the page by event handlers: changed controls, errors, progress."""

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
#: outputs of every event handler, in this order
VIEW = (
    *("session", "status", "start", "studio", "views", "canvas", "editor", "slider"),
    *("result", "color", "gallery", "cancel", "next_wall"),
)
WALL, BRUSH, PAINTED = "wall", "brush", "painted"
_POLL = 0.25  # seconds between two progress updates


def show(**changed: Any) -> View:
    """Update of these parts of the page; the others stay."""
    assert set(changed) <= set(VIEW)
    return tuple(changed.get(name, gr.skip()) for name in VIEW)


def show_errors(handler: Callable[..., Views]) -> Callable[..., Views]:
    """Decorate an event handler: errors of wallpaint are shown on the page. Its first input is the session."""

    @wraps(handler)
    async def guarded(self: Any, session: Session, *inputs: Any) -> Views:
        try:
            async for view in handler(self, session, *inputs):
                yield view
        except WallpaintError as error:
            sentence = str(error)
            gr.Warning(sentence[0].upper() + sentence[1:], title="")
            yield show(status=wording.hint(next_step(session)), cancel=hidden())

    return guarded


def next_step(session: Session) -> str:
    """Hint about the next step, as HTML."""
    if session.room is None:
        return wording.FIRST_HINT
    if session.open_outline is not None:
        return wording.OUTLINE_HINT
    return wording.READY_HINT if session.edits else wording.CLICK_HINT


async def progress(queue: WorkQueue, job: Job[Any], words: str) -> AsyncIterator[str]:
    """Yield the progress of a job as HTML until it ends. If the iteration is stopped, so is the job."""
    waiting = asyncio.ensure_future(queue.wait_for(job))
    last = ""
    try:
        while not waiting.done():
            if (status := wording.working(job.steps, words)) != last:
                last = status
                yield status
            await asyncio.wait({waiting}, timeout=_POLL)
        await waiting
    finally:
        waiting.cancel()


def hidden() -> Any:
    """Update that hides a control."""
    return gr.update(visible=False)


def show_notes(notes: list[str]) -> None:
    """Show notes as messages on the page."""
    for note in notes:
        gr.Info(note)
