"""Response schemas of the API, as documented in OpenAPI."""

from __future__ import annotations

import base64
import json
from collections.abc import Mapping

import numpy as np
from fastapi.responses import Response
from pydantic import BaseModel, Field

from wallpaint.color import Color
from wallpaint.mask.select import LEAST_CONFIDENCE
from wallpaint.metrics import Metrics, json_text
from wallpaint.photo import mask_png, photo_png, png_bytes
from wallpaint.serve.api.problem_details import PROBLEM_TYPE
from wallpaint.serve.rooms import FoundWall, OpenRoom
from wallpaint.serve.service import TriedColors

MeasuredValues = Mapping[str, float | int | bool | None]
_MEANING = (
    "`delta_e_2000_median` is CIEDE2000 between the wall's median and the reference; null: undefined, as a grey's hue."
)

_FOUND = "How the wall was found; null if a mask was sent, or there is no wall yet."


class Problem(BaseModel):
    """Problem details (RFC 9457): the fault and its cure."""

    type: str = "about:blank"
    title: str = Field(examples=["Unprocessable Entity"])
    status: int = Field(examples=[422])
    detail: str = Field(examples=["mask: the mask covers no pixel (0 of 442,368). White means wall; is it inverted?"])


class WallResponse(BaseModel):
    """How a wall was found."""

    share: float = Field(description="Share of the photo that is wall, 0 to 1.", examples=[0.431])
    confidence: float = Field(
        description=f"Expected intersection over union with the wall meant, 0 to 1. A wall found without points and "
        f"with less than {LEAST_CONFIDENCE:g} is not painted.",
        examples=[0.91],
    )


class MaskResponse(BaseModel):
    """A selected wall."""

    wall: WallResponse
    mask: str = Field(description="Mask, white is wall: PNG, base64.")


class RoomResponse(BaseModel):
    """Open room."""

    room: str = Field(description="Id of the room.", examples=["aB3dE5gH7jK9mN1p"])
    width: int
    height: int
    has_wall: bool = Field(description="Whether the room has a wall. If not, it is found when it is painted.")
    wall: WallResponse | None = Field(default=None, description=_FOUND)
    bytes: int = Field(description="Memory of the room, bytes.")
    seconds_left: float = Field(description="Time without use after which the room is closed, seconds.")
    notes: list[str] = Field(default=[], description="What was corrected or guessed while reading.")


class ReportResponse(BaseModel):
    """Settings and metrics of a painting."""

    reference: str = Field(examples=["#b9a08c"])
    metrics: MeasuredValues = Field(description=_MEANING, examples=[{"delta_e_2000_median": 0.0}])
    engine: dict[str, str] = Field(examples=[{"engine": "albedo"}])
    edge_width: int = Field(description="Width of the refined band on either side of the mask's edge, pixels.")
    wall: WallResponse | None = Field(default=None, description=_FOUND)


class PaintedResponse(ReportResponse):
    """Painted photo with its settings and metrics."""

    notes: list[str] = []
    image: str = Field(description="Painted photo: PNG, base64.")


class TriedColorResponse(BaseModel):
    """One colour of a palette."""

    color: str = Field(examples=["#b9a08c"])
    name: str | None = None
    metrics: MeasuredValues = Field(description=_MEANING)
    preview: str = Field(description="Painted photo, scaled down: PNG, base64.")


class PaletteResponse(BaseModel):
    """Colours of a palette on the same wall, in the order of the request."""

    colors: list[TriedColorResponse]
    wall: WallResponse | None = Field(default=None, description=_FOUND)
    notes: list[str] = []


class MeasuredResponse(BaseModel):
    """Metrics of a painted picture."""

    reference: str = Field(examples=["#b9a08c"])
    metrics: MeasuredValues = Field(description=_MEANING)
    notes: list[str] = []


class NamedColor(BaseModel):
    """Colour of a catalogue."""

    name: str | None = Field(examples=["tan"])
    hex: str = Field(examples=["#d2b48c"])
    rgb: tuple[int, int, int]
    lab: tuple[float, float, float] = Field(description="CIELAB, D65 / 2°.")
    catalog: str = Field(examples=["css"])
    delta_e_2000: float | None = Field(default=None, description="CIEDE2000 to the colour `near`.")


class ColorsResponse(BaseModel):
    """Colours in the order of the catalogues, or the nearest first."""

    colors: list[NamedColor]


class Health(BaseModel):
    """State of the service."""

    status: str = Field(examples=["ok"])
    engines: list[str] = Field(default=[], examples=[["albedo"]])


