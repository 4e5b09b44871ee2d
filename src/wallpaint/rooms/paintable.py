"""Rendered rooms that can be evaluated in any wall paint: three light maps and one coefficient per channel."""

from __future__ import annotations

import json
import os
import zipfile
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from wallpaint.color import Color, luminance, parse_color
from wallpaint.errors import MissingFileError, OutputError, RoomFileError
from wallpaint.photo import linear_to_bytes
from wallpaint.rooms.camera import Camera, Phone

LOW, MIDDLE, HIGH = 0.15, 0.45, 0.75  # reflectances at which the fit is computed; real paints have 0.03 to 0.9
BRIGHT = 0.85  # reflectance; about the brightest paint on sale
MID_GREY = 0.5  # reflectance of the paint for which the exposure is computed
FORMAT = 1

_LIGHT = {"a": 9, "b": 9, "c": 8}  # mantissa bits kept; 9 of float16's 10 give at most 0.1 % error and compress better
_MAPS = {"alpha": (), "depth": (), "normal": (3,), "albedo": (3,), "emitter": ()}


@dataclass(frozen=True, eq=False)
class PaintableRoom:
    """Light of a room as a function of the paint of its walls, with alpha, depth, normal and albedo maps.

    I(ρ) = a + b ρ + c ρ² / (1 − λ ρ)      per pixel and channel, linear light

    `a` is light that reaches the camera without scattering on paint, `b` light that scattered on it once, `c` twice. λ,
    the `feedback`, is the share of light that returns to painted walls from one scattering there to the next. After two
    scatterings the light hardly depends on the pixel, so λ is one value per channel for the whole room. The maps are
    linear in light, so a room is scaled, cropped or blurred by doing the same to its maps.

    Attributes
    ----------
    a, b, c : (H, W, 3) float32
        Light maps of the formula, ≥ 0. Float16 on disk.
    feedback : (3,) float32
        λ of each channel, in [0, 0.95].
    alpha : (H, W) float32
        Share of each pixel that is painted wall, [0, 1].
    depth : (H, W) float32
        Distance along the ray in metres; 0 where the ray hits nothing.
    normal : (H, W, 3) float32
        Shading normal in world coordinates, z up.
    albedo : (H, W, 3) float32
        Diffuse reflectance of everything except the paint, which adds ``alpha * ρ``; [0, 1].
    emitter : (H, W) float32
        Share of each pixel that emits light (lamps, panes), [0, 1].
    exposure : float
        Factor on linear light before display: one scalar per room, computed for grey paint of reflectance 0.5, so that
        pictures of a room in different paints are comparable.
    seed : int
        Seed of the room.
    meta : dict
        Description of the room: text and numbers.
    wallpaper : (H, W, 3) float32 or None
        Linear light of a separate render of the room with walls in wallpaper, tiles, panels or eggshell paint.
    """

    a: np.ndarray
    b: np.ndarray
    c: np.ndarray
    feedback: np.ndarray
    alpha: np.ndarray
    depth: np.ndarray
    normal: np.ndarray
    albedo: np.ndarray
    emitter: np.ndarray
    exposure: float
    seed: int
    meta: dict[str, object] = field(default_factory=dict)
    wallpaper: np.ndarray | None = None

    @property
    def mask(self) -> np.ndarray:
        """(H, W) float32 alpha of the painted walls."""
        return self.alpha

    @property
    def shape(self) -> tuple[int, int]:
        """(H, W)."""
        return self.alpha.shape[0], self.alpha.shape[1]

    def render(self, paint: np.ndarray, exposure: float | None = None) -> np.ndarray:
        """Linear light of the room in a paint.

        Parameters
        ----------
        paint : (3,) or (H, W, 3) float
            Linear reflectance in [0, 1]. The formula is exact for one paint on all walls only; maps are for
            experiments.
        exposure : float or None
            Factor on linear light; None for the room's `exposure`.

        Returns
        -------
        (H, W, 3) float32
            Linear light, 1 = white on a screen; above 1 where a camera would clip.
        """
        reflectance = np.asarray(paint, np.float32)
        light = evaluate(self.a, self.b, self.c, self.feedback, reflectance)
        return light * np.float32(self.exposure if exposure is None else exposure)

    def photo(
        self, color: Color | str, camera: Camera | None = None, generator: np.random.Generator | None = None
    ) -> np.ndarray:
        """(H, W, 3) uint8 sRGB of the room painted in `color`, through `camera` if one is given."""
        return expose(self.render(parse_color(color).linear), camera, generator)

    def wallpaper_photo(
        self, camera: Camera | None = None, generator: np.random.Generator | None = None
    ) -> np.ndarray | None:
        """(H, W, 3) uint8 sRGB of the wallpapered twin; None if the room has none."""
        if self.wallpaper is None:
            return None
        return expose(self.wallpaper * np.float32(self.exposure), camera, generator)

    def save(self, path: str | os.PathLike[str]) -> None:
        """Write one compressed ``.npz`` file, atomically.

        Light and depth are stored as float16, coverage and albedo as bytes, normals as signed bytes.

        Raises
        ------
        OutputError
            The file cannot be written.
        """
        target = Path(path)
        partial = target.with_name(f".{target.name}.{os.getpid()}.part")
        content = {name: _half(getattr(self, name), bits) for name, bits in _LIGHT.items()}
        content["depth"] = _half(self.depth, 8)
        for name in ("alpha", "emitter", "albedo"):
            content[name] = np.round(np.clip(getattr(self, name), 0, 1) * 255).astype(np.uint8)
        content["normal"] = np.round(np.clip(self.normal, -1, 1) * 127).astype(np.int8)
        if self.wallpaper is not None:
            content["wallpaper"] = _half(self.wallpaper, 9)
        feedback = [float(value) for value in self.feedback]
        about = {
            "format": FORMAT,
            "seed": self.seed,
            "exposure": self.exposure,
            "feedback": feedback,
            "meta": self.meta,
        }
        content["about"] = np.frombuffer(json.dumps(about).encode(), np.uint8)
        try:
            target.parent.mkdir(parents=True, exist_ok=True)
            with open(partial, "wb") as file:
                np.savez_compressed(file, allow_pickle=False, **content)
                file.flush()
                os.fsync(file.fileno())
            os.replace(partial, target)
        except OSError as error:
            raise OutputError.of(path, error, "the room") from error

    @classmethod
    def load(cls, path: str | os.PathLike[str]) -> PaintableRoom:
        """Read a saved room.

        Raises
        ------
        MissingFileError, RoomFileError
            The file does not exist; it is not a room, is truncated, or has another format version.
        """
        if not Path(path).is_file():
            raise MissingFileError(path, "there is no such file.")
        try:
            with np.load(path, allow_pickle=False) as stored:
                content = {name: stored[name] for name in stored.files}
            about = json.loads(content.pop("about").tobytes())
            return cls._from_content(content, about)
        except (KeyError, ValueError, TypeError, EOFError, OSError, zipfile.BadZipFile, zipfile.zlib.error) as error:  # type: ignore[attr-defined]
            raise RoomFileError(
                path, f"this is not a complete room file ({error}). Render it again: wallpaint rooms render."
            ) from error

    @classmethod
    def _from_content(cls, content: dict[str, np.ndarray], about: dict[str, object]) -> PaintableRoom:
        if about["format"] != FORMAT:
            raise ValueError(f"format {about['format']}, this version reads {FORMAT}")
        maps: dict[str, np.ndarray] = {name: content[name].astype(np.float32) for name in (*_LIGHT, "depth")}
        for name in ("alpha", "emitter", "albedo"):
            maps[name] = content[name].astype(np.float32) / 255
        maps["normal"] = content["normal"].astype(np.float32) / 127
        size = maps["alpha"].shape
        for name, channels in {**dict.fromkeys(_LIGHT, (3,)), **_MAPS}.items():
            if maps[name].shape != (*size, *channels):
                raise ValueError(f"{name} has shape {maps[name].shape}, the room {size}")
        wallpaper = content["wallpaper"].astype(np.float32) if "wallpaper" in content else None
        return cls(
            **maps,
            feedback=np.array(about["feedback"], np.float32).reshape(3),
            exposure=float(about["exposure"]),  # type: ignore[arg-type]
            seed=int(about["seed"]),  # type: ignore[call-overload]
            meta=dict(about["meta"]),  # type: ignore[call-overload]
            wallpaper=wallpaper,
        )


