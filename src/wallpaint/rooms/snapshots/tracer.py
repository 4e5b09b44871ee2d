"""One picture of a room with the class of every pixel, in about a second: few light paths, first hits by many rays.

The kernel knows no scene: geometry, materials and lights are buffers it reads, so it is compiled once for all rooms.
Surfaces are Lambertian, Lambertian under a clear coat (Schlick's Fresnel, one rough mirror direction), or metal.
Paths end after few scatterings; what would follow is replaced by the mean radiance of the room.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np

from wallpaint.optional import needs_extra
from wallpaint.rooms.scene.lighting import Sun
from wallpaint.rooms.snapshots.bundle import Bundle
from wallpaint.rooms.snapshots.labels import Label
from wallpaint.rooms.snapshots.rays import Rays

with needs_extra("rooms", "Rendering rooms"):
    import drjit as dr
    import mitsuba as mi

MAX_DEPTH = 4  # scatterings followed
CLEAR_COAT = 0.04  # reflectance of a coat at normal incidence
LOOKS = 9  # rays a pixel for classes and coverage, three by three


@dataclass(frozen=True, eq=False)
class Flash:
    """A small lamp beside the lens: (3,) place, (3,) radiant intensity."""

    place: np.ndarray
    intensity: np.ndarray


@dataclass(frozen=True, eq=False)
class Traced:
    """What one pass over a room gives, before noise is removed.

    Attributes
    ----------
    rest, wall : (H, W, 3) float32
        Linear radiance of all but walls, and of walls alone, each times its share of the pixel; they add up.
    rest_albedo, wall_albedo, rest_normal, wall_normal : (H, W, 3) float32
        First hits, likewise weighted; what glows counts as white.
    classes, surfaces : (H, W) uint8
        The commonest class of a pixel; the commonest surface number among its walls, or among all where no wall is.
    alpha : (H, W) float32
        Share of wall, [0, 1].
    glow : (H, W) float32
        Share of what glows, [0, 1].
    """

    rest: np.ndarray
    wall: np.ndarray
    rest_albedo: np.ndarray
    wall_albedo: np.ndarray
    rest_normal: np.ndarray
    wall_normal: np.ndarray
    classes: np.ndarray
    surfaces: np.ndarray
    alpha: np.ndarray
    glow: np.ndarray


class _Buffers:
    """A bundle on the renderer's side."""

    def __init__(self, bundle: Bundle, sun: Sun | None, flash: Flash | None) -> None:
        mesh = mi.Mesh("room", len(bundle.vertices), len(bundle.faces), mi.Properties(), False, False)
        parameters = mi.traverse(mesh)
        parameters["vertex_positions"] = bundle.vertices.ravel()
        parameters["faces"] = bundle.faces.ravel()
        parameters.update()
        self.scene = mi.load_dict({"type": "scene", "room": mesh})
        self.vertices, self.normals = mi.Float(bundle.vertices.ravel()), mi.Float(bundle.normals.ravel())
        self.uv, self.faces = mi.Float(bundle.uv.ravel()), mi.UInt32(bundle.faces.ravel())
        self.face_material = mi.UInt32(bundle.face_material)
        self.face_wall = mi.Float((bundle.face_label == Label.WALL).astype(np.float32))
        self.texels = mi.Float(bundle.texels.ravel())
        self.color_at, self.glow_at = mi.UInt32(bundle.color_at.ravel()), mi.UInt32(bundle.glow_at.ravel())
        self.scale, self.surface = mi.Float(bundle.scale.ravel()), mi.Float(bundle.surface.ravel())
        self.lights, self.density = mi.UInt32(bundle.lights), mi.Float(bundle.face_density)
        powers = np.array([bundle.power > 0, sun is not None, flash is not None], float) * (0.5, 0.3, 0.35)
        share = powers / max(powers.sum(), 1e-9)
        self.area_share, self.sun_share, self.flash_share = (dr.opaque(mi.Float, float(value)) for value in share)
        self.sun_direction = _opaque(np.zeros(3) if sun is None else -sun.direction)
        self.sun_irradiance = _opaque(np.zeros(3) if sun is None else sun.irradiance)
        self.flash_place = _opaque(np.zeros(3) if flash is None else flash.place)
        self.flash_intensity = _opaque(np.zeros(3) if flash is None else flash.intensity)
        self.light_count = dr.opaque(mi.UInt32, len(bundle.lights))


