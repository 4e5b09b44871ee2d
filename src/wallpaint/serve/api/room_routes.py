"""Routes of rooms that are open, and of their walls."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, File, Request, Response, UploadFile

from wallpaint.errors import SettingError
from wallpaint.serve.api import responses
from wallpaint.serve.api.clients import accepts_only_json, until_done
from wallpaint.serve.api.requests import ARecipe, ARoom, TheMarks
from wallpaint.serve.api.uploads import noted
from wallpaint.serve.queue import Job
from wallpaint.serve.service import SentRoom, Service


def room_routes(service: Service) -> APIRouter:
    """The routes of open rooms and their walls."""
    routes = APIRouter(tags=["rooms"])
    seconds = service.limits.room_seconds

    @routes.post(
        "/rooms", status_code=201, response_model=responses.RoomResponse, summary="Open a photo for many colours."
    )
    async def open_room(request: Request, form: ARoom) -> Response:
        sent = await form.read()
        if sent.image is None:
            raise SettingError("send the photo to open as image.")

        def work(_: Job[Any]) -> Response:
            with noted() as notes:
                room = service.open(sent)
            return responses.json_response(responses.room_answer(room, seconds, notes), 201)

        return await until_done(service, request, work)

    @routes.get("/rooms/{room}", summary="Is it still open?")
    async def look_up(room: str) -> responses.RoomResponse:
        return responses.room_answer(service.rooms.get(room), seconds, [])

    @routes.delete("/rooms/{room}", status_code=204, summary="Close it now.")
    async def close_room(room: str) -> None:
        service.rooms.close(room)

    @routes.get(
        "/rooms/{room}/mask",
        response_class=Response,
        responses={200: {"content": responses.PNG_CONTENT, "description": "White is wall."}},
        summary="Its wall.",
    )
    async def wall_of(room: str) -> Response:
        return await service.queue.run(lambda _: responses.mask_answer(service.wall_of(room)))

    @routes.get(
        "/rooms/{room}/painted",
        response_model=responses.PaintedAnswer,
        responses={200: {"content": responses.PNG_CONTENT, "description": "As of /v1/paint."}},
        summary="As it was painted last.",
    )
    async def last_painted(room: str, request: Request) -> Response:
        answer = responses.painted_json if accepts_only_json(request) else responses.painted_png
        return await service.queue.run(lambda _: answer(service.painted(room), []))

    @routes.get(
        "/rooms/{room}/report", response_model=responses.ReportAnswer, summary="How it was painted, in figures."
    )
    async def report(room: str) -> Response:
        return responses.json_response(responses.report(service.painted(room)))

    @routes.post(
        "/rooms/{room}/next",
        status_code=201,
        response_model=responses.RoomResponse,
        summary="Open it as it was painted last, for another wall in another colour.",
    )
    async def next_wall(room: str) -> Response:
        opened = await service.queue.run(lambda _: service.next_wall(room))
        return responses.json_response(responses.room_answer(opened, seconds, []), 201)

    @routes.get(
        "/rooms/{room}/layers",
        response_class=Response,
        responses={200: {"content": responses.ZIP_CONTENT, "description": "A mask for each wall, and layers.json."}},
        summary="All its walls with their colours.",
    )
    async def layers(room: str) -> Response:
        return Response(await service.queue.run(lambda _: service.layers_of(room)), media_type="application/zip")

    @routes.post(
        "/rooms/{room}/layers",
        status_code=201,
        response_model=responses.RoomResponse,
        summary="Paint all walls of such an archive, each in its colour.",
        description="The answer is the room of the last wall: `GET /v1/rooms/ID/painted` is the whole picture.",
    )
    async def paint_layers(
        room: str,
        request: Request,
        how: ARecipe,
        layers: Annotated[UploadFile, File(description="A ZIP archive: a mask for each wall, and layers.json.")],
    ) -> Response:
        archive, options = await layers.read(), how.recipe()

        def work(job: Job[Any]) -> Response:
            with noted() as notes:
                last = service.paint_layers(SentRoom(room=room), archive, options, job)[-1]
            return responses.json_response(responses.room_answer(last, seconds, notes), 201)

        return await until_done(service, request, work)

    @routes.post(
        "/mask",
        response_class=Response,
        responses={200: {"content": responses.PNG_CONTENT, "description": "The mask: white is wall."}},
        summary="Find the wall by clicks and polygons.",
        description="Of an open room, what is found becomes the wall. Where neither `keep` nor `polygon` says what is "
        "wall, a model finds it, if the wall segmenter is on this machine.",
    )
    async def select(request: Request, form: ARoom, marks: TheMarks) -> Response:
        sent = await form.read()

        def work(_: Job[Any]) -> Response:
            return responses.mask_answer(service.select(sent, marks.clicks, marks.polygons))

        return await until_done(service, request, work)

    return routes
