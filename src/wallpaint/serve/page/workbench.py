"""Event handlers of the page: call the service, show progress and errors."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from html import escape
from typing import Any, TypeVar

import gradio as gr
import numpy as np
from PIL import Image

from wallpaint.diffusion.sampling.settings import SamplingSettings
from wallpaint.errors import WallpaintError, warn_of
from wallpaint.mask import Edges
from wallpaint.photo import mask_png, png_bytes
from wallpaint.serve.api.clients import client_of
from wallpaint.serve.api.uploads import collect_notes, read_wall
from wallpaint.serve.page import pictures, wording
from wallpaint.serve.page.colors import each_color
from wallpaint.serve.page.edits import (
    Action,
    Brushed,
    Clicked,
    Masked,
    Outlined,
    Painted,
    Session,
    loaded_walls,
    marked_wall,
)
from wallpaint.serve.page.uploaded import read_upload
from wallpaint.serve.page.views import (
    PAINTED,
    WALL,
    View,
    Views,
    hidden,
    next_step,
    progress,
    show,
    show_errors,
    show_notes,
)
from wallpaint.serve.paint_options import PaintOptions
from wallpaint.serve.queue import Job
from wallpaint.serve.rooms import OpenRoom
from wallpaint.serve.service import SentRoom, Service

T = TypeVar("T")
IS_WALL, NOT_WALL = "Wall", "Not wall"  # meaning of a clicked point
SURFACE, CORNER = "Surface", "Corner of an outline"  # object that a click marks
_ZIP = b"PK"  # first bytes of a ZIP file
_NEAR_CORNER = 0.02  # relative to the longer side; a click this near to the first corner closes an outline


class Workbench:
    """Event handlers of the page for one service.

    Their `options` are the values of the page's options, in the order of `_paint_options`.
    """

    def __init__(self, service: Service) -> None:
        self.service = service

    @show_errors
    async def load(self, session: Session, upload: str | None, request: gr.Request) -> Views:
        """Open an uploaded photo."""
        content = read_upload(upload)
        async for view in self._opened(session, content, client_of(request)):
            yield view

    @show_errors
    async def sample(self, session: Session, request: gr.Request) -> Views:
        """Open the sample room of wallpaint."""
        from wallpaint.example import example_room

        async for view in self._opened(session, example_room()[0].read_bytes(), client_of(request)):
            yield view

    async def _opened(self, session: Session, content: bytes, client: str) -> Views:
        async for view in self._entered(lambda: self.service.open(SentRoom(content, client=client))):
            yield view

    async def opened(self, session: Session, request: gr.Request) -> View:
        """Show the open room that the page's address names: ``?room=ID``."""
        room_id = request.query_params.get("room")
        if session.room is not None or not room_id:
            return show()
        try:
            return [view async for view in self._entered(lambda: self.service.rooms.get(room_id))][-1]
        except WallpaintError as error:
            return show(status=wording.hint(escape(str(error))))

    async def _entered(self, enter: Callable[[], OpenRoom]) -> Views:
        def work(_: Job[Any]) -> tuple[OpenRoom, np.ndarray, list[str]]:
            with collect_notes() as notes:
                room = enter()
                room.selector.look()
            return self.service.rooms.keep(room), pictures.preview(room.pixels), notes

        job = self.service.queue.submit(work)
        async for status in progress(self.service.queue, job, "Reading the photo"):
            yield show(status=status)
        room, shown, notes = job.future.result()
        show_notes(notes)
        yield show(
            session=Session(room.id),
            status=wording.hint(wording.CLICK_HINT),
            start=gr.update(visible=False),
            studio=gr.update(visible=True),
            canvas=Image.fromarray(shown),
            slider=None,
            result="",
            next_wall=hidden(),
            gallery=[],
            views=gr.update(selected=WALL),
        )

    @show_errors
    async def next_wall(self, session: Session) -> Views:
        """Keep the painting, and continue with another wall of the same photo."""

        def work(_: Job[Any]) -> OpenRoom:
            room = self.service.next_wall(session.room or "")
            room.selector.look()
            return self.service.rooms.keep(room)

        job = self.service.queue.submit(work)
        async for status in progress(self.service.queue, job, "Reading the room"):
            yield show(status=status)
        async for view in self._shown(Session(job.future.result().id, before=session)):
            yield view

    async def another(self, session: Session) -> View:
        """Return to the start, for another photo."""
        self._close(session)
        return show(
            session=Session(),
            status=wording.hint(wording.FIRST_HINT),
            start=gr.update(visible=True),
            studio=gr.update(visible=False),
            next_wall=hidden(),
        )

    def _close(self, session: Session) -> None:
        wall: Session | None = session
        while wall is not None:
            with suppress(WallpaintError):  # already closed
                self.service.rooms.close(wall.room or "")
            wall = wall.before

    @show_errors
    async def click(self, session: Session, kind: str, marks: str, place: tuple[int, int]) -> Views:
        """A click on the photo, at (x, y) of the preview: on a surface, or on the corner of an outline."""
        keep = kind != NOT_WALL

        def clicked(room: OpenRoom) -> Action:
            click = pictures.click_on(room.shape, place, keep)
            if marks != CORNER:
                return Clicked(click)
            outline, corner = session.open_outline, (click.row, click.column)
            near = _NEAR_CORNER * max(room.shape)
            if outline is None or outline.keep != keep:
                return Outlined((corner,), keep)
            return outline.with_corner(corner, near)

        async for view in self._edited(session, clicked):
            yield view

    @show_errors
    async def segment(self, session: Session) -> Views:
        """Set the wall to all walls that are found."""

        def found(room: OpenRoom) -> Masked:
            wall = self.service.found_wall(room)
            warn_of(None, f"{wall.share:.1%} of the photo is wall, confidence {wall.confidence:.2f}.")
            return Masked(mask_png(wall.mask))

        async for view in self._edited(session, found):
            yield view

    @show_errors
    async def brush(self, session: Session, drawn: dict[str, object] | None, keep: bool) -> Views:
        """Add the brush strokes to the wall, or remove them from it."""
        strokes = pictures.brushed(drawn or {})
        if strokes is None:
            gr.Info("Draw on the photo first. Then add the strokes to the wall or remove them from it.")
            return
        async for view in self._edited(session, lambda _: Brushed(png_bytes(strokes), keep)):
            yield view

    @show_errors
    async def load_mask(self, session: Session, upload: str | None, *options: Any) -> Views:
        """Load the wall from a mask file, or load and paint the walls of an archive."""
        content = read_upload(upload)
        if content.startswith(_ZIP):
            async for view in self._layered(session, content, _paint_options(*options)):
                yield view
            return

        def masked(room: OpenRoom) -> Masked:
            return Masked(mask_png(read_wall(content, "mask", room.shape, False, self.service.limits.pixels)))

        async for view in self._edited(session, masked):
            yield view

    async def _layered(self, session: Session, archive: bytes, options: PaintOptions) -> Views:
        def work(job: Job[Any]) -> tuple[list[OpenRoom], list[str]]:
            with collect_notes() as notes:
                rooms = self.service.paint_layers(SentRoom(room=session.room or ""), archive, options, job)
            return rooms, notes

        job = self.service.queue.submit(work)
        async for status in progress(self.service.queue, job, "Painting the walls"):
            yield show(status=status)
        rooms, notes = job.future.result()
        show_notes(notes)
        loaded = loaded_walls(rooms, session.before)
        painted = loaded.color is not None
        views = self._painted(loaded.without_last(), loaded.color or "", options) if painted else self._shown(loaded)
        async for view in views:
            yield view

    @show_errors
    async def undo(self, session: Session, *options: Any) -> Views:
        """Undo the last action: a click, strokes, a mask, or a colour."""
        if not session.actions and session.before is None:
            gr.Info("There is nothing to undo.")
            return
        before = session.without_last()
        if before.color is not None:
            marks = before.without_last()
            if before.room != session.room:
                async for view in self._shown(marks):
                    yield view
            async for view in self._painted(marks, before.color, _paint_options(*options)):
                yield view
            return
        async for view in self._shown(before):
            yield view

    @show_errors
    async def start_over(self, session: Session) -> Views:
        """Clear the wall."""
        async for view in self._shown(session.without_wall()):
            yield view

    async def _edited(self, session: Session, action: Callable[[OpenRoom], Action]) -> Views:
        def work(_: Job[Any]) -> tuple[Session, list[str]]:
            with collect_notes() as notes:
                edit = action(self.service.rooms.get(session.room or ""))
            return session.after(edit), notes

        job = self.service.queue.submit(work)
        async for status in progress(self.service.queue, job, "Finding the wall"):
            yield show(status=status)
        edited, notes = job.future.result()
        show_notes(notes)
        async for view in self._shown(edited):
            yield view

    async def _shown(self, session: Session) -> Views:
        """Show the photo with the wall of this session marked."""

        def work(_: Job[Any]) -> np.ndarray:
            room = self.service.rooms.get(session.room or "")
            wall = marked_wall(room, session.edits) if session.edits else None
            room.wall = wall if wall is not None and (wall > 0.5).any() else None
            self.service.rooms.keep(room)
            clicks = [edit.click for edit in session.edits if isinstance(edit, Clicked)]
            corners = session.open_outline.corners if session.open_outline else ()
            return pictures.marked(room.pixels, room.wall, clicks, corners)

        job = self.service.queue.submit(work)
        async for status in progress(self.service.queue, job, "Finding the wall"):
            yield show(status=status)
        picture = Image.fromarray(job.future.result())
        yield show(
            session=session,
            status=wording.hint(next_step(session)),
            canvas=picture,
            editor={"background": picture, "layers": [], "composite": None},
            result=wording.mask_download(session.room or "") if session.edits else "",
            next_wall=hidden(),
            views=gr.update(selected=WALL),
        )

    @show_errors
    async def paint(self, session: Session, color: str, *options: Any) -> Views:
        """Paint the wall, and show the metrics."""
        async for view in self._painted(session, color, _paint_options(*options)):
            yield view

    async def _painted(self, session: Session, color: str, options: PaintOptions) -> Views:
        reference = self.service.reference(color or "", None)

        def work(job: Job[Any]) -> tuple[np.ndarray, np.ndarray, str, list[str]]:
            with collect_notes() as notes:
                room = self.service.paint(SentRoom(room=session.room or ""), reference, options, job)
            painted = room.required_painting
            return pictures.preview(room.photo), pictures.preview(painted.image), wording.badge(painted), notes

        job = self.service.queue.submit(work)
        async for status in progress(self.service.queue, job, "Painting"):
            yield show(status=status, cancel=gr.update(visible=True))
        before, after, badge, notes = job.future.result()
        show_notes(notes)
        yield show(
            session=session.after(Painted(color)),
            status=wording.hint("Drag the line to compare. " + wording.READY_HINT),
            slider=(Image.fromarray(before), Image.fromarray(after)),
            result=badge + wording.downloads(session.room or "", several=session.before is not None),
            next_wall=gr.update(visible=True),
            views=gr.update(selected=PAINTED),
            color=color,
            cancel=hidden(),
        )

    @show_errors
    async def palette(self, session: Session, colors: str, *options: Any) -> Views:
        """Paint the same wall in several colours, as previews."""
        wanted = self.service.colors(each_color(colors))
        how, sent = _paint_options(*options), SentRoom(room=session.room or "")
        job = self.service.queue.submit(lambda job: self.service.palette(sent, wanted, how, 420, job))
        async for status in progress(self.service.queue, job, "Trying colours"):
            yield show(status=status, cancel=gr.update(visible=True))
        tried = [
            (one.preview, f"{one.color}  ΔE {one.metrics.get('delta_e_2000_median', 0):.2f}")
            for one in job.future.result().colors
        ]
        yield show(status=wording.hint("Click a preview to paint in its colour."), gallery=tried, cancel=hidden())

    async def paint_tried(self, session: Session, colors: str, chosen: int, *options: Any) -> Views:
        """Paint in the colour of a chosen preview."""
        async for view in self.paint(session, each_color(colors)[chosen], *options):
            yield view

    async def stopped(self, session: Session) -> View:
        """Show that the work was cancelled."""
        return show(status=wording.hint("Cancelled. " + next_step(session)), cancel=hidden())


def _paint_options(engine: str, edges: Edges, steps: float, bounce: bool) -> PaintOptions:
    """How to paint, from the page's options; its slider gives whole numbers as floats."""
    return PaintOptions(engine, edges, SamplingSettings(steps=int(steps)), bounce)
