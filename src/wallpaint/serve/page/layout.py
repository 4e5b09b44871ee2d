"""Layout of the page, and the events of its controls."""

from __future__ import annotations

from importlib.resources import files
from typing import Any

from wallpaint.optional import needs_extra

with needs_extra("web", "The page"):
    import gradio as gr

from PIL import Image

from wallpaint.color import css_colors
from wallpaint.mask import Edges
from wallpaint.serve.page import pictures, wording
from wallpaint.serve.page.blobs import BoundedEditor
from wallpaint.serve.page.colors import Colors
from wallpaint.serve.page.edits import Session
from wallpaint.serve.page.views import BRUSH, PAINTED, VIEW, WALL, Views
from wallpaint.serve.page.workbench import CORNER, IS_WALL, NOT_WALL, SURFACE, Workbench
from wallpaint.serve.service import Service

_FIRST_COLOR = "#7a9e7e"
_PALETTE = "#F2EFE6; #B9A08C; #7A9E7E; #2F4858; #C1440E; #D9B44A; #8C6FB0; #1B1B1B"
_PICTURES = [".jpg", ".jpeg", ".png", ".webp", ".tif", ".tiff", ".bmp", ".gif", ".avif"]
_SHOW_PICTURE = "() => document.querySelector('#views').scrollIntoView({behavior: 'smooth', block: 'nearest'})"
_DELETE_CACHE = (120, 1200)  # seconds: interval between deletions, and age of the deleted files


def css() -> str:
    """Style sheet of the page."""
    return (files("wallpaint.serve.page") / "page.css").read_text(encoding="utf-8")


def theme() -> gr.themes.Base:
    """Theme in greys, so that only the photo has colours; system fonts."""
    return gr.themes.Base(
        primary_hue="blue",
        neutral_hue="zinc",
        radius_size="lg",
        font=["system-ui", "-apple-system", "Segoe UI", "sans-serif"],
        font_mono=["ui-monospace", "monospace"],
    )


def create_page(service: Service) -> gr.Blocks:
    """Create the page of a service."""
    with gr.Blocks(title=wording.TITLE, analytics_enabled=False, delete_cache=_DELETE_CACHE) as page:
        parts = _Parts(service)
        bench = Workbench(service)
        _wire(parts, bench, Colors(service))
        # Without the queue: after a queued event at the start Gradio loses later events, see `_wire`.
        view = [getattr(parts, name) for name in VIEW]
        page.load(bench.opened, [parts.session], view, api_visibility="private", show_progress="hidden", queue=False)
    page.has_launched = True  # Gradio never sets it for a mounted page, and without it files of any folder are accepted
    return page.queue(default_concurrency_limit=None)  # the queue of the service limits the work


