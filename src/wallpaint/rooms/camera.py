"""Simulation of a camera, from linear light to JPEG, and of the errors of a segmenter's mask.

Order of the steps: lens blur, vignette, sensor noise, white balance, tone curve, sRGB, JPEG.
"""

from __future__ import annotations

import io
from dataclasses import dataclass

import cv2
import numpy as np
from PIL import Image

from wallpaint.color import linear_to_srgb
from wallpaint.rooms.illuminant import illuminant

DAYLIGHT = 5500.0  # kelvin; white-balance errors are relative to it


@dataclass(frozen=True)
class Camera:
    """Parameters of a simulated camera.

    Attributes
    ----------
    blur : float
        Standard deviation of the lens blur, pixels, ≥ 0.
    vignette : float
        Share of light lost in the corners, [0, 1); the loss grows with the square of the distance from the centre.
    full_well : float
        Electrons at white, > 0: shot noise has variance signal/full_well. ``inf`` disables shot noise.
    read_noise : float
        Standard deviation of read noise as a share of white, ≥ 0.
    white_balance : float
        White-balance error in kelvin: the camera balances for 5500 K + this. A positive error makes the picture warm.
    contrast : float
        Strength of an S-shaped tone curve that keeps black, mid grey and white, [-1, 1].
    jpeg_quality : int or None
        JPEG quality, 1 to 100; None skips JPEG.
    """

    blur: float = 0.0
    vignette: float = 0.0
    full_well: float = np.inf
    read_noise: float = 0.0
    white_balance: float = 0.0
    contrast: float = 0.0
    jpeg_quality: int | None = None

    @classmethod
    def draw(cls, rng: np.random.Generator) -> Camera:
        """Draw random parameters of a phone camera: JPEG quality 80 to 95, ±400 K, noise of ISO 100 to 1600."""
        return cls(
            blur=float(rng.uniform(0.2, 0.8)),
            vignette=float(rng.uniform(0.0, 0.3)),
            full_well=float(np.exp(rng.uniform(np.log(600), np.log(12000)))),
            read_noise=float(rng.uniform(0.0005, 0.003)),
            white_balance=float(rng.uniform(-400, 400)),
            contrast=float(rng.uniform(-0.1, 0.5)),
            jpeg_quality=int(rng.integers(80, 96)),
        )

    def apply(self, linear: np.ndarray, rng: np.random.Generator) -> np.ndarray:
        """(H, W, 3) linear light, 1 = white → (H, W, 3) uint8 sRGB."""
        light = np.maximum(np.asarray(linear, np.float32), 0)
        if self.blur > 0:
            light = cv2.GaussianBlur(light, (0, 0), self.blur, borderType=cv2.BORDER_REFLECT)
        light = light * self.falloff(light.shape[0], light.shape[1])[..., None]
        variance = light / self.full_well + self.read_noise**2
        light = light + np.sqrt(variance) * rng.normal(size=light.shape)
        light = np.clip(light * self.balance_gains(), 0, 1)
        encoded = self.tone(linear_to_srgb(light))
        picture = np.round(np.clip(encoded, 0, 1) * 255).astype(np.uint8)
        return picture if self.jpeg_quality is None else through_jpeg(picture, self.jpeg_quality)

    def falloff(self, height: int, width: int) -> np.ndarray:
        """(H, W) float32 transmitted share of light: 1 in the centre, 1 − vignette in the corners."""
        y, x = np.mgrid[:height, :width]
        distance = np.hypot((y + 0.5) / height * 2 - 1, (x + 0.5) / width * 2 - 1) / np.sqrt(2)
        return (1 - self.vignette * distance**2).astype(np.float32)

    def balance_gains(self) -> np.ndarray:
        """(3,) gains on linear sRGB, 1 for green: von Kries adaptation to the daylight that the camera assumes."""
        gains = illuminant(DAYLIGHT) / illuminant(DAYLIGHT + self.white_balance)
        return gains / gains[1]

    def tone(self, encoded: np.ndarray) -> np.ndarray:
        """The tone curve on sRGB values in [0, 1]: x + contrast·x(1 − x)(2x − 1), monotonic for |contrast| ≤ 1."""
        return encoded + self.contrast * encoded * (1 - encoded) * (2 * encoded - 1)


