"""A whole room as flat arrays: one mesh, tables of materials and lights, one buffer of textures.

All rooms have the same arrays, only longer or shorter, so that the tracer's kernel is compiled once a process and
serves every room. Compiling anew for each takes longer than a snapshot.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np

from wallpaint.rooms.scene.geometry import merged
from wallpaint.rooms.scene.materials import Material, Texture, Tint
from wallpaint.rooms.scene.occupancy import Part
from wallpaint.rooms.snapshots.labels import Label

LARGEST_TEXTURE = 320  # texels a side; snapshots are small
LIGHT_TABLE = 8192  # triangles drawn in advance, by which a light is chosen with one look-up
PLAIN = np.array([0, 1, 1])  # offset, rows and columns of a texture of one texel


@dataclass(frozen=True, eq=False)
class Bundle:
    """Arrays of one room.

    Attributes
    ----------
    vertices, normals : (V, 3) float32
    uv : (V, 2) float32
        Metres.
    faces : (F, 3) uint32
    face_material, face_label, face_surface : (F,) uint32, uint8, uint8
    texels : (N, 3) float32
        All textures, rows from the top; linear reflectance or radiance.
    color_at, glow_at : (M, 3) uint32
        First texel, rows, columns of each material's colour and glow.
    scale : (M, 4) float32
        Repeats a metre along u and v of colour, then of glow.
    surface : (M, 4) float32
        Roughness (-1 where matte), 1 where metallic, translucency, 1 where it glows and 2 where the sun passes besides.
    lights : (LIGHT_TABLE,) uint32
        Faces that glow, as often as they are chosen.
    face_density : (F,) float32
        Chance that a face is chosen, over its area; 0 where it does not glow.
    area, albedo, power : float
        m² of all faces, their mean reflectance, emitted power (mean of channels).
    """

    vertices: np.ndarray
    normals: np.ndarray
    uv: np.ndarray
    faces: np.ndarray
    face_material: np.ndarray
    face_label: np.ndarray
    face_surface: np.ndarray
    texels: np.ndarray
    color_at: np.ndarray
    glow_at: np.ndarray
    scale: np.ndarray
    surface: np.ndarray
    lights: np.ndarray
    face_density: np.ndarray
    area: float
    albedo: float
    power: float


def bundle(parts: Sequence[tuple[Part, Label]], rng: np.random.Generator) -> Bundle:
    """Flat arrays of parts and their classes; `rng` draws the table of lights."""
    materials = list(dict.fromkeys(part.material for part, _ in parts))
    panes = {part.material for part, label in parts if label == Label.WINDOW and part.material.glow is not None}
    number = {material: index for index, material in enumerate(materials)}
    mesh = merged([part.mesh for part, _ in parts])
    counts = [len(part.mesh.faces) for part, _ in parts]

    def of_parts(values: list[int], kind: type) -> np.ndarray:
        return np.repeat(np.array(values), counts).astype(kind)

    face_material = of_parts([number[part.material] for part, _ in parts], np.uint32)
    texels: list[np.ndarray] = []
    where: list[np.ndarray] = []
    scales: list[tuple[float, float, float, float]] = []
    means = []
    offset = 0
    for material in materials:
        sizes: list[float] = []
        for tint in (material.color, np.zeros(3) if material.glow is None else material.glow):
            pixels, size = _texels(tint)
            texels.append(pixels.reshape(-1, 3))
            where.append(np.array([offset, *pixels.shape[:2]]))
            offset += pixels.shape[0] * pixels.shape[1]
            sizes += [1 / size[0], 1 / size[1]]
            means.append(float(pixels.mean()))
        scales.append((sizes[0], sizes[1], sizes[2], sizes[3]))
    table = np.array(where, np.uint32).reshape(-1, 2, 3)
    corners = mesh.vertices[mesh.faces]
    areas = np.linalg.norm(np.cross(corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0]), axis=-1) / 2
    glow = np.array(means).reshape(-1, 2)[face_material, 1]
    lights, density = _light_table(areas, glow, face_material, rng)
    reflectance = np.array(means).reshape(-1, 2)[face_material, 0]
    return Bundle(
        vertices=mesh.vertices.astype(np.float32),
        normals=mesh.normals.astype(np.float32),
        uv=mesh.uv.astype(np.float32),
        faces=mesh.faces.astype(np.uint32),
        face_material=face_material,
        face_label=of_parts([int(label) for _, label in parts], np.uint8),
        face_surface=of_parts([part.surface for part, _ in parts], np.uint8),
        texels=np.concatenate(texels).astype(np.float32),
        color_at=table[:, 0],
        glow_at=table[:, 1],
        scale=np.array(scales, np.float32),
        surface=np.array([_coat(material, material in panes) for material in materials], np.float32),
        lights=lights,
        face_density=density,
        area=float(areas.sum()),
        albedo=float((reflectance * areas).sum() / areas.sum()),
        power=float(np.pi * (glow * areas).sum()),
    )


def _coat(material: Material, is_pane: bool) -> tuple[float, float, float, float]:
    roughness = -1.0 if material.roughness is None else material.roughness
    return (
        roughness,
        float(material.metallic),
        material.translucency,
        2.0 if is_pane else float(material.glow is not None),
    )


def _texels(tint: Tint) -> tuple[np.ndarray, tuple[float, float]]:
    if not isinstance(tint, Texture):
        return np.asarray(tint, np.float32).reshape(1, 1, 3), (1.0, 1.0)
    pixels = tint.pixels
    rows, columns = (min(LARGEST_TEXTURE, count) for count in pixels.shape[:2])
    if (rows, columns) != pixels.shape[:2]:
        pixels = cv2.resize(pixels.astype(np.float32), (columns, rows), interpolation=cv2.INTER_AREA)
    return pixels, tint.size


def _light_table(
    areas: np.ndarray, glow: np.ndarray, face_material: np.ndarray, rng: np.random.Generator
) -> tuple[np.ndarray, np.ndarray]:
    """Faces drawn by the root of their material's power and, within a material, by area; chance over area of each."""
    power = np.bincount(face_material, areas * glow)
    extent = np.bincount(face_material, areas)
    share = np.sqrt(power) / np.maximum(extent, 1e-12)
    weight = areas * np.where(glow > 0, share[face_material], 0)
    if weight.sum() <= 0:
        return np.zeros(LIGHT_TABLE, np.uint32), np.zeros(len(areas), np.float32)
    lights = rng.choice(len(areas), LIGHT_TABLE, p=weight / weight.sum())
    density = np.bincount(lights, minlength=len(areas)) / LIGHT_TABLE / np.maximum(areas, 1e-12)
    return lights.astype(np.uint32), density.astype(np.float32)