def _opaque(values: np.ndarray) -> Any:
    return mi.Vector3f(*(dr.opaque(mi.Float, float(value)) for value in values))


def trace_snapshot(
    bundle: Bundle,
    rays: Rays,
    samples: int,
    seed: int,
    sun: Sun | None = None,
    flash: Flash | None = None,
    ambient: np.ndarray | None = None,
) -> Traced:
    """One picture.

    Parameters
    ----------
    bundle : Bundle
    rays : Rays
    samples : int
        Light paths a pixel.
    seed : int
    sun, flash : Sun, Flash or None
    ambient : (3,) float or None
        Radiance taken to arrive where a path is cut off; None is none.
    """
    buffers = _Buffers(bundle, sun, flash)
    height, width = rays.height, rays.width
    origin, direction = rays.through(samples, np.random.default_rng([seed, 1]))
    ray = mi.Ray3f(_vectors(origin), _vectors(direction))
    generator = mi.PCG32(height * width * samples, dr.opaque(mi.UInt64, seed))  # type: ignore[operator]
    sky = _opaque(np.zeros(3) if ambient is None else ambient)
    light, on_wall = _follow(buffers, generator, ray, sky, dr.opaque(mi.UInt32, MAX_DEPTH))
    dr.eval(light, on_wall)
    values = _without_fireflies(np.array(light).T.reshape(height, width, samples, 3))
    shares = np.array(on_wall).reshape(height, width, samples, 1)
    seen = _look(buffers, bundle, rays, seed)
    calm = _calm(values.mean(2), seen["glow"])
    wall = (values * shares).mean(2) * calm
    rest = (values * (1 - shares)).mean(2) * calm
    return Traced(rest=rest, wall=wall, **seen)


def _vectors(values: np.ndarray) -> Any:
    columns = np.ascontiguousarray(values.T, np.float32)
    return mi.Vector3f(mi.Float(columns[0]), mi.Float(columns[1]), mi.Float(columns[2]))


def _gather3(buffer: Any, index: Any, active: Any) -> Any:
    return mi.Vector3f(*(dr.gather(mi.Float, buffer, index * 3 + axis, active) for axis in range(3)))


def _corners(buffers: _Buffers, face: Any, active: Any) -> tuple[Any, Any, Any]:
    first, second, third = (dr.gather(mi.UInt32, buffers.faces, face * 3 + axis, active) for axis in range(3))
    return first, second, third


def _texel(buffers: _Buffers, table: Any, material: Any, u: Any, v: Any, column: int, active: Any) -> Any:
    """The nearest texel; `column` 0 for a material's colour, 2 for its glow."""
    offset, rows, columns = (dr.gather(mi.UInt32, table, material * 3 + axis, active) for axis in range(3))
    u = u * dr.gather(mi.Float, buffers.scale, material * 4 + column, active)
    v = v * dr.gather(mi.Float, buffers.scale, material * 4 + (column + 1), active)
    u, v = u - dr.floor(u), v - dr.floor(v)
    x = dr.minimum(mi.UInt32(u * mi.Float(columns)), columns - 1)
    y = dr.minimum(mi.UInt32(v * mi.Float(rows)), rows - 1)
    return mi.Color3f(_gather3(buffers.texels, offset + y * columns + x, active))


def _coordinates(buffers: _Buffers, corners: tuple[Any, Any, Any], b1: Any, b2: Any, active: Any) -> tuple[Any, Any]:
    b0 = 1 - b1 - b2
    out = []
    for axis in range(2):
        values = [dr.gather(mi.Float, buffers.uv, corner * 2 + axis, active) for corner in corners]
        out.append(b0 * values[0] + b1 * values[1] + b2 * values[2])
    return out[0], out[1]


