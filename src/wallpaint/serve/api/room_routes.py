"""Routes for open rooms and their walls."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, File, Request, Response, UploadFile

from wallpaint.errors import SettingError
from wallpaint.serve.api import responses
from wallpaint.serve.api.clients import accepts_only_json, until_done
from wallpaint.serve.api.requests import ARoom, PaintOptionsParts, TheMarks
from wallpaint.serve.api.uploads import collect_notes
from wallpaint.serve.queue import Job
from wallpaint.serve.service import SentRoom, Service


def room_routes(service: Service) -> APIRouter:
    """Router for open rooms and their walls."""
    routes = APIRouter(tags=["rooms"])
    seconds = service.limits.room_seconds

    @routes.post(
        "/rooms",
        status_code=201,
        response_model=responses.RoomResponse,
        summary="Open a photo as a room.",
    )
    async def open_room(request: Request, form: ARoom) -> Response:
        sent = await form.read()
        if sent.image is None:
            raise SettingError("no photo was sent. Send the photo to open as image.")

        def work(_: Job[Any]) -> Response:
            with collect_notes() as notes:
                room = service.open(sent)
            return responses.json_response(responses.room_response(room, seconds, notes), 201)

        return await until_done(service, request, work)

    @routes.get("/rooms/{room}", summary="State of an open room.")
    async def get_room(room: str) -> responses.RoomResponse:
        return responses.room_response(service.rooms.get(room), seconds, [])

    @routes.delete("/rooms/{room}", status_code=204, summary="Close a room.")
    async def close_room(room: str) -> None:
        service.rooms.close(room)

    @routes.get(
        "/rooms/{room}/mask",
        response_class=Response,
        responses={200: {"content": responses.PNG_CONTENT, "description": "White is wall."}},
        summary="Mask of the wall.",
    )
    async def wall_of(room: str) -> Response:
        return await service.queue.run(lambda _: responses.mask_response(service.rooms.get(room)))

    @routes.get(
        "/rooms/{room}/painted",
        response_model=responses.PaintedResponse,
        responses={200: {"content": responses.PNG_CONTENT, "description": "As in /v1/paint."}},
        summary="Last painting of the room.",
    )
    async def last_painted(room: str, request: Request) -> Response:
        to_response = responses.painted_json if accepts_only_json(request) else responses.painted_png
        return await service.queue.run(lambda _: to_response(service.painted(room), []))

    @routes.get(
        "/rooms/{room}/report",
        response_model=responses.ReportResponse,
        summary="Settings and metrics of the painting.",
    )
    async def report(room: str) -> Response:
        return responses.json_response(responses.report_response(service.painted(room)))

    @routes.post(
        "/rooms/{room}/next",
        status_code=201,
        response_model=responses.RoomResponse,
        summary="Open the last painting as a new room, for another wall.",
    )
    async def next_wall(room: str) -> Response:
        opened = await service.queue.run(lambda _: service.next_wall(room))
        return responses.json_response(responses.room_response(opened, seconds, []), 201)

    @routes.get(
        "/rooms/{room}/layers",
        response_class=Response,
        responses={
            200: {
                "content": responses.ZIP_CONTENT,
                "description": "ZIP archive: masks and layers.json.",
            }
        },
        summary="All walls of the room with their colours.",
    )
    async def layers(room: str) -> Response:
        return Response(await service.queue.run(lambda _: service.layers_of(room)), media_type="application/zip")

    @routes.post(
        "/rooms/{room}/layers",
        status_code=201,
        response_model=responses.RoomResponse,
        summary="Paint all walls of an archive, each in its colour.",
        description="Returns the room of the last wall. `GET /v1/rooms/ID/painted` returns the complete picture.",
    )
    async def paint_layers(
        room: str,
        request: Request,
        how: PaintOptionsParts,
        layers: Annotated[UploadFile, File(description="ZIP archive: a mask for each wall, and layers.json.")],
    ) -> Response:
        archive, options = await layers.read(), how.options()

        def work(job: Job[Any]) -> Response:
            with collect_notes() as notes:
                last = service.paint_layers(SentRoom(room=room), archive, options, job)[-1]
            return responses.json_response(responses.room_response(last, seconds, notes), 201)

        return await until_done(service, request, work)

    @routes.post(
        "/mask",
        response_model=responses.MaskResponse,
        responses={
            200: {
                "content": responses.PNG_CONTENT,
                "headers": responses.WALL_HEADERS,
                "description": "PNG mask, white is wall; JSON if the client accepts no PNG.",
            }
        },
        summary="Find the wall, or select it with points and polygons.",
        description="Without points and polygons all walls are found, whatever the confidence. Points and polygons "
        "correct a mask that is sent with them. If the room is open, the result becomes its wall.",
    )
    async def select(request: Request, form: ARoom, marks: TheMarks) -> Response:
        sent = await form.read()
        to_response = responses.mask_json if accepts_only_json(request) else responses.mask_response

        def work(_: Job[Any]) -> Response:
            return to_response(service.select(sent, marks))

        return await until_done(service, request, work)

    return routes
