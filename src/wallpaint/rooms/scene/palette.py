"""Colours and materials of one room, drawn together so that they match."""

from __future__ import annotations

from dataclasses import dataclass, field

import cv2
import numpy as np

from wallpaint.rooms.scene import textures
from wallpaint.rooms.scene.materials import Material, Texture, glossy, matte, metal

WOODS = np.array([[0.36, 0.20, 0.10], [0.50, 0.34, 0.20], [0.16, 0.09, 0.05], [0.58, 0.47, 0.35], [0.42, 0.27, 0.17]])


@dataclass
class Palette:
    """Random colours and materials of one room; everything follows from the generator."""

    rng: np.random.Generator
    wood_color: np.ndarray = field(init=False)
    wood: Material = field(init=False)
    dark: Material = field(init=False)
    trim: Material = field(init=False)
    steel: Material = field(init=False)
    _hue: float = field(init=False)

    def __post_init__(self) -> None:
        rng = self.rng
        self.wood_color = WOODS[rng.integers(len(WOODS))] * rng.uniform(0.8, 1.15)
        self.wood = glossy(textures.grain(rng, self.wood_color), rng.uniform(0.15, 0.35))
        self.dark = glossy(np.ones(3) * rng.uniform(0.02, 0.09) * np.array([1, 0.95, 0.9]), 0.25)
        self.trim = glossy(rng.uniform(0.62, 0.8) * np.array([1, 0.99, rng.uniform(0.93, 1)]), 0.2)
        self.steel = metal(roughness=rng.uniform(0.12, 0.3))
        self._hue = rng.uniform(0, 360)

    def color(self, low: float = 0.1, high: float = 0.9, saturation: float = 0.5) -> np.ndarray:
        """(3,) linear RGB: HSV value in [low, high], limited saturation, hue near the room's main hue or anywhere."""
        rng = self.rng
        hue = self._hue + rng.normal(0, 35) if rng.random() < 0.65 else rng.uniform(0, 360)
        hsv = np.array([[[hue % 360, rng.beta(1.3, 2) * saturation, rng.uniform(low, high)]]], np.float32)
        return np.clip(cv2.cvtColor(hsv, cv2.COLOR_HSV2RGB)[0, 0].astype(float) ** 2.2, 0.012, 0.85)

    def fabric(self, low: float = 0.3, high: float = 0.85, saturation: float = 0.6) -> Material:
        return matte(textures.cloth(self.rng, self.color(low, high, saturation)))

    def linen(self) -> Material:
        return matte(self.rng.uniform(0.55, 0.8) * np.array([1, 0.98, self.rng.uniform(0.9, 1)]))

    def ceramic(self, saturation: float = 0.7) -> Material:
        return glossy(self.color(0.2, 0.95, saturation), self.rng.uniform(0.05, 0.25))

    def floor(self) -> Material:
        """A floor of boards, carpet, tiles or screed."""
        rng = self.rng
        kind = rng.choice(["boards", "boards", "boards", "carpet", "tiles", "screed"])
        if kind == "boards":
            base = WOODS[rng.integers(len(WOODS))] * rng.uniform(0.85, 1.2)
            return glossy(textures.planks(rng, base, size=rng.uniform(1.0, 1.6)), rng.uniform(0.12, 0.35))
        if kind == "carpet":
            return self.fabric(0.35, 0.8, 0.35)
        if kind == "tiles":
            side = rng.uniform(0.9, 1.5)
            return glossy(Texture(textures.tiles(rng, self.color(0.45, 0.9, 0.25), 3, joint=0.008), (side, side)), 0.12)
        cloud = 0.85 + 0.3 * textures.fractal(rng, 256, 256, 6, (2, 2))[..., None]
        return glossy(Texture((self.color(0.5, 0.75, 0.12) * cloud).astype(np.float32), (3.0, 3.0)), 0.3)

    def wall_neutral(self) -> Material:
        """Paint of walls that are not repainted: white, cream or pale grey."""
        rng = self.rng
        return matte(rng.uniform(0.5, 0.82) * np.array([1, rng.uniform(0.96, 1), rng.uniform(0.86, 1)]))