def _shading_normal(buffers: _Buffers, corners: tuple[Any, Any, Any], b1: Any, b2: Any, active: Any) -> Any:
    normals = [_gather3(buffers.normals, corner, active) for corner in corners]
    return dr.normalize((1 - b1 - b2) * normals[0] + b1 * normals[1] + b2 * normals[2])


@dr.syntax
def _follow(buffers, generator, ray, ambient, max_depth):  # type: ignore[no-untyped-def]
    """Radiance of each path, and 1 where it first met a wall."""
    light, throughput = mi.Color3f(0), mi.Color3f(1)
    on_wall = mi.Float(0)
    origin, direction = mi.Vector3f(ray.o), mi.Vector3f(ray.d)
    depth, sharp, active = mi.UInt32(0), mi.Bool(True), mi.Bool(True)
    while active:
        hit = buffers.scene.ray_intersect_preliminary(mi.Ray3f(origin, direction), False, active)
        active = active & hit.is_valid()
        face = hit.prim_index
        corners = _corners(buffers, face, active)
        b1, b2 = hit.prim_uv.x, hit.prim_uv.y
        material = dr.gather(mi.UInt32, buffers.face_material, face, active)
        u, v = _coordinates(buffers, corners, b1, b2, active)
        shading = _shading_normal(buffers, corners, b1, b2, active)
        p0, p1, p2 = (_gather3(buffers.vertices, corner, active) for corner in corners)
        flat = dr.normalize(dr.cross(p1 - p0, p2 - p0))
        flat = dr.select(dr.dot(flat, shading) < 0, -flat, flat)
        front = dr.dot(flat, direction) < 0
        normal = dr.select(front, shading, -shading)
        flat = dr.select(front, flat, -flat)
        place = origin + direction * hit.t

        roughness, metallic, through, glows = (
            dr.gather(mi.Float, buffers.surface, material * 4 + axis, active) for axis in range(4)
        )
        color = _texel(buffers, buffers.color_at, material, u, v, 0, active)
        seen = active & sharp & (glows > 0) & front
        light = light + dr.select(seen, throughput * _texel(buffers, buffers.glow_at, material, u, v, 2, seen), 0)
        on_wall = dr.select(
            active & (depth == 0), dr.gather(mi.Float, buffers.face_wall, face, active & (depth == 0)), on_wall
        )
        active = active & (glows == 0)

        # the coat's mirror, or what lies below it
        cosine = dr.clip(-dr.dot(direction, normal), 0, 1)
        fresnel = CLEAR_COAT + (1 - CLEAR_COAT) * (1 - cosine) ** 5
        fresnel = dr.select(roughness < 0, 0, dr.select(metallic > 0, 1, fresnel))
        mirrored = generator.next_float32() < fresnel
        tint = dr.select(metallic > 0, color, mi.Color3f(1))

        # one light: a glowing face, the sun, or the flash
        pick = generator.next_float32()
        slot = dr.minimum(mi.UInt32(generator.next_float32() * mi.Float(buffers.light_count)), buffers.light_count - 1)
        s, t = generator.next_float32(), generator.next_float32()
        below = active & ~mirrored
        lit_face = dr.gather(mi.UInt32, buffers.lights, slot, below)
        lit_corners = _corners(buffers, lit_face, below)
        q0, q1, q2 = (_gather3(buffers.vertices, corner, below) for corner in lit_corners)
        root = dr.sqrt(s)
        l1, l2 = root * (1 - t), root * t
        spot = q0 * (1 - root) + q1 * l1 + q2 * l2
        lit_normal = dr.normalize(dr.cross(q1 - q0, q2 - q0))
        lit_shading = _shading_normal(buffers, lit_corners, l1, l2, below)
        lit_normal = dr.select(dr.dot(lit_normal, lit_shading) < 0, -lit_normal, lit_normal)
        lit_material = dr.gather(mi.UInt32, buffers.face_material, lit_face, below)
        lu, lv = _coordinates(buffers, lit_corners, l1, l2, below)
        radiance = _texel(buffers, buffers.glow_at, lit_material, lu, lv, 2, below)
        density = dr.gather(mi.Float, buffers.density, lit_face, below)

        by_area, by_sun = pick < buffers.area_share, pick >= buffers.area_share + buffers.flash_share
        target = dr.select(by_area, spot, buffers.flash_place)
        offset = target - place
        square = dr.maximum(dr.squared_norm(offset), 1e-4)
        distance = dr.sqrt(square)
        towards = dr.select(by_sun, buffers.sun_direction, offset / distance)
        area_light = (
            radiance
            * dr.maximum(-dr.dot(towards, lit_normal), 0)
            / (square * dr.maximum(density * buffers.area_share, 1e-9))
        )
        flash_light = mi.Color3f(buffers.flash_intensity) / (square * dr.maximum(buffers.flash_share, 1e-9))
        sun_light = mi.Color3f(buffers.sun_irradiance) / dr.maximum(buffers.sun_share, 1e-9)
        arriving = dr.select(by_area, area_light, dr.select(by_sun, sun_light, flash_light))
        facing = dr.dot(towards, normal)
        same_side = dr.dot(towards, flat) > 0
        passed = dr.select(same_side, 1 - through, through)
        amount = dr.abs(facing) * passed * dr.select((through > 0) | (same_side & (facing > 0)), 1, 0)
        lit = below & (amount > 0)
        side = dr.select(same_side, flat, -flat)
        limit = dr.select(by_sun, mi.Float(1e4), distance * 0.999)
        shadow = mi.Ray3f(place + side * 1e-4, towards)
        shadow.maxt = limit
        blocker = buffers.scene.ray_intersect_preliminary(shadow, False, lit)
        blocked = blocker.is_valid()
        pane = dr.gather(mi.UInt32, buffers.face_material, blocker.prim_index, lit & blocked)
        lets_sun_in = dr.gather(mi.Float, buffers.surface, pane * 4 + 3, lit & blocked) > 1.5
        blocked = blocked & ~(by_sun & lets_sun_in)
        light = light + dr.select(lit & ~blocked, throughput * color * arriving * amount * dr.inv_pi, 0)

        # the next direction
        d1, d2 = generator.next_float32(), generator.next_float32()
        crossing = generator.next_float32() < through
        lobe = mi.warp.square_to_cosine_hemisphere(mi.Point2f(d1, d2))
        frame = mi.Frame3f(dr.select(crossing, -normal, normal))
        scattered = frame.to_world(lobe)
        bump = mi.warp.square_to_uniform_sphere(mi.Point2f(d1, d2)) * dr.maximum(roughness, 0) * 0.7
        mirror = dr.normalize(direction - 2 * dr.dot(direction, normal) * normal + bump)
        mirror = dr.select(dr.dot(mirror, flat) > 0, mirror, mirror - 2 * dr.dot(mirror, flat) * flat)
        direction = dr.select(mirrored, mirror, scattered)
        throughput = throughput * dr.select(mirrored, tint, color)
        origin = place + dr.select(dr.dot(direction, flat) > 0, flat, -flat) * 1e-4
        sharp = mirrored
        depth = depth + 1
        ends = active & (depth >= max_depth)
        light = light + dr.select(ends, throughput * mi.Color3f(ambient), 0)
        active = active & ~ends
    return light, on_wall


