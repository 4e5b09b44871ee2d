"""Path tracing of a room's light as a polynomial in the reflectance of its paint, in one render.

Every light path that reaches a pixel scattered k ≥ 0 times on painted walls. Paint is Lambertian, so each of these
scatterings multiplied the path's light by the paint's reflectance ρ (times the coat's relief, which is known), and

    I(ρ) = Σ_k A_k ρ^k            per pixel and channel, 0 ≤ ρ ≤ 1,

where A_k is the sum over the paths with k scatterings, traced with ρ = 1. The vectorised tracer counts k along each
path and returns all A_k at once. The scalar variant has no such kernel: there, four ordinary renders with the same
random numbers, at ρ ≈ 0 and at three greys, give the data for the fit in `paintable`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from wallpaint.optional import needs_extra
from wallpaint.rooms.stage import MAX_DEPTH, Stage

with needs_extra("rooms", "Rendering rooms"):
    import drjit as dr
    import mitsuba as mi

TERMS = 8  # A_0 … A_7; the last includes the few paths with more scatterings
SUN_STREAM = 7919  # difference between the seeds of a room's scenes, so that their noise is independent
BATCH = 1 << 20  # paths traced at once, a few hundred MB


@dataclass(frozen=True, eq=False)
class FirstHit:
    """Features of the first surface along the camera rays, averaged over each pixel.

    Attributes
    ----------
    alpha, emitter, depth : (H, W) float32
        Share of painted wall and of emitters, [0, 1]; distance along the ray in metres, 0 where the ray hits nothing.
    normal : (H, W, 3) float32
        Shading normal in world coordinates; shorter than 1 in pixels on an edge.
    albedo : (H, W, 3) float32
        Diffuse reflectance of everything except paint, which is black here.
    relief : (H, W, 3) float32
        Reflectance of the painted share for paint of reflectance 1.
    """

    alpha: np.ndarray
    emitter: np.ndarray
    depth: np.ndarray
    normal: np.ndarray
    albedo: np.ndarray
    relief: np.ndarray


def trace_polynomial(stage: Stage, samples: int, seed: int, max_depth: int = MAX_DEPTH) -> np.ndarray:
    """(TERMS, H, W, 3) float32 coefficients A_k; the LLVM variant must be active and the paint set to 1."""
    total = np.zeros((TERMS, stage.size, stage.size, 3), np.float32)
    for index, scene in enumerate(stage.scenes):
        total += _trace(stage, scene, samples, seed + SUN_STREAM * index, max_depth)
    return total


def render_ordinary(stage: Stage, samples: int, seed: int, max_depth: int = MAX_DEPTH) -> np.ndarray:
    """(H, W, 3) float32 linear picture rendered with Mitsuba's path integrator, in any variant."""
    integrator = mi.load_dict({"type": "path", "max_depth": max_depth, "rr_depth": 10 * max_depth})
    total = np.zeros((stage.size, stage.size, 3), np.float32)
    for index, scene in enumerate(stage.scenes):
        total += np.array(
            mi.render(scene, integrator=integrator, spp=samples, seed=mi.UInt32((seed + SUN_STREAM * index) % 2**32))
        )[..., :3]
    return total