PNG_CONTENT = {"image/png": {"schema": {"type": "string", "format": "binary"}}}
ZIP_CONTENT = {"application/zip": {"schema": {"type": "string", "format": "binary"}}}
_NUMBER = {"schema": {"type": "number"}}
#: headers of responses with a wall that was found
WALL_HEADERS = {
    "X-Wallpaint-Wall-Share": {"description": "Share of the photo that is wall, if the wall was found.", **_NUMBER},
    "X-Wallpaint-Wall-Confidence": {"description": "Confidence, if the wall was found; 0 to 1.", **_NUMBER},
}
PROBLEMS: dict[int | str, dict[str, object]] = {
    status: {
        "model": Problem,
        "description": meaning,
        "content": {PROBLEM_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}}},
    }
    for status, meaning in {
        400: "The form cannot be read.",
        401: "The token is missing or wrong.",
        404: "No room with this id is open.",
        413: "Too many bytes or pixels.",
        415: "A picture cannot be read: not a picture, damaged, or a format without pixels.",
        422: "A value in the request is not valid; the detail has the fault and its cure.",
        429: "The queue is full; retry after the seconds in the header Retry-After.",
        503: "The service shuts down.",
        504: "The work took longer than the limit of the service.",
    }.items()
}


def json_response(content: BaseModel, status: int = 200) -> Response:
    """Response as strict JSON: NaN becomes null."""
    return Response(json_text(content.model_dump()), status, media_type="application/json")


def room_response(room: OpenRoom, seconds: float, notes: list[str]) -> RoomResponse:
    """State of an open room; `seconds` is the time without use after which it is closed."""
    height, width = room.shape
    return RoomResponse(
        room=room.id,
        width=width,
        height=height,
        has_wall=room.wall is not None,
        wall=wall_response(room.found),
        bytes=room.bytes,
        seconds_left=seconds,
        notes=notes,
    )


def wall_response(found: FoundWall | None) -> WallResponse | None:
    """How a wall was found; None if it was not."""
    return None if found is None else WallResponse(share=found.share, confidence=found.confidence)


def wall_headers(found: FoundWall | None) -> dict[str, str]:
    """`WALL_HEADERS` of a wall; none if it was not found."""
    return (
        {} if found is None else dict(zip(WALL_HEADERS, (f"{found.share:.4f}", f"{found.confidence:.4f}"), strict=True))
    )


def painted_png(room: OpenRoom, notes: list[str]) -> Response:
    """Painted photo as PNG, with provenance and metrics in the file and metrics in the headers."""
    painted = room.required_painting
    headers = {
        **wall_headers(room.found),
        "X-Wallpaint-Reference": painted.color.hex,
        "X-Wallpaint-Delta-E": f"{painted.metrics.get('delta_e_2000_median', float('nan')):.4f}",
        "X-Wallpaint-Metrics": _one_line(painted.metrics),
        "X-Wallpaint-Notes": _one_line(notes),
    }
    return Response(photo_png(painted.image, painted.provenance()), headers=headers, media_type="image/png")


def report_response(room: OpenRoom) -> ReportResponse:
    """Settings and metrics of a painting."""
    painted = room.required_painting
    return ReportResponse(
        reference=painted.color.hex,
        metrics=painted.metrics,
        engine=dict(painted.engine),
        edge_width=painted.region.edge_width,
        wall=wall_response(room.found),
    )


def painted_json(room: OpenRoom, notes: list[str]) -> Response:
    """Painted photo in base64 with its settings and metrics, as JSON."""
    painted = room.required_painting
    image = _base64(photo_png(painted.image, painted.provenance()))
    return json_response(PaintedResponse(**report_response(room).model_dump(), notes=notes, image=image))


def palette_response(tried: TriedColors, notes: list[str]) -> PaletteResponse:
    """Colours of a palette with their metrics and previews."""
    colors = [
        TriedColorResponse(
            color=one.color.hex,
            name=one.color.name,
            metrics=one.metrics,
            preview=_base64(png_bytes(np.asarray(one.preview))),
        )
        for one in tried.colors
    ]
    return PaletteResponse(colors=colors, wall=wall_response(tried.found), notes=notes)


def named_color(catalog: str, color: Color, delta: float | None = None) -> NamedColor:
    """Colour of a catalogue, with `delta`, its CIEDE2000 to a given colour."""
    lightness, a, b = (round(float(value), 3) for value in color.lab)
    return NamedColor(
        name=color.name,
        hex=color.hex,
        rgb=color.rgb8,
        lab=(lightness, a, b),
        catalog=catalog,
        delta_e_2000=None if delta is None else round(delta, 4),
    )


def mask_response(room: OpenRoom) -> Response:
    """Wall of a room as a PNG mask, in which white is wall; how it was found in the headers."""
    return Response(mask_png(room.required_wall), headers=wall_headers(room.found), media_type="image/png")


def mask_json(room: OpenRoom) -> Response:
    """Wall of a room that was found, as JSON."""
    wall = wall_response(room.found)
    assert wall is not None  # it was just found
    return json_response(MaskResponse(wall=wall, mask=_base64(mask_png(room.required_wall))))


def sheet_response(sheet: np.ndarray, found: FoundWall | None) -> Response:
    """Contact sheet, (H, W, 3) uint8 sRGB, as PNG."""
    return Response(png_bytes(sheet), headers=wall_headers(found), media_type="image/png")


def _base64(content: bytes) -> str:
    return base64.b64encode(content).decode()


def _one_line(content: Metrics | list[str]) -> str:
    return json.dumps(json.loads(json_text(content)))
