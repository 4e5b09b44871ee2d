"""Meshes in metres with z up: quads, boxes, cushions, surfaces of revolution, tubes and ribbons.

Every mesh has vertex normals (shared on smooth surfaces, separate at edges) and texture coordinates in metres, so any
two meshes of the same material can be merged.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np


@dataclass(frozen=True, eq=False)
class Mesh:
    """Triangles with shading.

    Attributes
    ----------
    vertices, normals : (V, 3) float
        Metres; unit vectors.
    uv : (V, 2) float
        Texture coordinate, in metres along the surface.
    faces : (F, 3) int
        Vertex indices.
    """

    vertices: np.ndarray
    normals: np.ndarray
    uv: np.ndarray
    faces: np.ndarray

    def moved(self, *offset: float) -> Mesh:
        return Mesh(self.vertices + np.array(offset), self.normals, self.uv, self.faces)

    def turned(self, angle: float, axis: str = "z") -> Mesh:
        """Rotated about a coordinate axis through the origin, radians."""
        turn = rotation(angle, axis).T
        return Mesh(self.vertices @ turn, self.normals @ turn, self.uv, self.faces)

    @cached_property
    def bounds(self) -> np.ndarray:
        """(2, 3) lower and upper corner."""
        return np.stack([self.vertices.min(0), self.vertices.max(0)])


def rotation(angle: float, axis: str = "z") -> np.ndarray:
    """(3, 3) rotation matrix, radians, right-handed about `axis`."""
    cos, sin = np.cos(angle), np.sin(angle)
    i, j = {"x": (1, 2), "y": (2, 0), "z": (0, 1)}[axis]
    matrix = np.eye(3)
    matrix[i, i] = matrix[j, j] = cos
    matrix[i, j], matrix[j, i] = -sin, sin
    return matrix


def merged(meshes: Sequence[Mesh]) -> Mesh:
    """One mesh of many."""
    starts = np.cumsum([0, *(len(mesh.vertices) for mesh in meshes[:-1])])
    return Mesh(
        np.concatenate([mesh.vertices for mesh in meshes]),
        np.concatenate([mesh.normals for mesh in meshes]),
        np.concatenate([mesh.uv for mesh in meshes]),
        np.concatenate([mesh.faces + start for mesh, start in zip(meshes, starts, strict=True)]),
    )


def flat(polygons: np.ndarray, uv: np.ndarray | None = None) -> Mesh:
    """Flat-shaded quads.

    Parameters
    ----------
    polygons : (N, 4, 3) float
        Corners, counter-clockwise seen from the front.
    uv : (N, 4, 2) float or None
        None: metres along the first edge and across it.
    """
    polygons = np.asarray(polygons, dtype=float)
    first, second = polygons[:, 1] - polygons[:, 0], polygons[:, 3] - polygons[:, 0]
    normal = _unit(np.cross(first, second))
    if uv is None:
        along = _unit(first)
        across = np.cross(normal, along)
        relative = polygons - polygons[:, :1]
        uv = np.stack([np.einsum("nkc,nc->nk", relative, axis) for axis in (along, across)], -1)
    base = 4 * np.arange(len(polygons))[:, None]
    faces = np.concatenate([base + np.array(triangle) for triangle in ((0, 1, 2), (0, 2, 3))])
    return Mesh(polygons.reshape(-1, 3), np.repeat(normal, 4, 0), np.reshape(uv, (-1, 2)), faces)


def box(width: float, depth: float, height: float) -> Mesh:
    """A sharp box standing on z = 0, centred in x and y."""
    x, y, z = width / 2, depth / 2, height
    corners = {(i, j, k): (i * x, j * y, k * z) for i in (-1, 1) for j in (-1, 1) for k in (0, 1)}
    sides = [
        [(-1, -1, 0), (1, -1, 0), (1, -1, 1), (-1, -1, 1)],
        [(1, 1, 0), (-1, 1, 0), (-1, 1, 1), (1, 1, 1)],
        [(1, -1, 0), (1, 1, 0), (1, 1, 1), (1, -1, 1)],
        [(-1, 1, 0), (-1, -1, 0), (-1, -1, 1), (-1, 1, 1)],
        [(-1, -1, 1), (1, -1, 1), (1, 1, 1), (-1, 1, 1)],
        [(-1, 1, 0), (1, 1, 0), (1, -1, 0), (-1, -1, 0)],
    ]
    return flat(np.array([[corners[corner] for corner in side] for side in sides]))


def soft_box(width: float, depth: float, height: float, radius: float, puff: float = 0.0, steps: int = 4) -> Mesh:
    """A box with rounded edges standing on z = 0; `puff` in [0, 1] swells its faces as a filled cushion does."""
    half = np.array([width, depth, height]) / 2
    radius = min(radius, 0.95 * half.min())
    core = half - radius
    rounding = np.sin(np.linspace(-np.pi / 2, np.pi / 2, steps)) * 0.5 + 0.5
    meshes = []
    for axis in range(3):
        i, j = (axis + 1) % 3, (axis + 2) % 3
        ticks = [
            np.concatenate(
                [-half[k] + radius * rounding, np.linspace(-core[k], core[k], 6)[1:-1], core[k] + radius * rounding]
            )
            for k in (i, j)
        ]
        a, b = np.meshgrid(*ticks, indexing="ij")
        for side in (-1, 1):
            points = np.zeros((*a.shape, 3))
            points[..., i], points[..., j], points[..., axis] = a, b, side * half[axis]
            inner = np.clip(points, -core, core)
            normal = _unit(points - inner)
            points = inner + radius * normal
            points = _swollen(points, half, puff)
            meshes.append(_sheet(points, normal, np.stack([a, b], -1), flip=side < 0))
    return merged(meshes).moved(0, 0, height / 2)


def lathe(profile: Sequence[tuple[float, float]], segments: int = 28) -> Mesh:
    """A surface of revolution around z; `profile` is (radius, height) pairs in metres, bottom first."""
    outline = np.asarray(profile, dtype=float)
    angle = np.linspace(0, 2 * np.pi, segments + 1)[:, None]
    radius, height = outline[:, 0], outline[:, 1]
    points = np.stack([radius * np.cos(angle), radius * np.sin(angle), height + 0 * angle], -1)
    slope = np.gradient(outline, axis=0)
    outward, up = slope[:, 1], -slope[:, 0]
    normal = _unit(np.stack([outward * np.cos(angle), outward * np.sin(angle), up + 0 * angle], -1))
    length = np.concatenate([[0], np.cumsum(np.linalg.norm(np.diff(outline, axis=0), axis=1))])
    uv = np.stack(np.broadcast_arrays(angle * max(radius.max(), 1e-3), length), -1)
    return _sheet(points, normal, uv)


def tube(
    start: Sequence[float] | np.ndarray, end: Sequence[float] | np.ndarray, radius: float, segments: int = 12
) -> Mesh:
    """A closed cylinder between two points."""
    start_, end_ = np.asarray(start, dtype=float), np.asarray(end, dtype=float)
    length = float(np.linalg.norm(end_ - start_))
    along = (end_ - start_) / length
    side = _unit(np.cross(along, [0.0, 1.0, 0.0] if abs(along[1]) < 0.9 else [1.0, 0.0, 0.0]))
    frame = np.stack([side, np.cross(along, side), along])
    edge = 1e-4
    profile = [
        (0, 0),
        (radius - edge, 0),
        (radius, edge),
        (radius, length - edge),
        (radius - edge, length),
        (0, length),
    ]
    upright = lathe(profile, segments)
    return Mesh(upright.vertices @ frame + start_, upright.normals @ frame, upright.uv, upright.faces)


def ball(radius: float, stretch: tuple[float, float, float] = (1, 1, 1)) -> Mesh:
    """An ellipsoid about the origin."""
    angle = np.linspace(-np.pi / 2, np.pi / 2, 13)
    sphere = lathe([(float(radius * np.cos(t)), float(radius * np.sin(t))) for t in angle], 20)
    scale = np.array(stretch)
    return Mesh(sphere.vertices * scale, _unit(sphere.vertices / scale), sphere.uv, sphere.faces)


def ribbon(centre: np.ndarray, side: np.ndarray) -> Mesh:
    """A strip along `centre` (N, 3) that extends by `side` (N, 3) to both sides: a leaf, a blade, a fold of cloth."""
    points = np.stack([centre - side, centre + side], 1)
    normal = _unit(np.cross(np.gradient(centre, axis=0), side))
    steps = np.linspace(0, 1, len(centre))
    uv = np.stack(np.broadcast_arrays(steps[:, None], np.array([0.0, 1.0])), -1)
    return _sheet(points, np.repeat(normal[:, None], 2, 1), uv)


def sheet(points: np.ndarray) -> Mesh:
    """A smooth surface through a grid of points (N, M, 3), M upwards: curtains, folded cloth."""
    normal = _unit(np.cross(np.gradient(points, axis=0), np.gradient(points, axis=1)))
    lengths = [
        np.linalg.norm(np.diff(points, axis=axis, prepend=np.take(points, [0], axis)), axis=-1) for axis in (0, 1)
    ]
    return _sheet(points, normal, np.stack([np.cumsum(length, axis) for axis, length in enumerate(lengths)], -1))


def _sheet(points: np.ndarray, normals: np.ndarray, uv: np.ndarray, flip: bool = False) -> Mesh:
    rows, columns = points.shape[:2]
    first = (np.arange(rows - 1)[:, None] * columns + np.arange(columns - 1)).ravel()
    quads = np.stack([first, first + columns, first + columns + 1, first + 1], 1)
    if flip:
        quads = quads[:, ::-1]
    faces = np.concatenate([quads[:, [0, 1, 2]], quads[:, [0, 2, 3]]])
    return Mesh(points.reshape(-1, 3), normals.reshape(-1, 3), uv.reshape(-1, 2), faces)


def _swollen(points: np.ndarray, half: np.ndarray, puff: float) -> np.ndarray:
    """Points of a block with its edges moved inwards, so that the middle of each face bulges; continuous at edges."""
    cosine = np.cos(points / half * np.pi / 2.2)
    middle = np.stack(
        [cosine[..., 1] * cosine[..., 2], cosine[..., 2] * cosine[..., 0], cosine[..., 0] * cosine[..., 1]], -1
    )
    return points * (1 - puff * np.array([0.12, 0.12, 0.4]) * (1 - middle))


def _unit(vectors: np.ndarray) -> np.ndarray:
    return vectors / np.maximum(np.linalg.norm(vectors, axis=-1, keepdims=True), 1e-12)