def fit(
    black: np.ndarray, low: np.ndarray, middle: np.ndarray, high: np.ndarray
) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Fit a, b, c and λ of I(ρ) = a + bρ + cρ²/(1 − λρ) to pictures in four grey paints.

    Parameters
    ----------
    black : (H, W, 3) float
        I(0) = A_0, ≥ 0.
    low, middle, high : (H, W, 3) float
        g(ρ) = (I(ρ) − I(0))/ρ = Σ_{k≥1} A_k ρ^(k−1) at ρ = `LOW`, `MIDDLE`, `HIGH`; increases with ρ, as all A_k ≥ 0.

    Returns
    -------
    a, b, c : (H, W, 3) float32
        a = I(0). With h(ρ) = ρ/(1 − λρ): c = (g(HIGH) − g(LOW))/(h(HIGH) − h(LOW)), b = g(LOW) − c·h(LOW), so that
        every pixel is exact in three paints.
    feedback : (3,) float32
        λ, chosen so that the mean over the picture is exact in the fourth paint. With G the mean of g and
        s = (G(MIDDLE) − G(LOW))/(G(HIGH) − G(LOW)) · (HIGH − LOW)/(MIDDLE − LOW): λ = (1 − s)/(HIGH − s·MIDDLE).

    >>> g = [np.full((1, 1, 3), 0.5 + 0.2 * rho / (1 - 0.4 * rho)) for rho in (LOW, MIDDLE, HIGH)]
    >>> [round(float(value.flat[0]), 5) for value in fit(np.full((1, 1, 3), 0.1), *g)]
    [0.1, 0.5, 0.2, 0.4]
    """
    means = [picture.mean((0, 1), dtype=np.float64) for picture in (low, middle, high)]
    rise = np.maximum(means[2] - means[0], 1e-12)
    bend = (means[1] - means[0]) / rise * (HIGH - LOW) / (MIDDLE - LOW)
    feedback = np.clip((1 - bend) / np.maximum(HIGH - bend * MIDDLE, 1e-6), 0, 0.95)
    low_gain, high_gain = (rho / (1 - feedback * rho) for rho in (LOW, HIGH))
    twice = np.minimum(np.maximum(high - low, 0) / (high_gain - low_gain), low / low_gain)
    once = low - twice * low_gain
    a, b, c = (values.astype(np.float32) for values in (black, once, twice))
    return a, b, c, feedback.astype(np.float32)


def evaluate(
    a: np.ndarray, b: np.ndarray, c: np.ndarray, feedback: np.ndarray, paint: np.ndarray | float
) -> np.ndarray:
    """Evaluate a + bρ + cρ²/(1 − λρ) for paint ρ; (H, W, 3)."""
    return a + paint * (b + c * paint / (1 - feedback * paint))


def automatic_exposure(
    a: np.ndarray, b: np.ndarray, c: np.ndarray, feedback: np.ndarray, alpha: np.ndarray, emitter: np.ndarray
) -> float:
    """Exposure factor that gives a room in mid-grey paint the brightness of a photo.

    The median luminance of pixels without emitters becomes linear 0.2 (sRGB 0.48), unless that would clip more than
    5 % of the wall pixels in paint of reflectance 0.85.
    """
    grey = luminance(evaluate(a, b, c, feedback, MID_GREY))[emitter < 0.5]
    bright = evaluate(a, b, c, feedback, BRIGHT).max(-1)[alpha > 0.5]
    exposure = 0.2 / max(float(np.median(grey)) if grey.size else 0.0, 1e-6)
    return min(exposure, 1 / max(float(np.quantile(bright, 0.95)), 1e-6)) if bright.size else exposure


def _half(values: np.ndarray, bits: int) -> np.ndarray:
    """Float16 with the mantissa rounded to `bits` of its ten bits; values are clipped to [0, 60,000]."""
    step = 1 << (10 - bits)
    encoded = np.clip(values, 0, 6e4).astype(np.float16).view(np.uint16).astype(np.uint32)
    return ((encoded + step // 2) // step * step).astype(np.uint16).view(np.float16)


def expose(linear: np.ndarray, camera: Camera | Phone | None, generator: np.random.Generator | None) -> np.ndarray:
    """(H, W, 3) linear light → uint8 sRGB, clipped, through a camera where one is given."""
    if camera is not None:
        return camera.apply(linear, generator if generator is not None else np.random.default_rng(0))
    return linear_to_bytes(linear)
