"""What the service can do, once for the API and the page: open, select, paint, try colours, measure.

Everything here works with numbers only and takes its time: it runs on the queue's thread.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from PIL import Image

from wallpaint.color import Color, parse_color
from wallpaint.errors import FileError, MaskError, SettingError
from wallpaint.mask import Edges
from wallpaint.metrics import Metrics, measure_painting
from wallpaint.painter import Repaint
from wallpaint.reference import TextureSample
from wallpaint.serve.api.uploads import check_header, read_image, read_sample, read_wall, read_walls
from wallpaint.serve.limits import Limits
from wallpaint.serve.paint_options import Engines, PaintOptions
from wallpaint.serve.queue import Job, WorkQueue
from wallpaint.serve.rooms import OpenRoom, OpenRooms, no_wall
from wallpaint.sheet import thumbnail

if TYPE_CHECKING:
    from wallpaint.mask.select import Click, Polygon

# Bytes a pixel, measured on 24 megapixels: a room with its wall, the same once it was painted by the albedo engine, and
# what decoding a picture or painting takes beside it for a while.
_OPENED, _PAINTED, _DECODING = 7, 22, 18
_TOGETHER = 4  # colours painted at once, at most: between two batches others get their turn


@dataclass(frozen=True)
class SentRoom:
    """A room as requests speak of it: a photo, or the id of one that is open; and its wall's mask, if one was sent."""

    image: bytes | None = None
    room: str | None = None
    mask: bytes | None = None
    invert_mask: bool = False
    client: str = ""  # who sent it


@dataclass(frozen=True)
class TriedColor:
    """One colour of a palette: how it would look, and how true it is."""

    color: Color
    metrics: Metrics
    preview: Image.Image


