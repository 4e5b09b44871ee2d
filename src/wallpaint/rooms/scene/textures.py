"""Random textures: wood, cloth, tiles, wallpaper, art, plaster, and views through a window."""

from __future__ import annotations

from itertools import pairwise

import cv2
import numpy as np

from wallpaint.rooms.scene.materials import Texture

Generator = np.random.Generator


def fractal(rng: Generator, height: int, width: int, octaves: int = 5, cells: tuple[int, int] = (1, 1)) -> np.ndarray:
    """(height, width) float32 periodic value noise in [0, 1]; `cells` is the coarsest octave's grid (rows, columns)."""
    total = np.zeros((height, width), np.float32)
    for octave in range(octaves):
        rows, columns = cells[0] * 2**octave, cells[1] * 2**octave
        if rows > height or columns > width:
            break
        lattice = np.pad(rng.random((rows, columns), dtype=np.float32), 2, mode="wrap")
        scale_y, scale_x = height / rows, width / columns
        smooth = cv2.resize(
            lattice, (round((columns + 4) * scale_x), round((rows + 4) * scale_y)), interpolation=cv2.INTER_CUBIC
        )
        top, left = round(2 * scale_y), round(2 * scale_x)
        total += 0.55**octave * smooth[top : top + height, left : left + width]
    return (total - total.min()) / (np.ptp(total) + 1e-6)


def plaster(rng: Generator, strength: float) -> Texture:
    """Unevenness of a rolled or trowelled coat: stipple and broad strokes, 1 on average, about ± `strength`."""
    strokes = fractal(rng, 512, 512, 5, (3, 5)) - 0.5
    stipple = cv2.GaussianBlur(rng.normal(size=(512, 512)).astype(np.float32), (0, 0), 1.2)
    relief = 1 + strength * (1.2 * strokes + 0.35 * stipple / stipple.std())
    relief /= relief.mean()
    return Texture(np.repeat(relief[..., None], 3, -1).astype(np.float32), (2.4, 2.4))


def planks(rng: Generator, base: np.ndarray, boards: int = 8, size: float = 1.3) -> Texture:
    """A floor of boards with grain, knots' rings and joints."""
    pixels, rows = 768, 768 // boards
    image = np.zeros((rows * boards, pixels, 3), np.float32)
    for board in range(boards):
        grain = fractal(rng, rows, pixels, 5, (3, 1))
        rings = 0.5 + 0.5 * np.sin(2 * np.pi * grain * rng.uniform(3, 7))
        strip = np.zeros((rows, pixels, 3), np.float32)
        cuts = np.linspace(0, pixels, int(rng.integers(2, 4)) + 1).astype(int)
        for left, right in pairwise(cuts):
            strip[:, left:right] = base * rng.uniform(0.78, 1.14) * (1 + rng.uniform(-0.05, 0.05, 3))
        strip *= (0.8 + 0.27 * grain + 0.09 * rings)[..., None]
        for left in cuts[:-1]:
            strip[:, left : left + 2] *= 0.4
        strip[:2] *= 0.4
        image[board * rows : (board + 1) * rows] = np.roll(strip, int(rng.integers(pixels)), 1)
    return Texture(np.clip(image, 0.01, 0.9), (size, size))


def grain(rng: Generator, base: np.ndarray, size: float = 1.0) -> Texture:
    """One piece of wood, as a table top."""
    noise = fractal(rng, 256, 512, 5, (5, 1))
    rings = 0.5 + 0.5 * np.sin(2 * np.pi * noise * rng.uniform(4, 8))
    return Texture(
        np.clip(base * (0.8 + 0.3 * noise + 0.1 * rings)[..., None], 0.01, 0.9).astype(np.float32), (size, size)
    )


def cloth(rng: Generator, base: np.ndarray) -> Texture:
    """Woven or piled cloth: carpet, upholstery, curtains."""
    speckle = 0.8 + 0.4 * rng.random((128, 128, 1), dtype=np.float32)
    patches = 0.93 + 0.14 * fractal(rng, 128, 128, 2, (2, 2))[..., None]
    return Texture(np.clip(base * speckle * patches, 0.01, 0.9).astype(np.float32), (0.6, 0.6))


