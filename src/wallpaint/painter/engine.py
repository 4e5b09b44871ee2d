"""The protocol of engines: what `Repainter` and `Room` need of whatever paints.

`wallpaint.albedo.AlbedoEngine` and `wallpaint.diffusion.DiffusionEngine` implement it. The way of a colour:
`Room.paint` parses it, `EngineRoom.paint` makes an `EnginePicture`, and `Repaint` measures and saves that.
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
        """Engine and settings as text, for a picture's provenance."""


class EngineRoom(Protocol):
    """A photo prepared for painting: all the work that does not depend on the reference is done."""

    @property
    def depth(self) -> np.ndarray | None:
        """(H, W) float32 in [0, 1], near = 1: the depth map the engine uses; None if it uses none."""

    @property
    def notes(self) -> Sequence[str]:
        """Sentences the user should read about this photo, such as a setting that will change nothing."""

    def paint(
        self, references: Sequence[Color | LaidTexture], callback: Callback | None = None
    ) -> Sequence[EnginePicture]:
        """One picture for each reference.

        callback : ``callback(step, steps)`` is called after every step, by engines that work in steps.
        """


class Engine(Protocol):
    """Paints walls."""

    @property
    def name(self) -> str:
        """The name users choose it by, such as "albedo"."""

    @property
    def remark(self) -> str | None:
        """How it computes, in a sentence for the user; None if there is nothing to say."""

    @property
    def batch_size(self) -> int:
        """The number of references it paints together."""

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