class Service:
    """An engine or two, a queue before them, and the photos that are open."""

    def __init__(self, engines: Engines | None = None, limits: Limits | None = None) -> None:
        self.engines = engines or Engines()
        self.limits = limits or Limits()
        self.queue = WorkQueue(self.limits.waiting, self.limits.work_seconds)
        self.rooms = OpenRooms(self.limits.rooms_bytes, self.limits.room_seconds)

    def close(self) -> None:
        """Take no more work; what runs is finished. Photos are let go."""
        self.queue.close()
        self.rooms.clear()

    def find(self, sent: SentRoom, bytes_per_pixel: int = _OPENED, wall_needed: bool = False) -> OpenRoom:
        """The room that was sent; one sent as a photo is not kept.

        Sizes are judged by the pictures' headers, and memory for the room and the work on it is freed, before anything
        is decoded.

        Raises
        ------
        SettingError
            Neither or both of photo and id were sent.
        UnknownRoomError, UnreadableImageError, MaskError
        """
        if (sent.image is None) == (sent.room is None):
            raise SettingError("say which room: either send its photo as image, or as room the id of one that is open.")
        pixels = self.limits.pixels
        known = None if sent.image is not None else self.rooms.get(sent.room or "")
        shape = known.shape if known is not None else check_header(sent.image or b"", "image", pixels)
        if sent.mask is not None:
            check_header(sent.mask, "mask", pixels, like=shape)
        elif known is None and wall_needed:
            raise no_wall()
        area = shape[0] * shape[1]
        if known is None:
            self.rooms.make_place(area * (bytes_per_pixel + _DECODING), sent.client)
            room = OpenRoom(read_image(sent.image or b"", "image", pixels), client=sent.client)
        else:
            room, grown = known, max(0, area * bytes_per_pixel - known.bytes)
            self.rooms.make_place(grown + area * _DECODING, known.client, worked_on=known.id)
        if sent.mask is not None:
            room.wall = read_wall(sent.mask, "mask", room.shape, sent.invert_mask, pixels)
        return room

    def open(self, sent: SentRoom) -> OpenRoom:
        """Read a photo, and its wall's mask if there is one, and keep it open."""
        if sent.image is not None:
            height, width = check_header(sent.image, "image", self.limits.pixels)
            self.rooms.check(height * width * (3 if sent.mask is None else _OPENED))
        return self.rooms.keep(self.find(sent))

    def wall_of(self, room_id: str) -> np.ndarray:
        """(H, W) float32 in [0, 1]. Raises `MaskError` if the room has no wall yet."""
        return self.rooms.get(room_id).known_wall

    def painted(self, room_id: str) -> Repaint:
        """A room as it was painted last. Raises `MaskError` if its wall was not painted yet."""
        return self.rooms.get(room_id).known_painting

    def next_wall(self, room_id: str) -> OpenRoom:
        """A room as it was painted last, opened for another wall. Raises `MaskError` if it was not painted yet."""
        if len(self.rooms.get(room_id).layers) + 1 >= self.limits.walls:
            raise SettingError(f"a room has at most {self.limits.walls} walls here. Paint the rest apart.")
        return self.rooms.keep(self.rooms.get(room_id).with_another_wall())

    def layers_of(self, room_id: str) -> bytes:
        """A ZIP archive of every wall with its colour, see `wallpaint.mask.select.write_layers`."""
        from wallpaint.mask.select import layers_archive

        return layers_archive(self.rooms.get(room_id).all_layers)

    def paint_layers(self, sent: SentRoom, archive: bytes, recipe: PaintOptions, job: Job[Any]) -> list[OpenRoom]:
        """Paint each wall of an archive in its colour, over those before it.

        Returns
        -------
        list of OpenRoom
            One for each wall, as it and those before it are painted; the last wall may have no colour yet.

        Raises
        ------
        SettingError
            Another wall than the last has no colour.
        FileError, MissingFileError, MaskError
            See `wallpaint.mask.select.read_layers`; too many walls.
        """
        room = self.find(sent)
        layers = read_walls(archive, "layers", room.shape, self.limits.pixels, self.limits.walls - len(room.layers))
        for layer in layers[:-1]:
            if layer.color is None:
                raise SettingError(f"layers: {layer.name!r} has no colour. Only the last wall may be without.")
        rooms: list[OpenRoom] = []
        for layer in layers:
            room = room.with_another_wall() if rooms else room
            room.wall, room.wall_name = layer.mask, layer.name
            if layer.color is not None:
                room.painted = room.look(self.engines, recipe).paint(layer.color)
            rooms.append(self._kept(room, sent))
            job.report_progress(len(rooms), len(layers))
        return rooms

    def select(self, sent: SentRoom, clicks: Sequence[Click], polygons: Sequence[Polygon] = ()) -> np.ndarray:
        """Find the wall that was clicked on, or drawn; it becomes the room's.

        Where nothing says what is wall, it is what the wall segmenter takes for it.

        Raises
        ------
        SettingError
            Nothing says where the wall is, too much does, or a click lies beside the photo.
        MaskError
            Nothing is selected.
        """
        from wallpaint.mask.select import find_wall

        points = len(clicks) + sum(len(polygon.corners) for polygon in polygons)
        if points > self.limits.points:
            raise SettingError(f"{points} clicks and corners are too many: send at most {self.limits.points}.")
        room = self.find(sent)
        shown = any(click.keep for click in clicks) or any(polygon.keep for polygon in polygons)
        begun = None if shown else self.segment(room)
        wall = find_wall(room.selector, clicks, polygons, begun)  # painting refines its edges, if it is told to
        if not (wall > 0.5).any():
            raise MaskError(None, "this leaves no pixel of wall. Click on the wall once more to keep it.")
        room.wall = wall
        return self._kept(room, sent).known_wall

    def segment(self, room: OpenRoom) -> np.ndarray:
        """(H, W) float32, 0 or 1: what the wall segmenter takes for wall. Raises `SettingError` where there is none."""
        if self.engines.segmenter is None:
            raise SettingError("no click or polygon says where the wall is: keep at least one point of it.")
        return self.engines.segmenter.segment(room.pixels)

    def reference(self, color: str | None, sample: bytes | None) -> Color | TextureSample:
        """What to paint with: a colour in any form `parse_color` understands, or a texture sample."""
        if (color is None) == (sample is None):
            raise SettingError("say what to paint with: either a color, or a reference (the picture of a pattern).")
        if color is not None:
            return parse_color(color, self.engines.catalogs)
        assert sample is not None
        return read_sample(sample, "reference", self.limits.pixels)

    def colors(self, written: Sequence[str]) -> list[Color]:
        """The colours of a palette as they were written; counted before any is parsed. Raises `SettingError`."""
        self._check_count(written)
        return [parse_color(each, self.engines.catalogs) for each in written]

    def paint(self, sent: SentRoom, reference: Color | TextureSample, recipe: PaintOptions, job: Job[Any]) -> Repaint:
        """The room with its wall in another colour, or papered."""
        room = self.find(sent, _PAINTED, wall_needed=True)
        seen = room.look(self.engines, recipe)
        job.check()
        room.painted = seen.paint(reference, callback=job.report_progress)
        self._kept(room, sent)
        return room.painted

    def palette(
        self, sent: SentRoom, colors: Sequence[Color], recipe: PaintOptions, longest: int, job: Job[Any]
    ) -> list[TriedColor]:
        """Many colours on one wall, as previews of at most `longest` pixels on the longer side."""
        self._check_count(colors)
        room = self.find(sent, _PAINTED, wall_needed=True)
        seen = room.look(self.engines, recipe)
        together = min(_TOGETHER, self.engines.repainter(recipe).engine.batch_size)
        tried = [
            TriedColor(painted.color, painted.metrics, thumbnail(painted.image, longest))
            for painted in _each_painted(seen.palette, colors, together, job)
        ]
        self._kept(room, sent)
        return tried

    def measure(
        self,
        image: bytes,
        mask: bytes,
        reference: Color | TextureSample,
        source: bytes | None = None,
        edges: Edges = "refined",
        invert_mask: bool = False,
    ) -> Metrics:
        """How true a painted picture is, by whomever it was painted."""
        shape = check_header(image, "image", self.limits.pixels)
        check_header(mask, "mask", self.limits.pixels, like=shape)
        if source is not None:
            check_header(source, "source", self.limits.pixels)
        picture = read_image(image, "image", self.limits.pixels)
        shape = (picture.shape[0], picture.shape[1])
        wall = read_wall(mask, "mask", shape, invert_mask, self.limits.pixels)
        before = None if source is None else read_image(source, "source", self.limits.pixels)
        if before is not None and before.shape != picture.shape:
            sizes = ["{1} × {0} pixels".format(*one.shape) for one in (before, picture)]
            raise FileError("source", f"has {sizes[0]}, the image {sizes[1]}. Send the photo it was painted from.")
        return measure_painting(reference, picture, wall, before, edges)

    def _check_count(self, colors: Sequence[object]) -> None:
        if not 1 <= len(colors) <= self.limits.colors:
            raise SettingError(f"a palette has 1 to {self.limits.colors} colours, not {len(colors)}.")

    def _kept(self, room: OpenRoom, sent: SentRoom) -> OpenRoom:
        """A room that was open has grown; one that was sent is gone after the answer."""
        return self.rooms.keep(room) if sent.image is None else room


def _each_painted(palette: Any, colors: Sequence[Color], together: int, job: Job[Any]) -> Iterator[Repaint]:
    for first in range(0, len(colors), together):
        batch = colors[first : first + together]

        def callback(step: int, steps: int, first: int = first, count: int = len(batch)) -> None:
            job.report_progress(steps * first + count * step, steps * len(colors))

        yield from palette(batch, callback=callback)
        job.report_progress(first + len(batch), len(colors))
