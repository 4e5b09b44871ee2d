"""Rays through the pixels of a camera with a distorting lens of finite aperture."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True, eq=False)
class Rays:
    """A camera's rays.

    Attributes
    ----------
    eye, target, up : (3,) float
    field_of_view : float
        Degrees across the longer side.
    width, height : int
    distortion : float
        Radial: a point at distance r from the middle (1 at the middle of the longer side) is seen at
        r·(1 + distortion·r²); negative is a barrel.
    aperture : float
        Diameter of the lens, metres; 0 is a pinhole.
    focus : float
        Metres along the middle ray.
    """

    eye: np.ndarray
    target: np.ndarray
    up: np.ndarray
    field_of_view: float
    width: int
    height: int
    distortion: float = 0.0
    aperture: float = 0.0
    focus: float = 3.0

    def through(self, count: int, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
        """(H·W·count, 3) float32 origins and unit directions, those of a pixel side by side and stratified."""
        side = int(np.sqrt(count))
        cells = count if side * side != count else side
        total = self.width * self.height
        jitter = rng.random((total, count, 2), dtype=np.float32)
        index = np.arange(count)
        if side * side == count:
            offset = (np.stack([index % cells, index // cells], -1) + jitter) / cells
        else:
            offset = np.stack([(index + jitter[..., 0]) / count, jitter[..., 1]], -1)
        pixel = np.stack(np.meshgrid(np.arange(self.width), np.arange(self.height)), -1).reshape(-1, 1, 2)
        longer = max(self.width, self.height)
        plane = ((pixel + offset) * 2 - np.array([self.width, self.height])) / longer
        plane = plane.reshape(-1, 2).astype(np.float32)
        plane *= 1 + np.float32(self.distortion) * (plane**2).sum(-1, keepdims=True)
        plane *= np.float32(np.tan(np.radians(self.field_of_view) / 2))
        forward, right, above = (axis.astype(np.float32) for axis in self.frame())
        direction = forward + plane[:, :1] * right - plane[:, 1:] * above
        if self.aperture <= 0:
            origin = np.broadcast_to(self.eye.astype(np.float32), direction.shape)
        else:
            radius = np.sqrt(rng.random((len(plane), 1), dtype=np.float32)) * np.float32(self.aperture / 2)
            angle = rng.random((len(plane), 1), dtype=np.float32) * np.float32(2 * np.pi)
            shift = radius * (np.cos(angle) * right + np.sin(angle) * above)
            origin = self.eye.astype(np.float32) + shift
            direction = direction * np.float32(self.focus) - shift
        return origin, direction / np.linalg.norm(direction, axis=-1, keepdims=True)

    def frame(self) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Unit vectors forward, right and up."""
        forward = self.target - self.eye
        forward = forward / np.linalg.norm(forward)
        right = np.cross(forward, self.up)
        right = right / np.linalg.norm(right)
        return forward, right, np.cross(right, forward)
