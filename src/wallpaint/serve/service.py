"""Operations of the service, shared by the API and the page: open, select, paint, palette, measure.

The operations can take seconds, so callers run them on the queue's thread. Only lookups of open rooms are fast.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from PIL import Image

from wallpaint.color import Color, parse_color
from wallpaint.errors import FileError, SettingError
from wallpaint.mask import Edges
from wallpaint.metrics import Metrics, measure_painting
from wallpaint.painter import Repaint
from wallpaint.reference import TextureSample
from wallpaint.serve.api.uploads import check_header, read_image, read_sample, read_wall, read_walls
from wallpaint.serve.limits import Limits
from wallpaint.serve.paint_options import Engines, PaintOptions
from wallpaint.serve.queue import Job, WorkQueue
from wallpaint.serve.rooms import FoundWall, OpenRoom, OpenRooms
from wallpaint.sheet import thumbnail

if TYPE_CHECKING:
    from wallpaint.mask.select import Click, Polygon, SelectedWall

# Bytes per pixel, measured at 24 megapixels: a room with its wall; the same after the albedo engine painted it; and the
# additional temporary memory of decoding or painting.
_OPENED, _PAINTED, _DECODING = 7, 22, 18
_MAX_BATCH = 4  # maximum colours in one batch; the job can be stopped between batches


@dataclass(frozen=True)
class SentRoom:
    """Room in a request: a photo, or the id of an open room; optionally with a mask of the wall.

    Attributes
    ----------
    image : bytes or None
        Photo as an image file. Exactly one of `image` and `room` is given.
    room : str or None
        Id of an open room.
    mask : bytes or None
        Mask of the wall as an image file; white is wall.
    invert_mask : bool
        Whether black is wall instead.
    client : str
        Client that sent the request, see `wallpaint.serve.api.clients.client_of`.
    """

    image: bytes | None = None
    room: str | None = None
    mask: bytes | None = None
    invert_mask: bool = False
    client: str = ""


@dataclass(frozen=True)
class Marks:
    """Marks that say where the wall is; without any it is found.

    Attributes
    ----------
    clicks : sequence of Click
    polygons : sequence of Polygon
    plane : bool
        Keep to the flat surfaces of the keeping clicks.
    """

    clicks: Sequence[Click] = ()
    polygons: Sequence[Polygon] = ()
    plane: bool = False

    @property
    def points(self) -> int:
        """Number of clicks and corners."""
        return len(self.clicks) + sum(len(polygon.corners) for polygon in self.polygons)

    def __bool__(self) -> bool:
        return bool(self.clicks or self.polygons)


NO_MARKS = Marks()


@dataclass(frozen=True)
class TriedColor:
    """One colour of a palette with its metrics and a preview.

    Attributes
    ----------
    color : Color
        Reference colour.
    metrics : Metrics
        Measured on the painted picture at full size.
    preview : PIL.Image.Image
        Painted picture, scaled down.
    """

    color: Color
    metrics: Metrics
    preview: Image.Image


@dataclass(frozen=True)
class TriedColors:
    """Colours of a palette on one wall.

    Attributes
    ----------
    colors : list of TriedColor
        In the order of the request.
    found : FoundWall or None
        How the wall was found; None if a mask was sent.
    """

    colors: list[TriedColor]
    found: FoundWall | None


class Service:
    """Engines, work queue and open photos of one server.

    Parameters
    ----------
    engines : Engines, optional
        Default: the albedo engine only.
    limits : Limits, optional
        Limits on requests and memory.
    """

    def __init__(self, engines: Engines | None = None, limits: Limits | None = None) -> None:
        self.engines = engines or Engines()
        self.limits = limits or Limits()
        self.queue = WorkQueue(self.limits.waiting, self.limits.work_seconds)
        self.rooms = OpenRooms(self.limits.rooms_bytes, self.limits.room_seconds)

    def close(self) -> None:
        """Accept no more jobs and close all photos; the running job finishes."""
        self.queue.close()
        self.rooms.clear()

    def find(self, sent: SentRoom, bytes_per_pixel: int = _OPENED) -> OpenRoom:
        """Room of a request. A room sent as a photo is decoded, but not kept open.

        Before decoding, sizes are checked from the headers of the pictures, and memory for the room and the work on it
        is freed.

        Parameters
        ----------
        sent : SentRoom
            Photo or id, and mask.
        bytes_per_pixel : int
            Memory that the room will need after the work, bytes per pixel.

        Raises
        ------
        SettingError
            Neither or both of photo and id were sent.
        UnknownRoomError
            No room with this id is open.
        UnreadableImageError
            The photo or mask cannot be decoded.
        ImageTooLargeError
            The room alone needs more than the memory for open rooms.
        MaskError
            The mask does not fit the photo, or covers no pixel.
        """
        if (sent.image is None) == (sent.room is None):
            raise SettingError("say which room: send either its photo as image, or the id of an open room as room.")
        pixels = self.limits.pixels
        opened = None if sent.image is not None else self.rooms.get(sent.room or "")
        shape = opened.shape if opened is not None else check_header(sent.image or b"", "image", pixels)
        if sent.mask is not None:
            check_header(sent.mask, "mask", pixels, like=shape)
        area = shape[0] * shape[1]
        if opened is None:
            self.rooms.check(area * bytes_per_pixel)
            self.rooms.free_memory(area * (bytes_per_pixel + _DECODING), sent.client)
            room = OpenRoom(
                read_image(sent.image or b"", "image", pixels), client=sent.client, finder=self.engines.finder
            )
        else:
            room, growth = opened, max(0, area * bytes_per_pixel - opened.bytes)
            self.rooms.free_memory(growth + area * _DECODING, opened.client, in_use=opened.id)
        if sent.mask is not None:
            room.wall = read_wall(sent.mask, "mask", room.shape, sent.invert_mask, pixels)
        return room

    def open(self, sent: SentRoom) -> OpenRoom:
        """Read a photo, and the mask of its wall if one was sent, and keep the room open."""
        return self.rooms.keep(self.find(sent))

    def painted(self, room_id: str) -> OpenRoom:
        """An open room that was painted. Raises `MaskError` if its wall was not painted."""
        room = self.rooms.get(room_id)
        room.required_painting  # noqa: B018 - raises
        return room

    def next_wall(self, room_id: str) -> OpenRoom:
        """Open the last painting of a room as a new room, for another wall. Raises `MaskError` if there is none."""
        if len(self.rooms.get(room_id).layers) + 1 >= self.limits.walls:
            raise SettingError(
                f"a room has at most {self.limits.walls} walls. Open the painted picture as a new photo."
            )
        return self.rooms.keep(self.rooms.get(room_id).with_another_wall())

    def layers_of(self, room_id: str) -> bytes:
        """ZIP archive of all walls with their colours, see `wallpaint.mask.select.write_layers`."""
        from wallpaint.mask.select import layers_archive

        return layers_archive(self.rooms.get(room_id).all_layers)

    def paint_layers(self, sent: SentRoom, archive: bytes, options: PaintOptions, job: Job[Any]) -> list[OpenRoom]:
        """Paint the walls of a ZIP archive one after another, each in its colour; each wall is a step of the job.

        Returns
        -------
        list of OpenRoom
            One room per wall; in each, this wall and all earlier ones are painted. The last wall may have no colour.

        Raises
        ------
        SettingError
            A wall other than the last has no colour.
        FileError, MissingFileError, MaskError
            The archive is not valid or has too many walls, see `wallpaint.mask.select.read_layers`.
        """
        room = self.find(sent)
        layers = read_walls(archive, "layers", room.shape, self.limits.pixels, self.limits.walls - len(room.layers))
        for layer in layers[:-1]:
            if layer.color is None:
                raise SettingError(f"layers: {layer.name!r} has no colour. Only the last wall may have none.")
        rooms: list[OpenRoom] = []
        for layer in layers:
            room = room.with_another_wall() if rooms else room
            room.wall, room.wall_name = layer.mask, layer.name
            if layer.color is not None:
                room.painted = room.opened_in(self.engines, options).paint(layer.color)
            rooms.append(self._update(room, sent))
            job.report_progress(len(rooms), len(layers))
        return rooms

    def select(self, sent: SentRoom, marks: Marks = NO_MARKS) -> OpenRoom:
        """Find the wall of a room, and set it: all walls, or with marks the wall that they say.

        Marks correct a mask that is sent with them, and replace any other wall.

        Returns
        -------
        OpenRoom
            With `wall` and `found`.

        Raises
        ------
        SettingError
            There are too many points, a click is outside the photo, or the finder needs a keeping click.
        MaskError
            The selection is empty.
        """
        room = self.find(sent)
        self._select(room, marks, sent.mask is not None)
        return self._update(room, sent)

    def found_wall(self, room: OpenRoom) -> SelectedWall:
        """All walls of a room, whatever their confidence; edges are refined when it is painted.

        Raises `MaskError` if there are none, and `SettingError` if the finder needs clicks.
        """
        from wallpaint.mask.select import require_wall

        found = room.selector.select(edges="hard")
        require_wall(found, automatic=False)
        return found

    def _select(self, room: OpenRoom, marks: Marks, corrects: bool) -> None:
        """Set the wall of a room by marks; those that correct start from its wall."""
        from wallpaint.mask.select import require_wall

        if marks.points > self.limits.points:
            raise SettingError(f"{marks.points} clicks and corners are too many: send at most {self.limits.points}.")
        initial = room.wall if corrects else None
        found = room.selector.select(
            marks.clicks, polygons=marks.polygons, initial_mask=initial, plane=marks.plane, edges="hard"
        )
        require_wall(found, automatic=False)
        room.set_found(found)

    def _require_wall(self, room: OpenRoom, sent: SentRoom, marks: Marks) -> None:
        """Select the wall by marks; without any keep the room's, and if it has none find it.

        Raises `UnsureWallError` if the confidence of what was found is too low to paint it.
        """
        from wallpaint.mask.select import require_wall

        if marks:
            self._select(room, marks, sent.mask is not None)
        elif marks.plane:
            raise SettingError("plane needs a point on the surface meant: keep at least one (--keep X,Y).")
        elif room.wall is None:
            found = room.selector.select(edges="hard")
            require_wall(found)
            room.set_found(found)

    def reference(self, color: str | None, sample: bytes | None) -> Color | TextureSample:
        """Reference to paint with: a colour in any notation of `parse_color`, or a texture sample (image file).

        Raises
        ------
        SettingError
            Neither or both were given.
        ColorError, UnreadableImageError
            The colour or picture cannot be read.
        """
        if (color is None) == (sample is None):
            raise SettingError("say what to paint with: send either a color, or a reference (picture of a pattern).")
        if color is not None:
            return parse_color(color, self.engines.catalogs)
        assert sample is not None
        return read_sample(sample, "reference", self.limits.pixels)

    def colors(self, written: Sequence[str]) -> list[Color]:
        """Parse the colours of a palette; raises `SettingError` before parsing if there are too many."""
        self._check_count(written)
        return [parse_color(each, self.engines.catalogs) for each in written]

    def paint(
        self,
        sent: SentRoom,
        reference: Color | TextureSample,
        options: PaintOptions,
        job: Job[Any],
        marks: Marks = NO_MARKS,
    ) -> OpenRoom:
        """Paint the wall of a room in a colour, or cover it with a pattern; `painted` of the room is the result.

        Marks select the wall first. Without marks and without a wall, it is found.

        Raises
        ------
        UnsureWallError
            The wall was found with too little confidence.
        """
        room = self.find(sent, _PAINTED)
        self._require_wall(room, sent, marks)
        opened = room.opened_in(self.engines, options)
        job.check()
        room.painted = opened.paint(reference, callback=job.report_progress)
        return self._update(room, sent)

    def palette(
        self,
        sent: SentRoom,
        colors: Sequence[Color],
        options: PaintOptions,
        longest: int,
        job: Job[Any],
        marks: Marks = NO_MARKS,
    ) -> TriedColors:
        """Paint one wall, chosen as in `paint`, in several colours.

        Previews have at most `longest` pixels on the longer side.
        """
        self._check_count(colors)
        room = self.find(sent, _PAINTED)
        self._require_wall(room, sent, marks)
        opened = room.opened_in(self.engines, options)
        batch_size = min(_MAX_BATCH, self.engines.repainter(options).engine.batch_size)
        tried = [
            TriedColor(painted.color, painted.metrics, thumbnail(painted.image, longest))
            for painted in _each_painted(opened.palette, colors, batch_size, job)
        ]
        self._update(room, sent)
        return TriedColors(tried, room.found)

    def measure(
        self,
        image: bytes,
        mask: bytes,
        reference: Color | TextureSample,
        source: bytes | None = None,
        edges: Edges = "refined",
        invert_mask: bool = False,
    ) -> Metrics:
        """Measure a picture painted by any software.

        Parameters
        ----------
        image, mask : bytes
            Painted picture and mask of its wall, as image files.
        reference : Color or TextureSample
            Requested reference.
        source : bytes, optional
            Photo before painting, of the same size; adds the metrics that compare with it.
        edges : {"refined", "hard"}
            Edge mode of the painting.
        invert_mask : bool
            Whether black is wall in the mask.
        """
        shape = check_header(image, "image", self.limits.pixels)
        check_header(mask, "mask", self.limits.pixels, like=shape)
        if source is not None:
            check_header(source, "source", self.limits.pixels)
        picture = read_image(image, "image", self.limits.pixels)
        shape = (picture.shape[0], picture.shape[1])
        wall = read_wall(mask, "mask", shape, invert_mask, self.limits.pixels)
        before = None if source is None else read_image(source, "source", self.limits.pixels)
        if before is not None and before.shape != picture.shape:
            sizes = ["{1} × {0} pixels".format(*each.shape) for each in (before, picture)]
            raise FileError(
                "source", f"has {sizes[0]}, the image {sizes[1]}. Send the photo that the image was painted from."
            )
        return measure_painting(reference, picture, wall, before, edges)

    def _check_count(self, colors: Sequence[object]) -> None:
        if not 1 <= len(colors) <= self.limits.colors:
            raise SettingError(f"a palette has 1 to {self.limits.colors} colours, not {len(colors)}.")

    def _update(self, room: OpenRoom, sent: SentRoom) -> OpenRoom:
        """Update the memory of an open room; a room sent as a photo is not kept."""
        return self.rooms.keep(room) if sent.image is None else room


def _each_painted(palette: Any, colors: Sequence[Color], batch_size: int, job: Job[Any]) -> Iterator[Repaint]:
    for first in range(0, len(colors), batch_size):
        batch = colors[first : first + batch_size]

        def callback(step: int, steps: int, first: int = first, count: int = len(batch)) -> None:
            job.report_progress(steps * first + count * step, steps * len(colors))

        yield from palette(batch, callback=callback)
        job.report_progress(first + len(batch), len(colors))
