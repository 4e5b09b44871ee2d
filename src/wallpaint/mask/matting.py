"""Matting of edge pixels: the share of wall in a pixel, and the light of the wall alone.

A camera pixel on an edge is a mixture, I = αW + (1 − α)O, of the wall and an object before it. Painting needs α and W.
α is computed with closed-form matting (Levin, Lischinski & Weiss, "A Closed-Form Solution to Natural Image Matting",
IEEE TPAMI 30(2), 2008) by pymatting. W is the mean of the nearest pure wall; only if there is none within reach, it is
computed with multi-level foreground estimation (Germer et al., "Fast Multi-Level Foreground Estimation", ICPR 2020),
also by pymatting. Both are computed in tiles along the edge only, so the cost grows with the length of the edge, not
with the size of the photo.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from types import ModuleType

import cv2
import numpy as np
from threadpoolctl import threadpool_limits

from wallpaint.mask.masked_means import mean_around
from wallpaint.photo.compiled_cache import provide_compiled_cache
from wallpaint.photo.encoding import bytes_to_linear

TILE = 192  #: side of a tile in pixels; the matting matrix of a tile fits into the processor's cache
_REACHES = (2.0, 6.0, 16.0)  # pixels; radii of the search for pure wall, nearest first
_TOLERANCE = 1e-5  # of the residual; α is then accurate to 0.001
_IMMERKAER = np.array([[1, -2, 1], [-2, 4, -2], [1, -2, 1]], np.float32)
_USUAL_NOISE = 4  # bytes; used if there is no pure wall to measure noise on
_ALIKE, _APART = 3.0, 8.0  # difference of two sides in bytes, largest channel: no weight up to, full weight from
_CONTEXT = 40  #: pixels around a tile that are solved with it, so that neighbouring tiles agree


def needs_compiling() -> bool:
    """Whether numba must compile pymatting at its first import (about 40 s, once after installation)."""
    spec = find_spec("pymatting")
    return spec is not None and not any(Path(path).rglob("*.nbi") for path in spec.submodule_search_locations or [])


def band_width(shape: tuple[int, int]) -> int:
    """Default reach of edge refinement in pixels, on either side of a binary mask's edge.

    Masks by segmenters or drawn by hand are off by 1 to 3 pixels at about one megapixel; the error grows with the
    picture's side.
    """
    return max(3, round(0.002 * max(shape)))


def refine_alpha(pixels: np.ndarray, wall: np.ndarray, width: int) -> np.ndarray:
    """Alpha of a binary mask, refined by matting in a band along its edge.

    Parameters
    ----------
    pixels : (H, W, 3) uint8
        sRGB; matting is done in linear light.
    wall : (H, W) bool
    width : int
        Pixels on either side of the edge that are unknown. In such a narrow band, conjugate gradients with a Jacobi
        preconditioner finish before pymatting's default preconditioner is built.

    Returns
    -------
    (H, W) float32
        In [0, 1]; exactly the mask's 0 or 1 farther than `width` from its edge, and where the two sides of the edge
        have the same colour (within 3 bytes; from 8 bytes on, matting has full weight).
    """
    alpha = wall.astype(np.float32)
    if width < 1:
        return alpha
    pymatting = _pymatting()
    inner, outer = edge_limits(wall, width)
    unknown = inner != outer
    for tile, context in _tiles_along(unknown):
        trimap = np.where(unknown[context], 0.5, wall[context]).astype(np.float64)
        if not ((trimap == 0).any() and (trimap == 1).any()):
            continue  # no known wall or no known rest to compare with: the mask is kept
        rows, columns = trimap.shape
        wider = ((0, max(0, 3 - rows)), (0, max(0, 3 - columns)))  # closed-form matting needs at least 3 × 3 pixels
        solved = pymatting.estimate_alpha_cf(
            np.pad(bytes_to_linear(pixels[context]).astype(np.float64), (*wider, (0, 0)), mode="edge"),
            np.pad(trimap, wider, mode="edge"),
            preconditioner=pymatting.jacobi,
            cg_kwargs={"rtol": _TOLERANCE},
        )[:rows, :columns]
        inside = _relative(tile, context)
        share = _contrast_share(pixels[context], trimap == 1, trimap == 0, width)[inside]
        blended = share * np.clip(solved[inside], 0, 1) + (1 - share) * wall[tile]
        alpha[tile] = np.where(unknown[tile], blended, alpha[tile])
    alpha[alpha < 1 / 255] = 0
    alpha[alpha > 254 / 255] = 1
    return alpha


def _contrast_share(pixels: np.ndarray, wall: np.ndarray, rest: np.ndarray, width: int) -> np.ndarray:
    """(h, w) float32 in [0, 1]: weight of matting by the colour difference of known wall and known rest nearby."""
    size = (4 * width + 3, 4 * width + 3)
    color = pixels.astype(np.float32)

    def mean(known: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        weight = known.astype(np.float32)
        coverage = cv2.boxFilter(weight, -1, size, normalize=False, borderType=cv2.BORDER_REFLECT)
        total = cv2.boxFilter(color * weight[..., None], -1, size, normalize=False, borderType=cv2.BORDER_REFLECT)
        return total / np.maximum(coverage, 1)[..., None], coverage >= 0.5

    (inner, has_inner), (outer, has_outer) = mean(wall), mean(rest)
    apart = np.abs(inner - outer).max(axis=-1)
    t = np.clip((apart - _ALIKE) / (_APART - _ALIKE), 0, 1)
    return np.where(has_inner & has_outer, t * t * (3 - 2 * t), 1).astype(np.float32)


def estimate_wall_radiance(pixels: np.ndarray, alpha: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Estimate the light of the wall alone in every mixed pixel.

    Parameters
    ----------
    pixels : (H, W, 3) uint8
        sRGB.
    alpha : (H, W) float32
        Share of wall in each pixel, [0, 1].

    Returns
    -------
    rows, columns : (N,) int
        Positions of the mixed pixels, 0 < α < 1.
    radiance : (N, 3) float32
        Linear light of the unmixed wall, W in I = αW + (1 − α)O.
    """
    mixed = (alpha > 0) & (alpha < 1)
    rows, columns, radiance = [], [], []
    for tile, context in _tiles_along(mixed):
        linear = bytes_to_linear(pixels[context])
        wall = _wall_radiance(linear, alpha[context])
        row, column = np.nonzero(mixed[tile])
        inside = _relative(tile, context)
        wall, light, share = (values[inside][row, column] for values in (wall, linear, alpha[context]))
        byte = pixels[context][inside][row, column]
        limit = bytes_to_linear(np.clip(byte + _noise_bytes(pixels[context], alpha[context]), 0, 255).astype(np.uint8))
        radiance.append(_not_brighter_than(np.maximum(limit, light) / share[:, None], np.clip(wall, 1e-6, 1)))
        rows.append(row + tile[0].start)
        columns.append(column + tile[1].start)
    if not rows:
        return np.empty(0, np.intp), np.empty(0, np.intp), np.empty((0, 3), np.float32)
    return np.concatenate(rows), np.concatenate(columns), np.concatenate(radiance)