def through_jpeg(picture: np.ndarray, quality: int) -> np.ndarray:
    """(H, W, 3) uint8 written as JPEG (4:2:0) and read back."""
    buffer = io.BytesIO()
    Image.fromarray(picture).save(buffer, "JPEG", quality=quality)
    return np.asarray(Image.open(buffer))


def degrade_mask(alpha: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Degrade a wall mask to one like a segmenter's: hard, jagged, off by 1 to 3 pixels, without small objects.

    Parameters
    ----------
    alpha : (H, W) float
        True coverage in [0, 1].
    rng : numpy.random.Generator

    Returns
    -------
    (H, W) float32
        0 or 1. Computed at a quarter of the size, as by segmentation networks; then the edge is shifted outwards or
        inwards by a slowly varying 1 to 3 pixels.
    """
    height, width = alpha.shape
    coarse_size = max(1, width // 4), max(1, height // 4)
    coarse = cv2.resize(alpha.astype(np.float32), coarse_size, interpolation=cv2.INTER_AREA)
    guess = cv2.resize(coarse, (width, height), interpolation=cv2.INTER_LINEAR) > 0.5
    inside = cv2.distanceTransform(guess.astype(np.uint8), cv2.DIST_L2, 5)
    outside = cv2.distanceTransform((~guess).astype(np.uint8), cv2.DIST_L2, 5)
    signed = np.where(guess, 0.5 - inside, outside - 0.5)
    wander = cv2.resize(rng.normal(size=(6, 6)).astype(np.float32), (width, height), interpolation=cv2.INTER_CUBIC)
    offset = rng.choice([-1.0, 1.0]) * rng.uniform(0.5, 1.5) + 0.8 * wander
    jag = 0.5 * rng.normal(size=(height, width))
    return (signed < np.clip(offset, -2.5, 2.5) + np.clip(jag, -0.5, 0.5)).astype(np.float32)


@dataclass(frozen=True)
class Phone:
    """Strong processing of a phone or of an app, as augmentation for finders of walls; no benchmark track uses it.

    Order: bloom, vignette, white balance, sensor noise, motion blur, tone curve, local contrast, smoothing,
    sharpening, saturation, enlargement from a smaller picture, JPEG once or twice.

    Attributes
    ----------
    bloom : float
        Share of light above white that is spread around it, [0, 1].
    vignette : float
        Light lost in the corners, [0, 1).
    gains : (float, float, float)
        White balance: factors on linear red, green, blue.
    noise, grain : float
        Standard deviation at mid grey as a share of white, of single pixels and of blotches 2 to 4 pixels wide.
    motion : float
        Length of motion blur, pixels; 0 is none.
    angle : float
        Direction of it, radians.
    contrast : float
        As `Camera.contrast`.
    clarity : float
        Local contrast added, share of the difference to a blurred picture; negative flattens as HDR modes do.
    smoothing : float
        Strength of an edge-preserving filter, [0, 1]: beauty filters and strong noise reduction.
    sharpening : float
        Unsharp mask, share of the difference to a picture blurred by 1 to 2 pixels; 1 gives visible halos.
    saturation : float
        1 leaves it, 0 is grey.
    scale : float
        Size of the picture before it is enlarged, (0, 1].
    jpeg : tuple of int
        Qualities of one JPEG after the other.
    """

    bloom: float = 0.0
    vignette: float = 0.0
    gains: tuple[float, float, float] = (1.0, 1.0, 1.0)
    noise: float = 0.0
    grain: float = 0.0
    motion: float = 0.0
    angle: float = 0.0
    contrast: float = 0.0
    clarity: float = 0.0
    smoothing: float = 0.0
    sharpening: float = 0.0
    saturation: float = 1.0
    scale: float = 1.0
    jpeg: tuple[int, ...] = ()

    @classmethod
    def draw(cls, rng: np.random.Generator) -> Phone:
        """Most faults small, a few strong at a time."""

        def sometimes(chance: float, low: float, high: float, otherwise: float = 0.0) -> float:
            value, happens = rng.uniform(low, high), rng.random() < chance
            return float(value) if happens else otherwise

        warmth, green = rng.normal(0, 0.09), rng.normal(0, 0.03)
        red, middle, blue = (float(np.exp(value)) for value in (warmth - green / 2, green, -warmth - green / 2))
        return cls(
            bloom=sometimes(0.4, 0.02, 0.25),
            vignette=sometimes(0.5, 0.0, 0.5),
            gains=(red, middle, blue),
            noise=sometimes(0.6, 0.002, 0.05),
            grain=sometimes(0.3, 0.002, 0.025),
            motion=sometimes(0.12, 1.5, 6.0),
            angle=float(rng.uniform(0, np.pi)),
            contrast=float(np.clip(rng.normal(0.2, 0.35), -0.6, 1.0)),
            clarity=sometimes(0.35, -0.35, 0.5),
            smoothing=sometimes(0.25, 0.2, 1.0),
            sharpening=sometimes(0.4, 0.2, 1.8),
            saturation=float(np.clip(rng.normal(1.05, 0.25), 0.0, 1.8)),
            scale=sometimes(0.2, 0.45, 0.9, 1.0),
            jpeg=tuple(int(quality) for quality in rng.integers(22, 96, rng.choice([0, 1, 2], p=[0.15, 0.6, 0.25]))),
        )

    def apply(self, linear: np.ndarray, rng: np.random.Generator) -> np.ndarray:
        """(H, W, 3) linear light, 1 = white → (H, W, 3) uint8 sRGB."""
        light = np.maximum(np.asarray(linear, np.float32), 0)
        height, width = light.shape[:2]
        if self.bloom > 0:
            over = np.clip(light - 1, 0, 6)
            light = light + np.float32(self.bloom) * cv2.GaussianBlur(over, (0, 0), 0.03 * max(height, width))
        light = light * Camera(vignette=self.vignette).falloff(height, width)[..., None]
        light = np.minimum(light * np.array(self.gains, np.float32), 1)
        spread = np.sqrt(light / 0.2 + 0.02)
        if self.noise > 0:
            light = light + 0.2 * self.noise * spread * rng.standard_normal(light.shape, np.float32)
        if self.grain > 0:
            blotches = cv2.GaussianBlur(rng.standard_normal(light.shape, np.float32), (0, 0), float(rng.uniform(1, 2)))
            light = light + 0.2 * self.grain * spread * blotches / max(float(blotches.std()), 1e-6)
        if self.motion > 0:
            light = cv2.filter2D(light, -1, _streak(self.motion, self.angle), borderType=cv2.BORDER_REFLECT)
        picture: np.ndarray = (
            Camera(contrast=self.contrast).tone(linear_to_srgb(np.clip(light, 0, 1))).astype(np.float32)
        )
        if self.clarity:
            around = cv2.GaussianBlur(picture, (0, 0), 0.05 * max(height, width))
            picture = np.clip(picture + self.clarity * (picture - around), 0, 1)
        if self.smoothing > 0:
            soft = cv2.bilateralFilter(np.ascontiguousarray(picture, np.float32), 7, 0.04 + 0.08 * self.smoothing, 3.0)
            picture = picture + min(1.0, 0.5 + self.smoothing) * (soft - picture)
        if self.sharpening > 0:
            picture = picture + self.sharpening * (picture - cv2.GaussianBlur(picture, (0, 0), 1.3))
        if self.saturation != 1:
            grey = picture.mean(-1, keepdims=True)
            picture = grey + self.saturation * (picture - grey)
        if self.scale < 1:
            small = max(8, round(width * self.scale)), max(8, round(height * self.scale))
            picture = cv2.resize(picture, small, interpolation=cv2.INTER_AREA)
            picture = cv2.resize(picture, (width, height), interpolation=cv2.INTER_CUBIC)
        encoded = np.round(np.clip(picture, 0, 1) * 255).astype(np.uint8)
        for quality in self.jpeg:
            encoded = through_jpeg(encoded, quality)
        return encoded


def _streak(length: float, angle: float) -> np.ndarray:
    """(k, k) float32 kernel of a straight movement, sum 1."""
    reach = int(np.ceil(length / 2))
    y, x = np.mgrid[-reach : reach + 1, -reach : reach + 1]
    along, across = x * np.cos(angle) + y * np.sin(angle), y * np.cos(angle) - x * np.sin(angle)
    weight = np.clip(1 - np.abs(across), 0, 1) * (np.abs(along) <= length / 2)
    return (weight / weight.sum()).astype(np.float32)
