"""Routes for painting, palettes, measuring and colour names."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, File, Form, Query, Request, Response, UploadFile

from wallpaint.color import MAX_COLOR_LENGTH, css_colors, nearest_of_all, parse_color
from wallpaint.mask import Edges
from wallpaint.mask.select import LEAST_CONFIDENCE
from wallpaint.serve.api import responses
from wallpaint.serve.api.clients import accepts_only_json, until_done
from wallpaint.serve.api.requests import (
    ARoom,
    ColorText,
    InvertMask,
    PaintOptionsParts,
    Pattern,
    TheMarks,
    content_of,
)
from wallpaint.serve.api.uploads import collect_notes
from wallpaint.serve.metrics import ServiceMetrics
from wallpaint.serve.queue import Job
from wallpaint.serve.service import Service
from wallpaint.sheet import contact_sheet

_WALL = (
    "The wall is that of the mask, or of the open room. Points and polygons select another, and correct a mask that is "
    f"sent with them. Without any of these, all walls are found; a confidence below {LEAST_CONFIDENCE:g} is a problem "
    "(422) whose detail shows how to mark a point."
)


def painting_routes(service: Service, metrics: ServiceMetrics) -> APIRouter:
    """Router for painting, palettes, measuring and colour names."""
    routes = APIRouter(tags=["painting"])

    @routes.post(
        "/paint",
        response_model=responses.PaintedResponse,
        responses={
            200: {
                "content": responses.PNG_CONTENT,
                "headers": responses.WALL_HEADERS,
                "description": "PNG; JSON if the client accepts no PNG.",
            }
        },
        summary="Paint a wall.",
        description=_WALL,
    )
    async def paint(
        request: Request,
        form: ARoom,
        marks: TheMarks,
        how: PaintOptionsParts,
        color: ColorText = None,
        reference: Pattern = None,
    ) -> Response:
        sent, options, pattern = await form.read(), how.options(), await content_of(reference)
        to_response = responses.painted_json if accepts_only_json(request) else responses.painted_png

        def work(job: Job[Any]) -> Response:
            with collect_notes() as notes:
                room = service.paint(sent, service.reference(color or None, pattern), options, job, marks)
            measured = room.required_painting.metrics
            metrics.delta_e.labels(options.engine).observe(measured.get("delta_e_2000_median", float("nan")))
            return to_response(room, notes)

        return await until_done(service, request, work)

    @routes.post(
        "/palette",
        response_model=responses.PaletteResponse,
        responses={
            200: {
                "content": responses.PNG_CONTENT,
                "headers": responses.WALL_HEADERS,
                "description": "JSON; one contact sheet if the client accepts PNG.",
            }
        },
        summary="Paint one wall in several colours.",
        description=_WALL,
    )
    async def palette(
        request: Request,
        form: ARoom,
        marks: TheMarks,
        how: PaintOptionsParts,
        color: Annotated[list[str], Form(description="As in /v1/paint; one field per colour.", examples=[["#B9A08C"]])],
        longest: Annotated[int, Form(ge=16, le=2048, description="Longer side of a preview, pixels.")] = 480,
    ) -> Response:
        sent, options = await form.read(), how.options()
        colors = service.colors(color)
        as_sheet = "image/png" in request.headers.get("accept", "")

        def work(job: Job[Any]) -> Response:
            with collect_notes() as notes:
                tried = service.palette(sent, colors, options, longest, job, marks)
            if as_sheet:
                captions = [f"{one.color}  {one.metrics.get('delta_e_2000_median', 0):.2f}" for one in tried.colors]
                sheet = contact_sheet(list(zip(captions, [one.preview for one in tried.colors], strict=True)))
                return responses.sheet_response(sheet, tried.found)
            return responses.json_response(responses.palette_response(tried, notes))

        return await until_done(service, request, work)

    @routes.post(
        "/measure",
        response_model=responses.MeasuredResponse,
        summary="Measure a painted picture.",
    )
    async def measure(
        request: Request,
        image: Annotated[UploadFile, File(description="Painted picture.")],
        mask: Annotated[UploadFile, File(description="Mask of the wall; white is wall.")],
        color: ColorText = None,
        reference: Pattern = None,
        source: Annotated[UploadFile | None, File(description="Photo before painting, of the same size.")] = None,
        edges: Annotated[Edges, Form(description="Edge mode of the painting.")] = "refined",
        invert_mask: InvertMask = False,
    ) -> Response:
        painted, wall = await image.read(), await mask.read()
        before, pattern = await content_of(source), await content_of(reference)

        def work(_: Job[Any]) -> Response:
            with collect_notes() as notes:
                wanted = service.reference(color or None, pattern)
                values = service.measure(painted, wall, wanted, before, edges, invert_mask)
            name = wanted.hex if hasattr(wanted, "hex") else wanted.color.hex
            return responses.json_response(responses.MeasuredResponse(reference=name, metrics=values, notes=notes))

        return await until_done(service, request, work)

    @routes.get("/colors", summary="Search colours by name, or find the nearest named colours.")
    async def colors(
        words: Annotated[str, Query(max_length=MAX_COLOR_LENGTH, description="Words in the name; empty: all.")] = "",
        near: Annotated[
            str | None,
            Query(
                max_length=MAX_COLOR_LENGTH,
                description="Instead of words: a colour; nearest first.",
            ),
        ] = None,
        count: Annotated[int, Query(ge=1, le=1000)] = 100,
    ) -> responses.ColorsResponse:
        catalogs = [*service.engines.catalogs, css_colors()]
        if near:
            found = nearest_of_all(catalogs, parse_color(near, catalogs), count)
            return responses.ColorsResponse(colors=[responses.named_color(*one) for one in found])
        named = [responses.named_color(each.title, color) for each in catalogs for color in each.search(words)]
        return responses.ColorsResponse(colors=named[:count])

    return routes