class _Parts:
    """Controls of the page in their layout."""

    def __init__(self, service: Service) -> None:
        self.session = gr.State(Session(), time_to_live=service.limits.room_seconds)
        gr.HTML(wording.HEADER)
        self.status = gr.HTML(wording.hint(wording.FIRST_HINT), elem_id="status")
        with gr.Column(visible=True, elem_id="start") as self.start:
            self.photo = gr.File(show_label=False, file_types=_PICTURES, elem_id="dropzone")
            self.sample = gr.Button("Use the sample room", elem_id="sample", size="md")
        with gr.Row(visible=False, elem_id="studio", equal_height=False) as self.studio:
            with gr.Column(scale=8, min_width=320):
                self._views()
                self._strip()
            with gr.Column(scale=4, min_width=320):
                self._wall(service)
                self._color(service)
                self._options(service)
                self.paint = gr.Button("Paint", variant="primary", elem_id="paint", size="lg")
                self.cancel = gr.Button("Cancel", elem_id="cancel", size="md", visible=False)
                self.result = gr.HTML("", elem_id="result")
                self.next_wall = gr.Button("Keep this wall and paint another", elem_id="next-wall", visible=False)

    def _views(self) -> None:
        with gr.Tabs(selected=WALL, elem_id="views") as self.views:
            with gr.Tab("Wall", id=WALL):
                self.canvas = gr.Image(
                    format="png",
                    type="pil",
                    interactive=False,
                    show_label=False,
                    buttons=[],
                    elem_id="canvas",
                    alt_text="Your photo; click the wall to mark it",
                )
            with gr.Tab("Brush", id=BRUSH) as self.brush_tab:
                self.editor = BoundedEditor(
                    format="png",
                    type="numpy",
                    image_mode="RGBA",
                    sources=(),
                    transforms=(),
                    layers=False,
                    buttons=[],
                    show_label=False,
                    brush=gr.Brush(default_size=32, colors=["#007aff"], color_mode="fixed"),
                    height="62vh",
                    elem_id="editor",
                )
                with gr.Row():
                    self.add = gr.Button("Strokes are wall", elem_id="brush-add")
                    self.take = gr.Button("Strokes are not wall", elem_id="brush-take")
            with gr.Tab("Painted", id=PAINTED):
                self.slider = gr.ImageSlider(
                    format="png",
                    type="pil",
                    interactive=False,
                    show_label=False,
                    buttons=["fullscreen"],
                    elem_id="slider",
                    max_height=900,
                )

    def _wall(self, service: Service) -> None:
        with gr.Column(elem_classes="step"):
            gr.HTML(wording.step_title(1, "Click the wall in the photo"))
            self.kind = gr.Radio(
                [IS_WALL, NOT_WALL], value=IS_WALL, label="The clicked point is", elem_id="kind", container=False
            )
            self.marks = gr.Radio(
                [SURFACE, CORNER], value=SURFACE, label="A click marks a", elem_id="marks", container=False
            )
            self.segment = gr.Button("Find the wall", size="sm", elem_id="segment")
            with gr.Row(elem_classes="tools"):
                self.undo = gr.Button("Undo", size="sm", elem_id="undo", min_width=70)
                self.start_over = gr.Button("Clear", size="sm", elem_id="start-over", min_width=70)
                self.mask = gr.UploadButton(
                    "Load mask", size="sm", file_types=[*_PICTURES, ".zip"], elem_id="mask", min_width=70
                )
                self.another = gr.Button("New photo", size="sm", elem_id="another", min_width=70)

    def _color(self, service: Service) -> None:
        with gr.Column(elem_classes="step"):
            gr.HTML(wording.step_title(2, "Pick its colour"))
            with gr.Row(elem_classes="color-row"):
                self.picker = gr.ColorPicker(
                    _FIRST_COLOR, label="Pick", elem_id="picker", min_width=60, scale=0, container=False
                )
                self.color = gr.Textbox(
                    _FIRST_COLOR,
                    label="Colour: #hex, r,g,b, lab() or a name",
                    elem_id="color",
                    max_lines=1,
                    min_width=150,
                    container=False,
                )
            choices = [
                (f"{name}  {color.hex}", color.hex)
                for catalog in (*service.engines.catalogs, css_colors())
                for name, color in catalog.items()
            ]
            self.catalog = gr.Dropdown(
                choices,
                value=None,
                label="Or search the catalogue",
                filterable=True,
                elem_id="catalog",
            )
            with gr.Accordion("Take a colour from another picture", open=False):
                self.other = gr.UploadButton("Choose a picture", file_types=_PICTURES, size="sm", elem_id="other")
                self.eyedropper = gr.Image(
                    format="png",
                    type="numpy",
                    interactive=False,
                    visible=False,
                    show_label=False,
                    buttons=[],
                    elem_id="eyedropper",
                )

    def _options(self, service: Service) -> None:
        names = service.engines.names
        with gr.Accordion("Options", open=False):
            self.engine = gr.Radio(list(names), value=names[0], label="Engine", visible=len(names) > 1)
            self.edges = gr.Radio(
                [("Refined to the pixel", "refined"), ("Kept strictly", "hard")],
                value="refined",
                label="The wall's edge",
                elem_id="edges",
            )
            self.bounce = gr.Checkbox(
                False, label="Reflected light: also paint new light on ceiling, floor and furniture", elem_id="bounce"
            )
            self.steps = gr.Slider(
                4, 50, 20, step=1, label="Quality (steps of the diffusion engine)", visible=len(names) > 1
            )

    def _strip(self) -> None:
        with gr.Accordion("Try many colours", open=False, elem_id="strip"):
            with gr.Row(equal_height=True):
                self.palette = gr.Textbox(
                    _PALETTE, label="Colours, with ; between", max_lines=2, scale=5, min_width=220
                )
                self.try_all = gr.Button("Try these", elem_id="try", scale=1, min_width=120)
            self.gallery = gr.Gallery(
                format="png",
                columns=4,
                height="auto",
                allow_preview=False,
                show_label=False,
                interactive=False,
                buttons=[],
                elem_id="gallery",
            )


