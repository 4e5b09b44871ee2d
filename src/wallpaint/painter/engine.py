"""Protocols that a painting engine must implement.

`wallpaint.albedo.AlbedoEngine` and `wallpaint.diffusion.DiffusionEngine` implement them. To paint a colour,
`Room.paint` parses it, `EngineRoom.paint` makes an `EnginePicture`, and `Repaint` measures and saves the result.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Protocol

import numpy as np

from wallpaint.color import Color
from wallpaint.mask import WallRegion
from wallpaint.reference import LaidTexture

Callback = Callable[[int, int], None]


class EnginePicture(Protocol):
    """One painted picture."""

    @property
    def picture(self) -> np.ndarray:
        """(H, W, 3) uint8 sRGB, after the colour lock: the wall's median is the reference."""

    @property
    def raw(self) -> np.ndarray | None:
        """(H, W, 3) uint8 sRGB before the colour lock; None if the engine has no such picture."""

    def describe(self) -> dict[str, str]:
        """Engine and settings as text, for the picture's provenance."""


class EngineRoom(Protocol):
    """A photo prepared for painting: the work that does not depend on the reference is done."""

    @property
    def depth(self) -> np.ndarray | None:
        """(H, W) float32 in [0, 1], near = 1: the depth map the engine uses; None if it uses none."""

    @property
    def notes(self) -> Sequence[str]:
        """Messages to the user about this photo, such as a setting that has no effect."""

    def paint(
        self, references: Sequence[Color | LaidTexture], callback: Callback | None = None
    ) -> Sequence[EnginePicture]:
        """Paint one picture for each reference.

        callback : ``callback(step, steps)`` is called after every step, by engines that work in steps.
        """


class Engine(Protocol):
    """A painting engine."""

    @property
    def name(self) -> str:
        """The name by which users select the engine, such as "albedo"."""

    @property
    def remark(self) -> str | None:
        """One sentence for the user on how the engine computes; None if there is none."""

    @property
    def batch_size(self) -> int:
        """The number of references that the engine paints in one batch."""

    @property
    def counts_steps(self) -> bool:
        """Whether `EngineRoom.paint` calls `callback`."""

    def look(self, pixels: np.ndarray, region: WallRegion, depth: np.ndarray | None = None) -> EngineRoom:
        """Prepare a photo for painting.

        Parameters
        ----------
        pixels : (H, W, 3) uint8
            sRGB.
        region : WallRegion
        depth : (H, W) float32, optional
            [0, 1], near = 1.
        """