def tiles(rng: Generator, base: np.ndarray, across: int = 1, aspect: float = 1.0, joint: float = 0.012) -> np.ndarray:
    """(512, 512, 3) ceramic tiles, `across` in a row, `aspect` times as wide as high, in running bond if not square."""
    rows = max(2, round(across * aspect / 2) * 2)
    y, x = (np.mgrid[:512, :512] + 0.5) / 512
    row = np.floor(y * rows).astype(int)
    shifted = x * across + (0.5 * (row % 2) if aspect > 1 else 0)
    column = np.floor(shifted).astype(int) % across
    in_joint = (np.abs(shifted % 1 - 0.5) > 0.5 - joint * across / 2) | (
        np.abs(y * rows % 1 - 0.5) > 0.5 - joint * rows / 2
    )
    shade = rng.uniform(0.9, 1.06, (rows, across))[row, column]
    cloud = 0.93 + 0.12 * fractal(rng, 512, 512, 5, (3, 3))
    image = base * (shade * cloud)[..., None]
    return np.where(in_joint[..., None], base.mean() * rng.uniform(0.5, 0.85), image).clip(0.01, 0.9).astype(np.float32)


def wallpaper(rng: Generator, ground: np.ndarray, figure: np.ndarray) -> np.ndarray:
    """(512, 512, 3) repeat of a wallpaper: stripes, flowers, trellis, waves, leaves, dots or damask."""
    y, x = (np.mgrid[:512, :512] + 0.5) / 512
    motif = rng.integers(7)
    if motif == 0:
        count = int(rng.choice([3, 5, 8]))
        figure_share = (np.sin(2 * np.pi * count * x) > rng.uniform(-0.4, 0.6)).astype(float)
    elif motif == 1:
        u, v, radius, angle = _half_drop(x, y, 4)
        petals = 0.2 + 0.14 * np.cos(int(rng.integers(4, 8)) * angle)
        figure_share = (radius < petals).astype(float) - 0.6 * (radius < 0.07)
    elif motif == 2:
        u, v = (x * 4) % 1 - 0.5, (y * 4) % 1 - 0.5
        diamond = np.abs(u) + np.abs(v)
        figure_share = (np.abs(diamond - 0.42) < 0.05) + 0.7 * (diamond < 0.1)
    elif motif == 3:
        figure_share = (np.sin(2 * np.pi * (6 * y + 0.25 * np.sin(2 * np.pi * 4 * x))) > 0.3).astype(float)
    elif motif == 4:
        figure_share = _leaves(rng)
    elif motif == 5:
        _, _, radius, _ = _half_drop(x, y, 7)
        figure_share = (radius < rng.uniform(0.12, 0.3)).astype(float)
    else:
        figure_share = np.clip((fractal(rng, 512, 512, 4, (4, 4)) - 0.5) * 9 + 0.5, 0, 1)
        figure_share = np.maximum(figure_share, figure_share[:, ::-1])
    share = np.clip(figure_share, 0, 1)[..., None]
    paper = 0.96 + 0.08 * rng.random((512, 512, 1))
    return np.clip((ground * (1 - share) + figure * share) * paper, 0.01, 0.9).astype(np.float32)


