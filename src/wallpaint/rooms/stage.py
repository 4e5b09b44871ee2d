"""Mitsuba scenes of a room: one mesh per material, emitters, a camera, and a paint whose colour can be set."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import replace
from typing import Any

import numpy as np

from wallpaint.optional import needs_extra
from wallpaint.rooms.scene.geometry import Mesh, merged
from wallpaint.rooms.scene.materials import Material, Texture, Tint
from wallpaint.rooms.scene.room import FurnishedRoom
from wallpaint.rooms.scene.viewpoint import Viewpoint

with needs_extra("rooms", "Rendering rooms"):
    import mitsuba as mi

MAX_DEPTH = 12  # most scatterings of a path; 8 lose 2 to 5 % of a room's light, 12 about 1 %
GLOSSES = np.array([0.08, 0.15, 0.22, 0.35])  # roughnesses to which materials of plain colour are rounded


class Stage:
    """The Mitsuba scenes of one room.

    Light is additive, so the sun has a separate scene. In it the lamps are dark, and the glowing window panes, which
    would block the sun, are removed. A picture of the room is the sum over `scenes`.

    Parameters
    ----------
    room : FurnishedRoom
    size : int
        Side of the picture in pixels.
    dressed : bool
        Use the room's `source` material on the walls instead of paint.
    """

    def __init__(self, room: FurnishedRoom, size: int, dressed: bool = False) -> None:
        self.room, self.size = room, size
        self._paint: Any = None
        self._relief = np.ones((1, 1, 3), np.float32)
        lamps: list[tuple[Mesh, Material]] = []
        still: list[tuple[Mesh, Material]] = []
        for part in room.parts:
            material = room.source if part.material.is_paint and dressed else part.material
            (still if material.glow is None else lamps).append((part.mesh, material))
        dark = {f"body{i}": self._shape(*body) for i, body in enumerate(_by_coating(still))}
        panes = [(pane.mesh, pane.material) for pane in room.panes]
        sensor = {"sensor": _sensor(room.viewpoint, size)}
        self.scenes = [
            mi.load_dict(
                {"type": "scene", **sensor, **dark, **self._shapes("lamp", lamps), **self._shapes("pane", panes)}
            )
        ]
        if room.sun is not None:
            unlit = [(mesh, Material(material.color)) for mesh, material in lamps]
            sun = {
                "type": "directional",
                "direction": room.sun.direction.tolist(),
                "irradiance": {"type": "rgb", "value": room.sun.irradiance.tolist()},
            }
            self.scenes.append(
                mi.load_dict({"type": "scene", **sensor, **dark, **self._shapes("lamp", unlit), "sun": sun})
            )

    @property
    def paint(self) -> Any:
        """The BSDF that all painted walls share; None if the walls are dressed."""
        return self._paint

    def set_paint(self, reflectance: np.ndarray, relief: bool = True) -> None:
        """Set the paint of the walls: (3,) linear reflectance, multiplied by the coat's relief if `relief`."""
        parameters = mi.traverse(self._paint)
        (key,) = (key for key in parameters.keys() if key.endswith("reflectance.data"))  # noqa: SIM118 (no mapping)
        coat = self._relief if relief else np.ones_like(self._relief)
        parameters[key] = mi.TensorXf(np.ascontiguousarray(coat * np.asarray(reflectance, np.float32)))
        parameters.update()
        for scene in self.scenes:
            scene.parameters_changed([])

    def _shapes(self, name: str, bodies: list[tuple[Mesh, Material]]) -> dict[str, Any]:
        return {f"{name}{index}": self._shape(mesh, material) for index, (mesh, material) in enumerate(bodies)}

    def _shape(self, mesh: Mesh, material: Material) -> Any:
        properties = mi.Properties()
        if material.is_paint:
            if self._paint is None:
                if isinstance(material.color, Texture):
                    self._relief = np.ascontiguousarray(material.color.pixels, np.float32)
                size = material.color.size if isinstance(material.color, Texture) else (1.0, 1.0)
                self._paint = mi.load_dict(_bsdf(Material(Texture(self._relief, size))))
            properties["bsdf"] = self._paint
        else:
            properties["bsdf"] = mi.load_dict(_bsdf(material))
        if material.glow is not None:
            radiance = _tint(material.glow, emission=True)
            weight = _sampling_weight(mesh, material.glow)
            properties["emitter"] = mi.load_dict({"type": "area", "radiance": radiance, "sampling_weight": weight})
        shape = mi.Mesh("part", len(mesh.vertices), len(mesh.faces), properties, True, True)
        parameters = mi.traverse(shape)
        parameters["vertex_positions"] = np.ravel(mesh.vertices).astype(np.float32)
        parameters["vertex_normals"] = np.ravel(mesh.normals).astype(np.float32)
        parameters["vertex_texcoords"] = np.ravel(mesh.uv).astype(np.float32)
        parameters["faces"] = np.ravel(mesh.faces).astype(np.uint32)
        parameters.update()
        return shape


