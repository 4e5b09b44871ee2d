"""Rendering of a paintable room from a seed: furnish, trace, denoise, fit."""

from __future__ import annotations

import numpy as np

from wallpaint.rooms import variant
from wallpaint.rooms.denoise import denoise
from wallpaint.rooms.paintable import HIGH, LOW, MIDDLE, PaintableRoom, automatic_exposure, fit
from wallpaint.rooms.scene import FurnishedRoom, furnish
from wallpaint.rooms.stage import Stage
from wallpaint.rooms.tracer import render_features, render_ordinary, trace_features, trace_polynomial

FEATURE_SAMPLES = 32  # per pixel; first hits are cheap, and denoiser guides and masks need them without noise
NEARLY_BLACK = 1e-4  # reflectance; at 0 Mitsuba ends a path early, which changes all later random numbers


def render_room(
    seed: int,
    size: int = 256,
    samples: int = 32,
    twin: bool = False,
    clean: bool = True,
    kind: str = "furnished",
) -> PaintableRoom:
    """Render the room of a seed for every paint at once.

    Parameters
    ----------
    seed : int
        Seed of the room and of the noise in its picture.
    size : int
        Side of the picture in pixels.
    samples : int
        Light paths per pixel.
    twin : bool
        Also render the room with walls in wallpaper, tiles, panels or eggshell paint.
    clean : bool
        Denoise; False leaves the Monte Carlo noise in, for tests.
    kind : str
        One of ``scene.room.KINDS``. Of a varied room that is its first paint, the others stay as they are.
    """
    active = variant.activate()
    return _render(furnish(seed, kind), size, samples, twin, clean, vectorised=active == variant.LLVM)


def _render(room: FurnishedRoom, size: int, samples: int, twin: bool, clean: bool, vectorised: bool) -> PaintableRoom:
    first_hits = trace_features if vectorised else render_features
    stage = Stage(room, size)
    features = first_hits(stage, FEATURE_SAMPLES, room.seed)
    if vectorised:
        terms = trace_polynomial(stage, samples, room.seed)
        terms = np.stack([denoise(term, features) for term in terms]) if clean else terms
        black, bounced = terms[0], [_bounced(terms, paint) for paint in (LOW, MIDDLE, HIGH)]
    else:
        black = _in_grey(stage, samples, room.seed, NEARLY_BLACK)
        bounced = [
            np.maximum(_in_grey(stage, samples, room.seed, paint) - black, 0) / (paint - NEARLY_BLACK)
            for paint in (LOW, MIDDLE, HIGH)
        ]
        if clean:
            black, *bounced = (denoise(picture, features) for picture in (black, *bounced))
    a, b, c, feedback = fit(black, *bounced)
    wallpaper = None
    if twin:
        dressed = Stage(room, size, dressed=True)
        wallpaper = render_ordinary(dressed, samples, room.seed)
        wallpaper = denoise(wallpaper, first_hits(dressed, FEATURE_SAMPLES, room.seed)) if clean else wallpaper
    return PaintableRoom(
        a=a,
        b=b,
        c=c,
        feedback=feedback,
        alpha=np.clip(features.alpha, 0, 1),
        depth=features.depth,
        normal=features.normal,
        albedo=features.albedo,
        emitter=features.emitter,
        exposure=automatic_exposure(a, b, c, feedback, features.alpha, features.emitter),
        seed=room.seed,
        meta=room.meta,
        wallpaper=wallpaper,
    )


def _bounced(terms: np.ndarray, paint: float) -> np.ndarray:
    """(H, W, 3) Σ_{k≥1} A_k ρ^(k−1)."""
    powers = np.float32(paint) ** np.arange(len(terms) - 1)
    return np.tensordot(powers.astype(np.float32), terms[1:], 1)


def _in_grey(stage: Stage, samples: int, seed: int, paint: float) -> np.ndarray:
    stage.set_paint(np.full(3, paint))
    return render_ordinary(stage, samples, seed)
