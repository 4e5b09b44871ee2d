"""Form fields of the requests, as documented in OpenAPI."""

from __future__ import annotations

from dataclasses import asdict, dataclass, make_dataclass
from typing import Annotated, Any

from fastapi import Depends, File, Form, Request, UploadFile

from wallpaint.color import MAX_COLOR_LENGTH
from wallpaint.diffusion.sampling.settings import SamplingSettings, bounds_of
from wallpaint.mask import Edges
from wallpaint.mask.select import Click, Polygon, parse_corners, parse_point
from wallpaint.serve.api.clients import client_of
from wallpaint.serve.paint_options import NOT_OFFERED, SERVICE_LIMITS, PaintOptions
from wallpaint.serve.service import Marks, SentRoom

MAX_WORD = 60  # characters of an id, or of an engine's name
Image = Annotated[UploadFile | None, File(description="The photo: JPEG, PNG, WebP, TIFF, …")]
Mask = Annotated[
    UploadFile | None, File(description="A picture of the photo's size: white is wall. Without it the wall is found.")
]
RoomId = Annotated[str | None, Form(max_length=MAX_WORD, description="Instead of a photo: the id of an open room.")]
InvertMask = Annotated[bool, Form(description="In the mask, black is wall.")]
ColorText = Annotated[
    str | None,
    Form(
        max_length=MAX_COLOR_LENGTH,
        description="`#B9A08C`, `185,160,140`, `rgb(…)`, `lab(67,7,14)`, a CSS or catalogue name.",
        examples=["#B9A08C"],
    ),
]
Pattern = Annotated[UploadFile | None, File(description="Instead of a colour: a picture of one repeat of a pattern.")]


@dataclass(frozen=True)
class RoomForm:
    """Form fields that select a room."""

    request: Request
    image: Image = None
    mask: Mask = None
    room: RoomId = None
    invert_mask: InvertMask = False

    async def read(self) -> SentRoom:
        image, mask = await content_of(self.image), await content_of(self.mask)
        return SentRoom(image, self.room or None, mask, self.invert_mask, client_of(self.request))


def _sampling_form() -> type[Any]:
    """The parts of a form that are sampling settings, with the service's limits."""
    parts = []
    for name, setting in SamplingSettings.model_fields.items():
        if name not in NOT_OFFERED:
            bounds: dict[str, Any] = dict(bounds_of(setting))
            if name in SERVICE_LIMITS:
                bounds.pop("lt", None)
                bounds["le"] = SERVICE_LIMITS[name]
            form = Form(description=f"Of `diffusion`. {setting.description}", **bounds)
            parts.append((name, Annotated[setting.annotation, form], setting.default))
    return make_dataclass("SamplingForm", parts, frozen=True)


SamplingForm = _sampling_form()


@dataclass(frozen=True)
class PaintOptionsForm:
    """Form fields of the paint options."""

    engine: Annotated[
        str, Form(max_length=MAX_WORD, description="`albedo`, or `diffusion` where a model is loaded.")
    ] = "albedo"
    edges: Annotated[Edges, Form(description="Unmix the pixels of the wall's edge, or keep the mask strictly.")] = (
        "refined"
    )
    bounce: Annotated[
        bool, Form(description="Also paint what the wall's new light does to the rest of the room. Of `albedo` alone.")
    ] = False
    sampling: Annotated[Any, Depends(SamplingForm)] = None

    def options(self) -> PaintOptions:
        return PaintOptions(self.engine, self.edges, SamplingSettings(**asdict(self.sampling)), self.bounce)


def read_marks(
    keep: Annotated[
        list[str],
        Form(description="Points x,y on the wall. The first selects the wall in that paint.", examples=[["120,80"]]),
    ] = [],  # noqa: B006
    drop: Annotated[list[str], Form(description="Points x,y that are not on the wall.")] = [],  # noqa: B006
    polygon: Annotated[
        list[str],
        Form(description="Corners of an area that is wall, whatever it shows: `10,20 300,20 300,200`."),
    ] = [],  # noqa: B006
    cut: Annotated[list[str], Form(description="Corners of an area that is not wall, in the same form.")] = [],  # noqa: B006
    plane: Annotated[
        bool, Form(description="Only the flat surfaces at the points `keep`, not around corners.")
    ] = False,
) -> Marks:
    """Form fields that mark the wall. Raises `SettingError` if a point or polygon cannot be parsed."""
    points, areas = ((keep, True), (drop, False)), ((polygon, True), (cut, False))
    return Marks(
        [Click(*parse_point(text), kept) for texts, kept in points for text in texts],
        [Polygon(parse_corners(text), kept) for texts, kept in areas for text in texts],
        plane,
    )


ARoom = Annotated[RoomForm, Depends()]
PaintOptionsParts = Annotated[PaintOptionsForm, Depends()]
TheMarks = Annotated[Marks, Depends(read_marks)]


async def content_of(part: UploadFile | None) -> bytes | None:
    """Content of an uploaded form field; None if it was not sent."""
    if part is None:
        return None
    content = await part.read()
    await part.close()  # otherwise its temporary file, which can be in memory, exists until the job ends
    return content