def _by_coating(bodies: list[tuple[Mesh, Material]]) -> list[tuple[Mesh, Material]]:
    """Merge meshes: one per material, and one with a colour chart for all plain materials of the same gloss.

    Mitsuba computes a table for each glossy material, 50 ms each, and a bookcase has fifty colours.
    """
    groups: dict[Any, list[tuple[Mesh, Material]]] = defaultdict(list)
    for mesh, material in bodies:
        plain = not (material.is_paint or material.metallic or isinstance(material.color, Texture))
        gloss = None if material.roughness is None else float(GLOSSES[np.abs(GLOSSES - material.roughness).argmin()])
        groups[(gloss,) if plain else material].append((mesh, material))
    return [
        _charted(members, key[0]) if isinstance(key, tuple) else (merged([mesh for mesh, _ in members]), key)
        for key, members in groups.items()
    ]


def _charted(bodies: list[tuple[Mesh, Material]], gloss: float | None) -> tuple[Mesh, Material]:
    """Merge meshes of plain colours into one; the texture coordinates of each point to its cell in a row of colours."""
    colors = [
        material.color.pixels[0, 0] if isinstance(material.color, Texture) else material.color for _, material in bodies
    ]
    cells = [np.full_like(mesh.uv, 0.5) + np.array([index, 0]) for index, (mesh, _) in enumerate(bodies)]
    mesh = merged([replace(mesh, uv=uv) for (mesh, _), uv in zip(bodies, cells, strict=True)])
    chart = Texture(np.asarray(colors, np.float32)[None], (len(colors), 1.0))
    return mesh, Material(chart, gloss)


def _sampling_weight(mesh: Mesh, glow: Tint) -> float:
    """Square root of the emitted power: bright panes get more samples, and small lamps enough for low noise nearby."""
    edges = mesh.vertices[mesh.faces]
    area = np.linalg.norm(np.cross(edges[:, 1] - edges[:, 0], edges[:, 2] - edges[:, 0]), axis=-1).sum() / 2
    radiance = glow.pixels if isinstance(glow, Texture) else glow
    return float(np.sqrt(area * radiance.mean()) + 1e-4)


def _sensor(viewpoint: Viewpoint, size: int) -> dict[str, Any]:
    return {
        "type": "perspective",
        "fov": viewpoint.field_of_view,
        "near_clip": 0.01,
        "to_world": mi.ScalarTransform4f().look_at(
            origin=viewpoint.eye.tolist(), target=viewpoint.target.tolist(), up=viewpoint.up.tolist()
        ),
        "film": {
            "type": "hdrfilm",
            "width": size,
            "height": size,
            "rfilter": {"type": "box"},
            "pixel_format": "rgb",
            "component_format": "float32",
        },
        "sampler": {"type": "independent"},
    }


def _bsdf(material: Material) -> dict[str, Any]:
    color = _tint(material.color)
    if material.metallic:
        inner = {"type": "roughconductor", "alpha": material.roughness, "specular_reflectance": color}
    elif material.roughness is not None:
        inner = {"type": "roughplastic", "alpha": material.roughness, "diffuse_reflectance": color}
    else:
        inner = {"type": "diffuse", "reflectance": color}
    return {"type": "twosided", "bsdf": inner}


def _tint(tint: Tint, emission: bool = False) -> dict[str, Any]:
    if isinstance(tint, Texture):
        return {
            "type": "bitmap",
            "bitmap": mi.Bitmap(np.ascontiguousarray(tint.pixels, dtype=np.float32)),
            "raw": True,
            "filter_type": "nearest" if len(tint.pixels) == 1 else "bilinear",
            "to_uv": mi.ScalarTransform4f().scale([1 / tint.size[0], 1 / tint.size[1], 1]),
        }
    values = np.maximum(tint, 0.0)
    return {"type": "rgb", "value": [float(channel) for channel in (values if emission else np.minimum(values, 0.95))]}
