"""Inference of the two networks that find walls: one pass for the photo, a short one for every set of clicks."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from pathlib import Path

import cv2
import numpy as np

from wallpaint.networks.opencv_network import OpenCvNetwork
from wallpaint.networks.wall_inputs import Cell, click_maps, photo_input, reduced_photo, similarity

LOOK, CLICK = "look.onnx", "click.onnx"  #: file names
LOOK_OUTPUTS = ("wall", "features", "fine", "paint", "plane")


@dataclass(frozen=True, eq=False)
class WallLook:
    """What the look network gives for one photo, reduced to (h, w).

    Attributes
    ----------
    wall : (1, 1, h/2, w/2) float32
        Log odds of wall.
    features : (1, 64, h/4, w/4) float32
    fine : (1, 32, h/2, w/2) float32
    paint, plane : (C, h/4, w/4) float32
        Embeddings of length 1; cells of one paint, or of one flat surface, are alike.
    """

    wall: np.ndarray
    features: np.ndarray
    fine: np.ndarray
    paint: np.ndarray
    plane: np.ndarray

    @property
    def cells(self) -> tuple[int, int]:
        """Height and width of the features."""
        return int(self.features.shape[2]), int(self.features.shape[3])


class WallNetwork:
    """Both networks.

    Parameters
    ----------
    folder : Path
        Holds ``look.onnx`` and ``click.onnx``.

    Raises
    ------
    WeightsError
        A file is missing or damaged.
    """

    def __init__(self, folder: Path) -> None:
        self._look, self._click = (OpenCvNetwork(folder / name) for name in (LOOK, CLICK))

    def look(self, pixels: np.ndarray) -> WallLook:
        """Run the look network. pixels : (H, W, 3) uint8 sRGB of any size."""
        photo = photo_input(reduced_photo(pixels))[None]
        wall, features, fine, paint, plane = self._look.run({"photo": photo}, LOOK_OUTPUTS)
        return WallLook(wall, features, fine, paint[0], plane[0])

    def click(
        self, look: WallLook, keeps: Sequence[Cell], drops: Sequence[Cell], previous: np.ndarray | None = None
    ) -> np.ndarray:
        """Log odds of the wall meant by some clicks.

        Parameters
        ----------
        look : WallLook
        keeps, drops : sequences of (row, column)
            Cells of the features.
        previous : (a, b) float, optional
            Probability before the last click, of any size.

        Returns
        -------
        (h/2, w/2) float32
        """
        if previous is None:
            previous = np.zeros(look.cells, np.float32)
        before = cv2.resize(previous.astype(np.float32), look.cells[::-1], interpolation=cv2.INTER_AREA)
        similar = similarity(look.paint, keeps), similarity(look.paint, drops)
        maps = click_maps(similar, keeps, drops, before)[None]
        inputs = {"features": look.features, "fine": look.fine, "prior": look.wall, "maps": maps}
        return np.asarray(self._click.run(inputs, ("wall",))[0][0, 0])


@cache
def shipped_wall_network() -> WallNetwork:
    """The networks that come with the package, read once. Raises `WeightsError` if a file is damaged."""
    return WallNetwork(Path(str(files("wallpaint"))) / "weights" / "wall")