@cache
def _pymatting() -> ModuleType:
    """Import pymatting without a change of the thread counts of other libraries.

    numba, which compiles it, starts one thread per core regardless of OMP_NUM_THREADS, and sets OpenMP to that number
    for torch too; on shared cores torch is then many times slower.

    Raises
    ------
    SettingError
        See `provide_compiled_cache`.
    """
    if threads := os.environ.get("OMP_NUM_THREADS"):
        os.environ.setdefault("NUMBA_NUM_THREADS", threads)
    with threadpool_limits():  # restores the present thread counts on exit
        provide_compiled_cache("pymatting")
        import pymatting
    return pymatting


def _wall_radiance(linear: np.ndarray, alpha: np.ndarray) -> np.ndarray:
    """(h, w, 3) linear light of the wall alone: mean of the nearest pure wall, else foreground estimation."""
    pure = (alpha >= 1).astype(linear.dtype)
    wall, known = np.zeros_like(linear), np.zeros(alpha.shape, bool)
    for reach in _REACHES:
        mean, coverage = mean_around(linear, pure, reach)
        found = (coverage > 0.01) & ~known
        wall[found] = mean[found]
        known |= found
    if not known[alpha > 0].all():
        solved = _pymatting().estimate_foreground_ml(linear.astype(np.float64), alpha.astype(np.float64))
        wall[~known] = solved[~known]
    return wall


def _not_brighter_than(limit: np.ndarray, wall: np.ndarray) -> np.ndarray:
    """(N, 3) light of the wall, dimmed where the wall's share alone would be brighter than the whole pixel.

    The light of the other part cannot be negative, so there the wall must be darker than its surroundings: in shadow.
    """
    return (wall * np.minimum((limit / wall).min(axis=1, keepdims=True), 1)).astype(np.float32)


def _noise_bytes(pixels: np.ndarray, alpha: np.ndarray) -> int:
    """Bytes by which noise and rounding may have darkened a channel: three standard deviations on the pure wall, + 1.

    A channel near 0 is mostly noise: on a saturated wall, a byte of 0 in a channel with a mean of half a byte is no
    sign of shadow. Measured with Immerkær's operator, which cancels shading.
    """
    pure = cv2.erode((alpha >= 1).astype(np.uint8), np.ones((3, 3), np.uint8)) > 0
    if not pure.any():
        return _USUAL_NOISE
    response = np.abs(cv2.filter2D(pixels, cv2.CV_32F, _IMMERKAER)[pure])
    return 1 + round(3 * float(np.median(response, axis=0).max()) / (0.6745 * 6))


def edge_limits(wall: np.ndarray, width: int) -> tuple[np.ndarray, np.ndarray]:
    """Two (H, W) bool masks: pixels more than `width` inside the mask, and pixels inside or up to `width` outside it.

    Euclidean distance between the centres of pixels; the picture's border is not an edge.
    """
    y, x = np.mgrid[-width : width + 1, -width : width + 1]
    disc = (x**2 + y**2 <= width**2).astype(np.uint8)  # OpenCV's ellipse reaches up to half a pixel farther
    binary = wall.astype(np.uint8)
    return cv2.erode(binary, disc) > 0, cv2.dilate(binary, disc) > 0


Window = tuple[slice, slice]


def _tiles_along(wanted: np.ndarray) -> Iterator[tuple[Window, Window]]:
    """Tiles that contain a wanted pixel, each with the larger window in which it is solved."""
    height, width = wanted.shape
    for top in range(0, height, TILE):
        for left in range(0, width, TILE):
            tile = (slice(top, min(top + TILE, height)), slice(left, min(left + TILE, width)))
            if wanted[tile].any():
                yield tile, (_widened(tile[0], height), _widened(tile[1], width))


def _widened(span: slice, limit: int) -> slice:
    return slice(max(0, span.start - _CONTEXT), min(limit, span.stop + _CONTEXT))


def _relative(tile: Window, context: Window) -> Window:
    rows, columns = (slice(a.start - b.start, a.stop - b.start) for a, b in zip(tile, context, strict=True))
    return rows, columns
