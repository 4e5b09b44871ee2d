"""A small room drawn by formula: its wall in any paint, under any light, with the true alpha of every edge.

Edges are soft as a camera's are: a pixel holds a mixture of wall and of what stands before it, in linear light.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from wallpaint.color import linear_to_srgb

HEIGHT, WIDTH = 160, 240
BEIGE = (0.46, 0.38, 0.28)
DARK_GREEN = (0.02, 0.05, 0.03)


def grid(height: int = HEIGHT, width: int = WIDTH) -> tuple[np.ndarray, np.ndarray]:
    """y and x of every pixel, (height, width) float each."""
    y, x = np.mgrid[0:height, 0:width].astype(np.float64)
    return y, x


def half_plane(angle: float, point: tuple[float, float], height: int = HEIGHT, width: int = WIDTH) -> np.ndarray:
    """(height, width) coverage of what lies beyond a line through a point (x, y), in the direction of an angle.

    Along the line's edge the coverage of a pixel is within 1 % of its exact area.
    """
    y, x = grid(height, width)
    angle = np.deg2rad(angle)
    return np.clip((x - point[0]) * np.cos(angle) + (y - point[1]) * np.sin(angle) + 0.5, 0, 1)


def disc(center: tuple[float, float], radius: float, feather: float = 1.0, size: tuple[int, int] | None = None):
    """(height, width) coverage of a disc whose edge falls off linearly over `feather` pixels."""
    y, x = grid(*(size or (HEIGHT, WIDTH)))
    return np.clip((radius - np.hypot(x - center[0], y - center[1])) / feather + 0.5, 0, 1)


def even_falloff() -> np.ndarray:
    """(H, W, 3) neutral light that falls off to a half from the window on the left to the far corner."""
    y, x = grid()
    light = 1.0 - 0.35 * x / WIDTH - 0.12 * y / HEIGHT - 0.1 * np.exp(-(((x - 120) / 30) ** 2))
    return np.repeat(light[..., None], 3, axis=-1)


def objects() -> list[tuple[np.ndarray, tuple[float, float, float]]]:
    """What stands before the wall: coverage and linear colour of each thing, from back to front."""
    frame = half_plane(4, (90, 30)) * half_plane(94, (90, 30)) * half_plane(184, (138, 66)) * half_plane(274, (138, 66))
    door = half_plane(2, (186, 0)) * half_plane(181, (222, 0)) * half_plane(90, (0, 34))
    floor = half_plane(88, (0, 132))
    lamp = disc((40, 70), 13)
    return [(frame, (0.05, 0.12, 0.35)), (door, (0.03, 0.02, 0.015)), (floor, (0.18, 0.09, 0.05)), (lamp, (0.7,) * 3)]


def wall_alpha() -> np.ndarray:
    """(H, W) float64 share of wall in each pixel."""
    alpha = np.ones((HEIGHT, WIDTH))
    for coverage, _ in objects():
        alpha *= 1 - coverage
    return alpha


def room_linear(paint: Sequence[float] = BEIGE, light: np.ndarray | None = None) -> np.ndarray:
    """(H, W, 3) linear light of the room: paint × light on the wall, and things before it."""
    picture = np.asarray(paint) * (even_falloff() if light is None else light)
    for coverage, color in objects():
        picture = (1 - coverage[..., None]) * picture + coverage[..., None] * np.asarray(color)
    return picture


def to_bytes(linear: np.ndarray) -> np.ndarray:
    """Linear light → (…, 3) uint8 sRGB, as the formula has it."""
    return np.rint(255 * linear_to_srgb(np.clip(linear, 0, 1))).astype(np.uint8)


def room(paint: Sequence[float] = BEIGE, light: np.ndarray | None = None, noise: float = 0.0) -> np.ndarray:
    """(H, W, 3) uint8 sRGB photo of the room; `noise` is the standard deviation of its grain, in bytes."""
    exact = 255 * linear_to_srgb(np.clip(room_linear(paint, light), 0, 1))
    grain = np.random.default_rng(5).normal(0, noise, exact.shape)
    return np.clip(np.rint(exact + grain), 0, 255).astype(np.uint8)