def trace_features(stage: Stage, samples: int, seed: int) -> FirstHit:
    """Trace first hits in the LLVM variant, with camera rays of `seed`."""
    scene = stage.scenes[0]
    sums: Any = 0
    done = 0
    while done < samples:
        count = min(max(1, BATCH // stage.size**2), samples - done)
        ray, _ = _camera_rays(scene, stage.size, count, seed * 1000003 + done)
        sums = sums + _block_sums(_first_hits(scene, stage.paint, ray), count)
        done += count
    maps = (sums / samples).reshape(stage.size, stage.size, -1)
    return _features(maps)


def render_features(stage: Stage, samples: int, seed: int) -> FirstHit:
    """Render first hits with Mitsuba's integrators, for the scalar variant.

    Coverage by paint is the albedo that white paint adds (0 if the walls are dressed). Coverage by emitters is the
    directly visible light after every emitter is set to radiance 1.
    """
    aovs = {"type": "aov", "aovs": "albedo:albedo,normal:sh_normal,depth:depth"}
    integrator = mi.load_dict(aovs)
    scene = stage.scenes[0]

    def maps(reflectance: float, relief: bool) -> np.ndarray:
        if stage.paint is not None:
            stage.set_paint(np.full(3, reflectance), relief=relief)
        return np.nan_to_num(
            np.array(mi.render(scene, integrator=integrator, spp=samples, seed=mi.UInt32(seed % 2**32)))[..., -7:]
        )

    black, white, coat = maps(0.0, False), maps(1.0, False), maps(1.0, True)
    alpha = np.clip((white - black)[..., :3].mean(-1), 0, 1)
    parameters = mi.traverse(scene)
    glow = [key for key in parameters.keys() if "emitter.radiance" in key and key.endswith((".value", ".data"))]  # noqa: SIM118
    kept = {key: np.array(parameters[key]) for key in glow}
    _set(parameters, {key: np.ones_like(value) for key, value in kept.items()})
    direct = mi.load_dict({"type": "path", "max_depth": 1})
    emitter = np.array(mi.render(scene, integrator=direct, spp=samples, seed=mi.UInt32(seed % 2**32)))[..., 0]
    _set(parameters, kept)
    if stage.paint is not None:
        stage.set_paint(np.ones(3))
    return FirstHit(
        alpha, np.clip(emitter, 0, 1), black[..., 6], black[..., 3:6], black[..., :3], (coat - black)[..., :3]
    )


def _set(parameters: Any, values: dict[str, np.ndarray]) -> None:
    for key, value in values.items():
        parameters[key] = type(parameters[key])(value)
    parameters.update()


def _trace(stage: Stage, scene: Any, samples: int, seed: int, max_depth: int) -> np.ndarray:
    sums: Any = 0
    done = 0
    while done < samples:
        count = min(max(1, BATCH // stage.size**2), samples - done)
        ray, sampler = _camera_rays(scene, stage.size, count, seed * 1000003 + done)
        terms = _follow(scene, sampler, ray, mi.BSDFPtr(stage.paint), max_depth)
        # evaluate all terms together; otherwise the kernel runs again for every channel of the sums
        dr.eval(terms)
        sums = sums + _block_sums([channel for term in terms for channel in (term.x, term.y, term.z)], count)
        done += count
    maps = (sums / samples).reshape(stage.size, stage.size, TERMS, 3)
    return np.ascontiguousarray(maps.transpose(2, 0, 1, 3), dtype=np.float32)


def _camera_rays(scene: Any, size: int, count: int, seed: int) -> tuple[Any, Any]:
    """`count` camera rays per pixel, those of one pixel adjacent, and the sampler for the rest of the paths."""
    total = size * size * count
    sampler = mi.load_dict({"type": "independent", "sample_count": count})
    sampler.seed(seed % 2**32, total)
    index = dr.arange(mi.UInt32, total) // count
    pixel = mi.Point2f(mi.Float(index % size), mi.Float(index // size))
    film = (pixel + sampler.next_2d()) / size
    ray, _ = scene.sensors()[0].sample_ray(0, 0.5, film, mi.Point2f(0.5))
    return ray, sampler


@dr.syntax
def _follow(scene, sampler, ray, paint, max_depth):  # type: ignore[no-untyped-def]
    """Path tracing with next-event estimation and multiple importance sampling (Veach 1997), light sorted by k.

    No Russian roulette: it would be decided for ρ = 1, which no paint has.
    """
    context = mi.BSDFContext()
    terms = [mi.Color3f(0) for _ in range(TERMS)]
    throughput, scatterings, depth = mi.Color3f(1), mi.UInt32(0), mi.UInt32(0)
    previous, previous_pdf, previous_delta = dr.zeros(mi.Interaction3f), mi.Float(1), mi.Bool(True)
    ray, active = mi.Ray3f(dr.detach(ray)), mi.Bool(True)
    while active:
        hit = scene.ray_intersect(ray, mi.RayFlags.All, depth == 0, active)

        seen = mi.DirectionSample3f(scene, hit, previous)
        light_pdf = scene.pdf_emitter_direction(previous, seen, active & ~previous_delta)
        weight = dr.select(previous_delta, mi.Float(1), previous_pdf / dr.maximum(previous_pdf + light_pdf, 1e-12))
        emitted = dr.select(active, throughput * weight * seen.emitter.eval(hit, active), mi.Color3f(0))

        goes_on = active & hit.is_valid() & (depth + 1 < max_depth)
        bsdf = hit.bsdf(ray)
        on_paint = dr.select(bsdf == paint, mi.UInt32(1), mi.UInt32(0))
        after = dr.minimum(scatterings + on_paint, TERMS - 1)

        towards, radiance = scene.sample_emitter_direction(hit, sampler.next_2d(), True, goes_on)
        lit = goes_on & (towards.pdf > 0)
        local = hit.to_local(towards.d)
        value, scatter_pdf = bsdf.eval_pdf(context, hit, local, lit)
        share = dr.select(towards.delta, mi.Float(1), towards.pdf / dr.maximum(towards.pdf + scatter_pdf, 1e-12))
        direct = dr.select(lit, throughput * value * radiance * share, mi.Color3f(0))

        for k in range(TERMS):
            terms[k] = (
                terms[k]
                + dr.select(scatterings == k, emitted, mi.Color3f(0))
                + dr.select(after == k, direct, mi.Color3f(0))
            )

        sample, factor = bsdf.sample(context, hit, sampler.next_1d(), sampler.next_2d(), goes_on)
        ray = hit.spawn_ray(hit.to_world(sample.wo))
        throughput, scatterings = throughput * factor, after
        previous, previous_pdf = mi.Interaction3f(hit), sample.pdf
        previous_delta = mi.has_flag(sample.sampled_type, mi.BSDFFlags.Delta)
        depth = depth + 1
        active = goes_on & (dr.max(throughput) > 0)
    return terms


def _first_hits(scene: Any, paint: Any, ray: Any) -> list[Any]:
    hit = scene.ray_intersect(ray)
    valid, bsdf = hit.is_valid(), hit.bsdf()
    painted = valid & (bsdf == mi.BSDFPtr(paint)) if paint is not None else mi.Bool(False)
    albedo = bsdf.eval_diffuse_reflectance(hit, valid)
    albedo = dr.select(dr.isfinite(albedo), albedo, 0)
    other, coat = dr.select(painted, mi.Color3f(0), albedo), dr.select(painted, albedo, mi.Color3f(0))
    normal = hit.sh_frame.n * dr.select(dr.dot(hit.sh_frame.n, ray.d) > 0, -1.0, 1.0)
    glows = dr.select(valid & (hit.emitter(scene) != None), mi.Float(1), 0.0)  # noqa: E711 (a vector of pointers)
    channels = [dr.select(painted, mi.Float(1), 0.0), glows, dr.select(valid, hit.t, 0.0)]
    channels += [normal.x, normal.y, normal.z, other.x, other.y, other.z, coat.x, coat.y, coat.z]
    channels = [dr.select(valid, channel, 0.0) for channel in channels]
    dr.eval(channels)
    return channels


def _block_sums(channels: list[Any], count: int) -> np.ndarray:
    """(pixels, channels) float64 sums over the `count` paths of a pixel."""
    sums = [dr.block_sum(channel, count) for channel in channels]
    dr.eval(sums)
    return np.stack([np.array(channel, np.float64) for channel in sums], -1)


def _features(maps: np.ndarray) -> FirstHit:
    maps = maps.astype(np.float32)
    return FirstHit(maps[..., 0], maps[..., 1], maps[..., 2], maps[..., 3:6], maps[..., 6:9], maps[..., 9:12])