def _wire(parts: _Parts, bench: Workbench, colors: Colors) -> None:
    view = [getattr(parts, name) for name in VIEW]
    private: dict[str, Any] = {"api_visibility": "private", "show_progress": "hidden"}
    # Gradio loses an event that starts while the stream of the previous event is being closed. Events that can overlap
    # with the user's next action must therefore not use the queue.
    at_once = {**private, "queue": False}
    how = [parts.engine, parts.edges, parts.steps, parts.bounce]

    async def clicked(session: Session, kind: str, marks: str, event: gr.SelectData) -> Views:
        async for each in bench.click(session, kind, marks, (int(event.index[0]), int(event.index[1]))):
            yield each

    async def added(session: Session, drawn: dict[str, object]) -> Views:
        async for each in bench.brush(session, drawn, True):
            yield each

    async def removed(session: Session, drawn: dict[str, object]) -> Views:
        async for each in bench.brush(session, drawn, False):
            yield each

    async def chosen(
        session: Session, tried: str, engine: str, edges: Edges, steps: int, bounce: bool, event: gr.SelectData
    ) -> Views:
        async for each in bench.paint_tried(session, tried, int(event.index), engine, edges, steps, bounce):
            yield each

    def picked(picture: Any, event: gr.SelectData) -> str:
        return pictures.color_at(picture, int(event.index[0]), int(event.index[1])).hex

    def as_hex(color: str) -> Any:
        parsed = colors.parsed(color)
        return gr.skip() if parsed is None else parsed.hex

    session = parts.session
    parts.photo.upload(bench.load, [session, parts.photo], view, **private).then(
        lambda: None, None, parts.photo, **at_once
    )
    parts.sample.click(bench.sample, [session], view, **private)
    parts.next_wall.click(bench.next_wall, [session], view, **private)
    parts.another.click(bench.another, [session], view, **at_once)
    parts.canvas.select(clicked, [session, parts.kind, parts.marks], view, **private)
    parts.add.click(added, [session, parts.editor], view, **private)
    parts.take.click(removed, [session, parts.editor], view, **private)
    parts.segment.click(bench.segment, [session], view, **private)
    parts.mask.upload(bench.load_mask, [session, parts.mask, *how], view, **private)
    parts.undo.click(bench.undo, [session, *how], view, **private)
    parts.start_over.click(bench.start_over, [session], view, **private)
    parts.brush_tab.select(_as_background, [parts.canvas], [parts.editor], **at_once)

    parts.picker.input(as_hex, [parts.picker], [parts.color], **at_once)
    parts.color.change(as_hex, [parts.color], [parts.picker], **at_once)
    parts.catalog.input(lambda color: color, [parts.catalog], [parts.color], **at_once)
    parts.other.upload(colors.sampled_picture, [parts.other], [parts.eyedropper], **private)
    parts.eyedropper.select(picked, [parts.eyedropper], [parts.color], **at_once)

    painting = [session, parts.color, *how]
    painted = [
        parts.paint.click(bench.paint, painting, view, **private),
        parts.color.submit(bench.paint, painting, view, **private),
        parts.gallery.select(chosen, [session, parts.palette, *how], view, **private),
    ]
    tried = parts.try_all.click(bench.palette, [session, parts.palette, *how], view, **private)
    for event in painted:
        event.then(None, None, None, js=_SHOW_PICTURE, **private)
    # A running job shows the button at every step, so it is hidden only after all jobs have ended.
    parts.cancel.click(None, None, None, cancels=[*painted, tried], **private).then(
        bench.stopped, [session], view, **at_once
    )


def _as_background(canvas: Image.Image | None) -> Any:
    return gr.skip() if canvas is None else {"background": canvas, "layers": [], "composite": None}
