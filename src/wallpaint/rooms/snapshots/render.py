"""From a seed to a snapshot: furnish, trace, remove noise, expose."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from wallpaint.errors import SettingError
from wallpaint.rooms import variant
from wallpaint.rooms.scene import FurnishedRoom, furnish
from wallpaint.rooms.scene.materials import Material, Texture, matte
from wallpaint.rooms.scene.occupancy import Part
from wallpaint.rooms.snapshots.bundle import Bundle, bundle
from wallpaint.rooms.snapshots.labels import Label, thing_label
from wallpaint.rooms.snapshots.rays import Rays
from wallpaint.rooms.snapshots.snapshot import Snapshot

MIDDLE_GREY = 0.19  # linear, where the median of what does not glow is put


def render_snapshot(seed: int, size: int = 352, samples: int = 9, kind: str = "varied") -> Snapshot:
    """Picture, classes and planes of the room of a seed.

    Parameters
    ----------
    seed : int
    size : int
        Pixels along the longer side; the shape follows from the seed, its area that of a 4:3 picture.
    samples : int
        Light paths a pixel; noise is removed afterwards.
    kind : str
        A kind of room with planes: ``varied``.
    """
    if variant.activate() != variant.LLVM:
        raise SettingError(
            "snapshots need Mitsuba's LLVM variant, and no usable libLLVM was found: apt install libllvm19."
        )
    import drjit

    drjit.set_thread_count(1)  # rooms are many and small: a process a core is faster than threads
    return snapshot_of(furnish(seed, kind), size, samples)


def snapshot_of(room: FurnishedRoom, size: int, samples: int) -> Snapshot:
    """Trace and finish a room that has planes and a lens."""
    from wallpaint.rooms.denoise import remove_noise
    from wallpaint.rooms.snapshots.tracer import Flash, trace_snapshot

    if room.lens is None:
        raise SettingError(f"room {room.seed} has no planes to label. Take --kind varied.")
    rng = np.random.default_rng([room.seed, 23])
    flat = bundle(labelled_parts(room), rng)
    across, down = room.lens.aspect
    scale = size * np.sqrt(0.75 / (across * down))
    width, height = (max(8, round(float(edge * scale) / 8) * 8) for edge in (across, down))
    view = room.viewpoint
    rays = Rays(
        view.eye,
        view.target,
        view.up,
        view.field_of_view,
        width,
        height,
        room.lens.distortion,
        room.lens.aperture,
        room.lens.focus,
    )
    flash = None
    if room.flash:
        _, right, above = rays.frame()
        place = view.eye + rng.uniform(0.01, 0.06) * right + rng.uniform(0.02, 0.12) * above
        flash = Flash(place, np.array([1.0, 0.98, 0.95]) * rng.uniform(5, 25))
    ambient = _ambient(flat, room, flash)
    traced = trace_snapshot(flat, rays, samples, room.seed, room.sun, flash, ambient)
    wall = remove_noise(traced.wall, traced.wall_albedo, traced.wall_normal, "fast")
    rest = remove_noise(traced.rest, traced.rest_albedo, traced.rest_normal, "fast")
    exposure = _exposure(rest + wall, traced.glow, rng)
    return Snapshot(
        rest=rest * exposure,
        wall=wall * exposure,
        alpha=traced.alpha,
        classes=traced.classes,
        planes=traced.surfaces,
        surfaces=room.surfaces,
        seed=room.seed,
        meta={**room.meta, "samples": samples},
    )


def labelled_parts(room: FurnishedRoom) -> list[tuple[Part, Label]]:
    """Every part of a room with its class, the open paint filled in, panes last."""
    color = np.full(3, 0.5) if room.paint_color is None else room.paint_color
    closed: dict[Material, Material] = {}

    def finished(part: Part) -> Part:
        if not part.material.is_paint:
            return part
        if part.material not in closed:
            relief = part.material.color
            pixels, size = (
                (relief.pixels, relief.size) if isinstance(relief, Texture) else (np.ones((1, 1, 3)), (1.0, 1.0))
            )
            closed[part.material] = matte(Texture(np.clip(pixels * color, 0.005, 0.92).astype(np.float32), size))
        return replace(part, material=closed[part.material])

    parts = [(finished(part), part.label or Label.OTHER) for part in (*room.shell, *room.panes)]
    for thing in (*room.things, *room.rugs):
        own = thing_label(thing.name)
        parts += [(finished(part), own if part.label is None else part.label) for part in thing.parts]
    return parts


def _ambient(flat: Bundle, room: FurnishedRoom, flash: object) -> np.ndarray:
    """(3,) half the radiance that light would have, were it spread evenly over all surfaces."""
    power = (
        flat.power + (0.0 if room.sun is None else float(room.sun.irradiance.mean()) * 1.0) + (60.0 if flash else 0.0)
    )
    return np.full(3, 0.5 * power / (np.pi * flat.area * max(0.1, 1 - flat.albedo)))


def _exposure(light: np.ndarray, glow: np.ndarray, rng: np.random.Generator) -> np.float32:
    """Median to middle grey, give or take: cameras and people differ."""
    seen = light.mean(-1)[glow < 0.5]
    middle = float(np.median(seen)) if seen.size else 1.0
    bright = float(np.quantile(seen, 0.9)) if seen.size else 1.0
    level = max(middle, 0.35 * bright, 1e-4)
    return np.float32(MIDDLE_GREY / level * np.exp(rng.normal(0.1, 0.3)))
