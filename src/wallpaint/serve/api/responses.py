"""What the API answers with, as it is documented in OpenAPI."""

from __future__ import annotations

import base64
import json
from collections.abc import Mapping

import numpy as np
from fastapi.responses import Response
from pydantic import BaseModel, Field

from wallpaint.color import Color
from wallpaint.metrics import Metrics, json_text
from wallpaint.painter import Repaint
from wallpaint.photo import mask_png, photo_png, png_bytes
from wallpaint.serve.api.problem_details import PROBLEM_TYPE
from wallpaint.serve.rooms import OpenRoom
from wallpaint.serve.service import TriedColor

MeasuredValues = Mapping[str, float | int | bool | None]
_MEANING = (
    "`delta_e_2000_median` is CIEDE2000 of the wall's median to what was asked for; null: no value, as greys' hue."
)


class Problem(BaseModel):
    """What went wrong, and the cure (RFC 9457)."""

    type: str = "about:blank"
    title: str = Field(examples=["Unprocessable Entity"])
    status: int = Field(examples=[422])
    detail: str = Field(examples=["mask: the mask covers no pixel (0 of 442,368). White means wall; is it inverted?"])


class RoomResponse(BaseModel):
    """A photo that is open."""

    room: str = Field(description="Its id.", examples=["aB3dE5gH7jK9mN1p"])
    width: int
    height: int
    has_wall: bool = Field(description="Whether it has a wall to paint; else click one at /v1/mask, or send a mask.")
    bytes: int = Field(description="Memory it takes.")
    seconds_left: float = Field(description="It is closed after so long without use.")
    notes: list[str] = Field(default=[], description="What was mended or guessed while reading.")


class ReportAnswer(BaseModel):
    """How a photo was painted, and how true it is."""

    reference: str = Field(examples=["#b9a08c"])
    metrics: MeasuredValues = Field(description=_MEANING, examples=[{"delta_e_2000_median": 0.0}])
    engine: dict[str, str] = Field(examples=[{"engine": "albedo"}])
    edge_width: int = Field(description="Pixels to either side of the mask's edge that were refined.")


class PaintedAnswer(ReportAnswer):
    """A painted photo and how true it is."""

    notes: list[str] = []
    image: str = Field(description="PNG, base64.")


class TriedAnswer(BaseModel):
    """One colour of a palette."""

    color: str = Field(examples=["#b9a08c"])
    name: str | None = None
    metrics: MeasuredValues = Field(description=_MEANING)
    preview: str = Field(description="PNG, base64.")


class PaletteAnswer(BaseModel):
    """Colours on the same wall, in the order they were asked for."""

    colors: list[TriedAnswer]
    notes: list[str] = []


class MeasuredAnswer(BaseModel):
    """How true a painted picture is."""

    reference: str = Field(examples=["#b9a08c"])
    metrics: MeasuredValues = Field(description=_MEANING)
    notes: list[str] = []


class NamedColor(BaseModel):
    """A colour of a catalogue."""

    name: str | None = Field(examples=["tan"])
    hex: str = Field(examples=["#d2b48c"])
    rgb: tuple[int, int, int]
    lab: tuple[float, float, float] = Field(description="CIELAB, D65 / 2°.")
    catalog: str = Field(examples=["css"])
    delta_e_2000: float | None = Field(default=None, description="To the colour given as `near`.")


class ColorsAnswer(BaseModel):
    """Colours by name, or the nearest ones first."""

    colors: list[NamedColor]


class Health(BaseModel):
    """How the service is."""

    status: str = Field(examples=["ok"])
    engines: list[str] = Field(default=[], examples=[["albedo"]])


PNG_CONTENT = {"image/png": {"schema": {"type": "string", "format": "binary"}}}
ZIP_CONTENT = {"application/zip": {"schema": {"type": "string", "format": "binary"}}}
PROBLEMS: dict[int | str, dict[str, object]] = {
    status: {
        "model": Problem,
        "description": meaning,
        "content": {PROBLEM_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}}},
    }
    for status, meaning in {
        400: "The form cannot be read.",
        401: "The token is missing or wrong.",
        404: "No such room is open.",
        413: "Too many bytes or pixels.",
        415: "A picture cannot be read: no picture, damaged, or of a kind that has no pixels.",
        422: "Something in the request cannot be; the detail says what, and the cure.",
        429: "Too much work waits; the header Retry-After says when to ask again.",
        503: "The service starts or shuts down.",
        504: "It took longer than this service allows.",
    }.items()
}


def json_response(answer: BaseModel, status: int = 200) -> Response:
    """An answer as strict JSON: what could not be measured is null."""
    return Response(json_text(answer.model_dump()), status, media_type="application/json")


def room_answer(room: OpenRoom, seconds: float, notes: list[str]) -> RoomResponse:
    height, width = room.shape
    return RoomResponse(
        room=room.id,
        width=width,
        height=height,
        has_wall=room.wall is not None,
        bytes=room.bytes,
        seconds_left=seconds,
        notes=notes,
    )


def painted_png(painted: Repaint, notes: list[str]) -> Response:
    """The picture; what was measured is in its headers, and with its provenance in the file."""
    headers = {
        "X-Wallpaint-Reference": painted.color.hex,
        "X-Wallpaint-Delta-E": f"{painted.metrics.get('delta_e_2000_median', float('nan')):.4f}",
        "X-Wallpaint-Metrics": _one_line(painted.metrics),
        "X-Wallpaint-Notes": _one_line(notes),
    }
    return Response(photo_png(painted.image, painted.provenance()), headers=headers, media_type="image/png")


def report(painted: Repaint) -> ReportAnswer:
    return ReportAnswer(
        reference=painted.color.hex,
        metrics=painted.metrics,
        engine=dict(painted.engine),
        edge_width=painted.region.edge_width,
    )


def painted_json(painted: Repaint, notes: list[str]) -> Response:
    """The picture in base64 beside what was measured."""
    image = _base64(photo_png(painted.image, painted.provenance()))
    return json_response(PaintedAnswer(**report(painted).model_dump(), notes=notes, image=image))


def palette_answer(tried: list[TriedColor], notes: list[str]) -> PaletteAnswer:
    colors = [
        TriedAnswer(
            color=one.color.hex,
            name=one.color.name,
            metrics=one.metrics,
            preview=_base64(png_bytes(np.asarray(one.preview))),
        )
        for one in tried
    ]
    return PaletteAnswer(colors=colors, notes=notes)


def named_color(catalog: str, color: Color, delta: float | None = None) -> NamedColor:
    lightness, a, b = (round(float(value), 3) for value in color.lab)
    return NamedColor(
        name=color.name,
        hex=color.hex,
        rgb=color.rgb8,
        lab=(lightness, a, b),
        catalog=catalog,
        delta_e_2000=None if delta is None else round(delta, 4),
    )


def mask_answer(wall: np.ndarray) -> Response:
    """(H, W) alpha in [0, 1] as a picture: white is wall."""
    return Response(mask_png(wall), media_type="image/png")


def sheet_answer(sheet: np.ndarray) -> Response:
    """(H, W, 3) uint8 as a picture."""
    return Response(png_bytes(sheet), media_type="image/png")


def _base64(content: bytes) -> str:
    return base64.b64encode(content).decode()


def _one_line(content: Metrics | list[str]) -> str:
    return json.dumps(json.loads(json_text(content)))
