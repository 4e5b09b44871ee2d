"""A snapshot: one small picture of a room in linear light with the class and the plane of every pixel, in about 50 kB.

Light is kept in two layers that add up: the walls, and all the rest. So a wall can be given another colour afterwards,
its edge pixels included. Light bounced off the walls onto other things keeps the old colour.
"""

from __future__ import annotations

import io
import json
import os
import zipfile
from dataclasses import dataclass, field
from pathlib import Path

import cv2
import numpy as np
from PIL import Image

from wallpaint.color import lab_to_srgb, lch_to_lab, srgb_to_linear
from wallpaint.errors import MissingFileError, OutputError, RoomFileError
from wallpaint.rooms.camera import Camera, Phone
from wallpaint.rooms.paintable import expose
from wallpaint.rooms.snapshots.surface import Surface

FORMAT = 1
QUALITY = 93  # of the two WebP layers
HIGHLIGHT = 1.5  # linear light stored at three quarters of the code range; 255 is 12 times white
_GAMMA = 2.4


@dataclass(frozen=True, eq=False)
class Snapshot:
    """One picture and what is where in it.

    Attributes
    ----------
    rest, wall : (H, W, 3) float32
        Linear light, exposed so that 1 = white; windows go beyond. `wall` is what walls show, times `alpha`.
    alpha : (H, W) float32
        Share of wall, [0, 1].
    classes : (H, W) uint8
        `labels.Label` of each pixel, the commonest in it.
    planes : (H, W) uint8
        Index into `surfaces`; 0 is no plane. Where some wall is seen in a pixel, the plane of that wall.
    surfaces : tuple of Surface
        Number 0 is a placeholder.
    seed : int
    meta : dict
    """

    rest: np.ndarray
    wall: np.ndarray
    alpha: np.ndarray
    classes: np.ndarray
    planes: np.ndarray
    surfaces: tuple[Surface, ...]
    seed: int
    meta: dict[str, object] = field(default_factory=dict)

    @property
    def mask(self) -> np.ndarray:
        """(H, W) float32 alpha of the walls."""
        return self.alpha

    @property
    def paints(self) -> np.ndarray:
        """(H, W) uint8: number of the paint of each pixel's plane, 0 where there is none."""
        return np.array([surface.paint for surface in self.surfaces], np.uint8)[self.planes]

    @property
    def light(self) -> np.ndarray:
        """(H, W, 3) float32 linear light, 1 = white."""
        return self.rest + self.wall

    def repainted(self, colors: dict[int, np.ndarray]) -> np.ndarray:
        """The picture with some of its paints changed.

        Parameters
        ----------
        colors : dict of int to (3,) float
            Linear reflectance for each number of a paint that changes.

        Returns
        -------
        (H, W, 3) float32
            Linear light, 1 = white. Patterns are multiplied by the ratio of the mean colours.
        """
        gains = np.ones((len(self.surfaces), 3), np.float32)
        for index, surface in enumerate(self.surfaces):
            if surface.paint in colors:
                gains[index] = np.asarray(colors[surface.paint]) / np.maximum(surface.color, 0.02)
        return self.rest + self.wall * gains[self.planes]

    def photo(
        self,
        generator: np.random.Generator | None = None,
        camera: Camera | Phone | None = None,
        repaint: float = 0.5,
        exposure: float = 0.35,
    ) -> np.ndarray:
        """(H, W, 3) uint8 sRGB.

        With a generator, paints change with probability `repaint` and the exposure varies by e^±`exposure` (standard
        deviation). A camera, where one is given, adds its faults.
        """
        if generator is None:
            return expose(self.light, camera, None)
        light = self.light
        if generator.random() < repaint:
            light = self.repainted(self.draw_paints(generator))
        light = light * np.float32(np.exp(generator.normal(0, exposure)))
        return expose(light, camera, generator)

    def draw_paints(self, generator: np.random.Generator) -> dict[int, np.ndarray]:
        """A new colour for some of the paints: whites as often as colours.

        Gains stay below 4 and patterned finishes keep theirs within a third, since noise and the stored bytes of a
        dark wall would show.
        """
        numbers = {surface.paint: surface for surface in self.surfaces if surface.paint}
        colors: dict[int, np.ndarray] = {}
        for number, surface in numbers.items():
            if generator.random() < 0.25:
                continue
            if surface.finish not in ("paint", ""):
                gain = np.exp(generator.normal(0, 0.2, 3) * 0.4 + generator.normal(0, 0.25))
                colors[number] = np.asarray(surface.color) * gain
                continue
            white = generator.random() < 0.45
            lightness = generator.uniform(80, 96) if white else generator.uniform(25, 92)
            chroma = generator.uniform(0, 7) if white else 45 * generator.beta(1.2, 2.0)
            lab = lch_to_lab(np.array([lightness, chroma, generator.uniform(0, 360)]))
            color = np.clip(srgb_to_linear(np.clip(lab_to_srgb(lab), 0, 1)), 0.02, 0.9)
            colors[number] = np.minimum(color, 4 * np.maximum(surface.color, 0.02))
        return colors

    def save(self, path: str | os.PathLike[str]) -> None:
        """One ``.npz`` of two WebP pictures (light), three PNG pictures (coverage, classes, planes) and JSON."""
        target = Path(path)
        partial = target.with_name(f".{target.name}.{os.getpid()}.part")
        about = {
            "format": FORMAT,
            "seed": self.seed,
            "meta": self.meta,
            "surfaces": [[s.kind, s.finish, s.paint, [round(c, 4) for c in s.color]] for s in self.surfaces],
        }
        content = {
            "rest": _webp(_encode(self.rest)),
            "wall": _webp(_encode(self.wall)),
            "alpha": _png(np.round(np.clip(self.alpha, 0, 1) * 255).astype(np.uint8)),
            "classes": _png(self.classes),
            "planes": _png(self.planes),
            "about": json.dumps(about).encode(),
        }
        try:
            target.parent.mkdir(parents=True, exist_ok=True)
            with open(partial, "wb") as file:
                np.savez(
                    file, allow_pickle=False, **{name: np.frombuffer(data, np.uint8) for name, data in content.items()}
                )
                file.flush()
                os.fsync(file.fileno())
            os.replace(partial, target)
        except OSError as error:
            raise OutputError(path, f"the snapshot cannot be written there ({error.strerror}).") from error

    @classmethod
    def load(cls, path: str | os.PathLike[str]) -> Snapshot:
        """Read a saved snapshot.

        Raises
        ------
        MissingFileError, RoomFileError
            No such file; not a snapshot, cut short, or of another format.
        """
        if not Path(path).is_file():
            raise MissingFileError(path, "there is no such file.")
        try:
            with np.load(path, allow_pickle=False) as stored:
                content = {name: stored[name].tobytes() for name in stored.files}
            about = json.loads(content.pop("about"))
            if about["format"] != FORMAT:
                raise ValueError(f"format {about['format']}, this version reads {FORMAT}")
            maps = {name: np.asarray(Image.open(io.BytesIO(data))) for name, data in content.items()}
            return cls(
                rest=_decode(maps["rest"]),
                wall=_decode(maps["wall"]),
                alpha=maps["alpha"].astype(np.float32) / 255,
                classes=maps["classes"],
                planes=maps["planes"],
                surfaces=tuple(
                    Surface(kind, finish, int(paint), (color[0], color[1], color[2]))
                    for kind, finish, paint, color in about["surfaces"]
                ),
                seed=int(about["seed"]),
                meta=dict(about["meta"]),
            )
        except (KeyError, ValueError, TypeError, EOFError, OSError, zipfile.BadZipFile) as error:
            raise RoomFileError(
                path, f"this is no whole snapshot ({error}). Render it again: wallpaint rooms render --snapshots."
            ) from error


def _encode(light: np.ndarray) -> np.ndarray:
    """Linear light → bytes: (x/(x + h))^(1/2.4) with h = `HIGHLIGHT`/3, scaled so that 12 is 255."""
    half = HIGHLIGHT / 3
    value = np.clip(light, 0, 12)
    code = (value / (value + half) * (12 + half) / 12) ** (1 / _GAMMA)
    return np.round(code * 255).astype(np.uint8)


def _decode(codes: np.ndarray) -> np.ndarray:
    half = HIGHLIGHT / 3
    share = (codes.astype(np.float32) / 255) ** _GAMMA * np.float32(12 / (12 + half))
    return (half * share / (1 - share)).astype(np.float32)


def _webp(pixels: np.ndarray) -> bytes:
    buffer = io.BytesIO()
    Image.fromarray(pixels).save(buffer, "WEBP", quality=QUALITY, method=4)
    return buffer.getvalue()


def _png(values: np.ndarray) -> bytes:
    encoded, data = cv2.imencode(".png", values, [cv2.IMWRITE_PNG_COMPRESSION, 9])
    if not encoded:
        raise ValueError("the map could not be written as PNG")
    return bytes(data)
