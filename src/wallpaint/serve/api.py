"""The HTTP API: every route a thin call into the service, through its queue."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from importlib.metadata import version
from typing import Annotated, Any

from wallpaint.errors import MissingExtraError

try:
    from fastapi import APIRouter, FastAPI, File, Form, Query, Request, Response, UploadFile
    from fastapi.responses import RedirectResponse
except ImportError as error:
    raise MissingExtraError("The service", "web") from error

from wallpaint.color import css_colors, nearest_of_all, parse_color
from wallpaint.errors import SettingError
from wallpaint.photo import Edges
from wallpaint.serve import answers
from wallpaint.serve.admission import BoundedBody, TokenGuard
from wallpaint.serve.forms import ARecipe, ARoom, ColorText, InvertMask, Pattern, TheMarks, content_of
from wallpaint.serve.metrics import CountedRequests, ServiceMetrics
from wallpaint.serve.problems import answer_errors_as_problems, problem
from wallpaint.serve.queue import Job
from wallpaint.serve.service import Service
from wallpaint.serve.uploads import noted
from wallpaint.sheet import contact_sheet

_LOOK_AFTER_CLIENT = 1.0  # seconds between two looks whether it is still there
_SAMPLE_ROOM = "curl -F image=@room.jpg -F mask=@wall.png -F color=%23B9A08C HOST/v1/paint -o painted.png"


def create_app(service: Service, *, token: str | None = None, page: bool = True) -> FastAPI:
    """The API of a service, and its page under ``/ui``.

    Parameters
    ----------
    service : Service
        Closed when the app ends.
    token : str, optional
        What every request must bring, but for ``/healthz`` and ``/readyz``.
    page : bool
        False leaves the page out.
    """

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        yield
        service.close()

    app = FastAPI(
        title="wallpaint",
        version=version("wallpaint"),
        summary="Repaint the wall of a photo in exactly the colour you ask for.",
        description=f"Photo, mask and colour in; the painted photo out, with how true it is:\n\n    {_SAMPLE_ROOM}",
        lifespan=lifespan,
    )
    metrics = ServiceMetrics(service)
    answer_errors_as_problems(app)
    app.include_router(_operations(service, metrics))
    app.include_router(_rooms(service), prefix="/v1", responses=answers.PROBLEMS)
    app.include_router(_painting(service, metrics), prefix="/v1", responses=answers.PROBLEMS)
    if page:
        _mount_page(app, service)
    app.add_middleware(BoundedBody, limits=service.limits, queue=service.queue)
    if token:
        app.add_middleware(TokenGuard, token=token)
    app.add_middleware(CountedRequests, metrics=metrics)
    return app


def _mount_page(app: FastAPI, service: Service) -> None:
    try:
        import gradio
    except ImportError as error:
        raise MissingExtraError("The page", "web") from error
    from wallpaint.serve.page import create_page, css, theme

    gradio.mount_gradio_app(
        app,
        create_page(service),
        path="/ui",
        theme=theme(),
        css=css(),
        show_error=True,
        footer_links=[],
        run_history=False,
        ssr_mode=False,
        max_file_size=service.limits.request_bytes,
    )


def _operations(service: Service, metrics: ServiceMetrics) -> APIRouter:
    routes = APIRouter(tags=["operations"])

    @routes.get("/", include_in_schema=False)
    async def page() -> RedirectResponse:
        return RedirectResponse("/ui/")

    @routes.get("/healthz", summary="Is the process alive?")
    async def healthz() -> answers.Health:
        return answers.Health(status="ok")

    @routes.get("/readyz", summary="Would work be taken now?", responses=_only(429, 503))
    async def readyz() -> answers.Health:
        service.queue.admit()
        return answers.Health(status="ready", engines=list(service.engines.names))

    @routes.get("/metrics", summary="For Prometheus.", response_class=Response)
    async def prometheus() -> Response:
        return metrics.response()

    return routes


def _rooms(service: Service) -> APIRouter:
    routes = APIRouter(tags=["rooms"])
    seconds = service.limits.room_seconds

    @routes.post("/rooms", status_code=201, response_model=answers.RoomAnswer, summary="Open a photo for many colours.")
    async def open_room(request: Request, form: ARoom) -> Response:
        sent = await form.read()
        if sent.image is None:
            raise SettingError("send the photo to open as image.")

        def work(_: Job[Any]) -> Response:
            with noted() as notes:
                room = service.open(sent)
            return answers.json_response(answers.room_answer(room, seconds, notes), 201)

        return await _until_done(service, request, work)

    @routes.get("/rooms/{room}", summary="Is it still open?")
    async def look_up(room: str) -> answers.RoomAnswer:
        return answers.room_answer(service.rooms.get(room), seconds, [])

    @routes.delete("/rooms/{room}", status_code=204, summary="Close it now.")
    async def close_room(room: str) -> None:
        service.rooms.close(room)

    @routes.get(
        "/rooms/{room}/mask",
        response_class=Response,
        responses={200: {"content": answers.PNG_CONTENT, "description": "White is wall."}},
        summary="Its wall.",
    )
    async def wall_of(room: str) -> Response:
        return await service.queue.run(lambda _: answers.mask_answer(service.wall_of(room)))

    @routes.get(
        "/rooms/{room}/painted",
        response_model=answers.PaintedAnswer,
        responses={200: {"content": answers.PNG_CONTENT, "description": "As of /v1/paint."}},
        summary="As it was painted last.",
    )
    async def last_painted(room: str, request: Request) -> Response:
        answer = answers.painted_json if _accepts_only_json(request) else answers.painted_png
        return await service.queue.run(lambda _: answer(service.painted(room), []))

    @routes.get("/rooms/{room}/report", response_model=answers.ReportAnswer, summary="How it was painted, in figures.")
    async def report(room: str) -> Response:
        return answers.json_response(answers.report(service.painted(room)))

    @routes.post(
        "/mask",
        response_class=Response,
        responses={200: {"content": answers.PNG_CONTENT, "description": "The mask: white is wall."}},
        summary="Find the wall by clicks and polygons.",
        description="Of an open room, what is found becomes the wall. Where neither `keep` nor `polygon` says what is "
        "wall, a model finds it, if the wall segmenter is on this machine.",
    )
    async def select(request: Request, form: ARoom, marks: TheMarks) -> Response:
        sent = await form.read()

        def work(_: Job[Any]) -> Response:
            return answers.mask_answer(service.select(sent, marks.clicks, marks.polygons))

        return await _until_done(service, request, work)

    return routes


def _painting(service: Service, metrics: ServiceMetrics) -> APIRouter:
    routes = APIRouter(tags=["painting"])

    @routes.post(
        "/paint",
        response_model=answers.PaintedAnswer,
        responses={200: {"content": answers.PNG_CONTENT, "description": "A PNG, or JSON if that alone is accepted."}},
        summary="Paint a wall.",
    )
    async def paint(
        request: Request, form: ARoom, how: ARecipe, color: ColorText = None, reference: Pattern = None
    ) -> Response:
        sent, recipe, pattern = await form.read(), how.recipe(), await content_of(reference)
        answer = answers.painted_json if _accepts_only_json(request) else answers.painted_png

        def work(job: Job[Any]) -> Response:
            with noted() as notes:
                painted = service.paint(sent, service.reference(color or None, pattern), recipe, job)
            metrics.delta_e.labels(recipe.engine).observe(painted.metrics.get("delta_e_2000_median", float("nan")))
            return answer(painted, notes)

        return await _until_done(service, request, work)

    @routes.post(
        "/palette",
        response_model=answers.PaletteAnswer,
        responses={
            200: {"content": answers.PNG_CONTENT, "description": "JSON, or one sheet of all if PNG is accepted."}
        },
        summary="Try many colours on one wall.",
    )
    async def palette(
        request: Request,
        form: ARoom,
        how: ARecipe,
        color: Annotated[list[str], Form(description="As in /v1/paint; once for each colour.", examples=[["#B9A08C"]])],
        longest: Annotated[int, Form(ge=16, le=2048, description="Pixels on the longer side of a preview.")] = 480,
    ) -> Response:
        sent, recipe = await form.read(), how.recipe()
        colors = [parse_color(each, service.engines.catalogs) for each in color]
        as_sheet = "image/png" in request.headers.get("accept", "")

        def work(job: Job[Any]) -> Response:
            with noted() as notes:
                tried = service.palette(sent, colors, recipe, longest, job)
            if as_sheet:
                captions = [f"{one.color}  {one.metrics.get('delta_e_2000_median', 0):.2f}" for one in tried]
                sheet = contact_sheet(list(zip(captions, [one.preview for one in tried], strict=True)))
                return answers.sheet_answer(sheet)
            return answers.json_response(answers.palette_answer(tried, notes))

        return await _until_done(service, request, work)

    @routes.post("/measure", response_model=answers.MeasuredAnswer, summary="How true is a painted picture?")
    async def measure(
        request: Request,
        image: Annotated[UploadFile, File(description="The painted picture.")],
        mask: Annotated[UploadFile, File(description="White is wall.")],
        color: ColorText = None,
        reference: Pattern = None,
        source: Annotated[UploadFile | None, File(description="The photo before painting.")] = None,
        edges: Annotated[Edges, Form(description="How it was painted.")] = "refined",
        invert_mask: InvertMask = False,
    ) -> Response:
        painted, wall = await image.read(), await mask.read()
        before, pattern = await content_of(source), await content_of(reference)

        def work(_: Job[Any]) -> Response:
            with noted() as notes:
                asked = service.reference(color or None, pattern)
                values = service.measure(painted, wall, asked, before, edges, invert_mask)
            name = asked.hex if hasattr(asked, "hex") else asked.color.hex
            return answers.json_response(answers.MeasuredAnswer(reference=name, metrics=values, notes=notes))

        return await _until_done(service, request, work)

    @routes.get("/colors", summary="Find a colour's name, or the names near a colour.")
    async def colors(
        words: Annotated[str, Query(max_length=200, description="Words in the name; all if none.")] = "",
        near: Annotated[str | None, Query(max_length=200, description="Instead: nearest to this one first.")] = None,
        count: Annotated[int, Query(ge=1, le=1000)] = 100,
    ) -> answers.ColorsAnswer:
        catalogs = [*service.engines.catalogs, css_colors()]
        if near:
            found = nearest_of_all(catalogs, parse_color(near, catalogs), count)
            return answers.ColorsAnswer(colors=[answers.named_color(*one) for one in found])
        named = [answers.named_color(each.title, color) for each in catalogs for color in each.search(words)]
        return answers.ColorsAnswer(colors=named[:count])

    return routes


async def _until_done(service: Service, request: Request, work: Callable[[Job[Any]], Response]) -> Response:
    """Work's answer; work whose client has gone is stopped."""
    waiting = asyncio.ensure_future(service.queue.run(work))
    while not (await asyncio.wait({waiting}, timeout=_LOOK_AFTER_CLIENT))[0]:
        if await request.is_disconnected():
            waiting.cancel()
            return problem(408, "the client left before the answer was there.")
    return waiting.result()


def _accepts_only_json(request: Request) -> bool:
    accepted = request.headers.get("accept", "")
    return "application/json" in accepted and "image/png" not in accepted and "*/*" not in accepted


def _only(*statuses: int) -> dict[int | str, dict[str, object]]:
    return {status: answers.PROBLEMS[status] for status in statuses}