def _without_fireflies(values: np.ndarray) -> np.ndarray:
    """(H, W, samples, 3) with a sample that outshines all others of its pixel held at 3 times the next one."""
    if values.shape[2] < 3:
        return values
    brightness = np.nan_to_num(values.max(-1), nan=0.0, posinf=0.0)
    limit = 3 * np.partition(brightness, -2, axis=-1)[..., -2:-1] + 1e-6
    return np.nan_to_num(values) * np.minimum(1, limit / np.maximum(brightness, 1e-9))[..., None]


def _calm(light: np.ndarray, glow: np.ndarray) -> np.ndarray:
    """(H, W, 1) factors that hold a pixel at 3 times the median around it, unless something there glows.

    Single bright pixels, lamps mirrored in a coat, grow into white discs when noise is removed.
    """
    brightness = np.ascontiguousarray(light.max(-1), np.float32)
    around = cv2.medianBlur(brightness, 5)
    limit = np.where(cv2.dilate(glow, np.ones((3, 3))) > 0, np.inf, 3 * around + 1e-6)
    return np.minimum(1, limit / np.maximum(brightness, 1e-9)).astype(np.float32)[..., None]


def _look(buffers: _Buffers, bundle: Bundle, rays: Rays, seed: int) -> dict[str, np.ndarray]:
    """Classes, coverage and the guides for noise removal."""
    height, width = rays.height, rays.width
    origin, direction = rays.through(LOOKS, np.random.default_rng([seed, 2]))
    heading = _vectors(direction)
    hit = buffers.scene.ray_intersect_preliminary(mi.Ray3f(_vectors(origin), heading), False)
    valid, face = hit.is_valid(), hit.prim_index
    corners = _corners(buffers, face, valid)
    b1, b2 = hit.prim_uv.x, hit.prim_uv.y
    u, v = _coordinates(buffers, corners, b1, b2, valid)
    normal = _shading_normal(buffers, corners, b1, b2, valid)
    normal = dr.select(dr.dot(normal, heading) > 0, -normal, normal)
    material = dr.gather(mi.UInt32, buffers.face_material, face, valid)
    glows = dr.gather(mi.Float, buffers.surface, material * 4 + 3, valid)
    color = _texel(buffers, buffers.color_at, material, u, v, 0, valid)
    color = dr.select(glows > 0, mi.Color3f(1), color)
    wall = dr.gather(mi.Float, buffers.face_wall, face, valid)
    channels = (
        [wall * x for x in (*color, *normal)] + [(1 - wall) * x for x in (*color, *normal)] + [dr.minimum(glows, 1)]
    )
    channels = [dr.select(valid, x, 0) for x in channels]
    dr.eval(channels, face, valid)
    sums = [dr.block_sum(x, LOOKS) for x in channels]
    dr.eval(sums)
    maps = (np.stack([np.array(x) for x in sums], -1) / LOOKS).reshape(height, width, -1).astype(np.float32)
    number = np.array(face).astype(np.int64)
    hits = np.array(valid)
    labels = np.where(hits, bundle.face_label[np.where(hits, number, 0)], Label.OTHER)
    surfaces = np.where(hits, bundle.face_surface[np.where(hits, number, 0)], 0)
    pixel = np.repeat(np.arange(height * width), LOOKS)
    counts = np.bincount(pixel * len(Label) + labels, minlength=height * width * len(Label))
    counts = counts.reshape(-1, len(Label))
    classes = counts.argmax(1)
    walls = labels == Label.WALL
    many = int(bundle.face_surface.max()) + 1
    # walls outvote the rest: a plane's number is wanted wherever some of it is seen
    votes = np.bincount(pixel * many + surfaces, np.where(walls, 1.0 + LOOKS, 1.0), minlength=height * width * many)
    plane = votes.reshape(-1, many).argmax(1)
    return {
        "wall_albedo": maps[..., :3],
        "wall_normal": maps[..., 3:6],
        "rest_albedo": maps[..., 6:9],
        "rest_normal": maps[..., 9:12],
        "glow": maps[..., 12],
        "classes": classes.reshape(height, width).astype(np.uint8),
        "surfaces": plane.reshape(height, width).astype(np.uint8),
        "alpha": (counts[:, Label.WALL] / LOOKS).reshape(height, width).astype(np.float32),
    }