def art(rng: Generator) -> Texture:
    """An art print: horizons, shapes, a figure study or stripes, in one palette."""
    palette = _palette(rng)
    kind = rng.integers(4)
    if kind == 0:
        height = np.linspace(0, 1, 256)[:, None] + 0.5 * (fractal(rng, 256, 256, 5, (1, 2)) - 0.5)
        at = np.clip(height, 0, 0.999) * (len(palette) - 1)
        index, rest = at.astype(int), (at % 1)[..., None]
        image = palette[index] * (1 - rest) + palette[index + 1] * rest
    elif kind == 1:
        image = np.ones((256, 256, 3), np.float32) * palette[0]
        for _ in range(int(rng.integers(4, 9))):
            color = tuple(float(channel) for channel in palette[rng.integers(len(palette))])
            corner, reach = rng.integers(20, 236, 2), int(rng.integers(15, 80))
            if rng.random() < 0.5:
                cv2.circle(image, (int(corner[0]), int(corner[1])), reach, color, -1, cv2.LINE_AA)
            else:
                end = corner + rng.integers(20, 120, 2)
                cv2.rectangle(image, (int(corner[0]), int(corner[1])), (int(end[0]), int(end[1])), color, -1)
    elif kind == 2:
        image = np.ones((256, 256, 3), np.float32) * np.array([0.8, 0.78, 0.72], np.float32)
        points = np.cumsum(rng.normal(0, 26, (18, 2)), 0) + 128
        ink = tuple(float(channel) for channel in palette[-1] * 0.4)
        cv2.polylines(image, [points.round().astype(np.int32)], False, ink, 3, cv2.LINE_AA)
    else:
        bands = np.sort(rng.uniform(0, 256, 9)).astype(int)
        image = palette[np.searchsorted(bands, np.arange(256)) % len(palette)][None].repeat(256, 0)
        image = image if rng.random() < 0.5 else image.transpose(1, 0, 2)
    return Texture(np.clip(image, 0.01, 0.9).astype(np.float32), (1.0, 1.0))


def outdoors(rng: Generator, color: np.ndarray, strength: float) -> np.ndarray:
    """(96, 96, 3) radiance behind a window: sky brightening upwards, clouds, trees or roofs below."""
    height = np.linspace(1, 0, 96)[:, None]
    clouds = fractal(rng, 96, 96, 5, (2, 2))
    sky = strength * (0.75 + 0.35 * height + 0.4 * (clouds - 0.5))[..., None] * color
    skyline = rng.uniform(0.15, 0.45) + 0.14 * (fractal(rng, 1, 96, 5, (1, 2))[0] - 0.5)
    if rng.random() < 0.4:
        skyline = np.repeat(rng.uniform(0.1, 0.5, 12), 8)
        land = np.array([0.2, 0.17, 0.15]) * (0.6 + 0.5 * rng.random((96, 96, 1)))
    else:
        land = np.array([0.13, 0.18, 0.07]) * (0.4 + fractal(rng, 96, 96, 5, (8, 8)))[..., None]
    return np.where((height < skyline)[..., None], strength * land, sky).astype(np.float32)


def _half_drop(x: np.ndarray, y: np.ndarray, count: int) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Cell coordinates in [-0.5, 0.5] and polar ones, every other column lowered by half a cell."""
    u, v = (x * count) % 1 - 0.5, (y * count + 0.5 * (np.floor(x * count) % 2)) % 1 - 0.5
    return u, v, np.hypot(u, v), np.arctan2(v, u)


def _leaves(rng: Generator) -> np.ndarray:
    """(512, 512) random leaf shapes that wrap at the edges."""
    canvas = np.zeros((1536, 1536), np.float32)
    for _ in range(36):
        centre, angle = rng.uniform(512, 1024, 2), rng.uniform(0, 360)
        axes = (int(rng.uniform(30, 60)), int(rng.uniform(8, 18)))
        for shift in np.ndindex(3, 3):
            at = centre + (np.array(shift) - 1) * 512
            cv2.ellipse(
                canvas, (int(at[0]), int(at[1])), axes, angle, 0, 360, float(rng.uniform(0.5, 1)), -1, cv2.LINE_AA
            )
    return canvas[512:1024, 512:1024]


def _palette(rng: Generator) -> np.ndarray:
    """(5, 3) matching linear colours: similar hues, various lightness, one accent."""
    hue, spread = rng.uniform(0, 360), rng.uniform(10, 60)
    hues = hue + rng.normal(0, spread, 5)
    hues[rng.integers(5)] += 180
    hsv = np.stack([hues % 360, rng.uniform(0.15, 0.75, 5), rng.uniform(0.25, 0.95, 5)], -1).astype(np.float32)
    return cv2.cvtColor(hsv[None], cv2.COLOR_HSV2RGB)[0] ** 2.2
