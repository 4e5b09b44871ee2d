"""Inference of the network that refines a wall's edge: share of wall in every pixel of a patch, and its error."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from importlib.resources import files
from pathlib import Path

import numpy as np

from wallpaint.networks.edge_inputs import PATCH, edge_inputs, straightened
from wallpaint.networks.opencv_network import OpenCvNetwork

EDGE = "edge.onnx"  #: file name
_TOGETHER = 32  # patches in one pass
_END = 0.02  # shares nearer to 0 or 1 than this become 0 or 1; a sigmoid never reaches them


class EdgeNetwork:
    """The network.

    Parameters
    ----------
    folder : Path
        Holds ``edge.onnx``.

    Raises
    ------
    WeightsError
        The file is missing or damaged.
    """

    def __init__(self, folder: Path) -> None:
        self._network = OpenCvNetwork(folder / EDGE)

    def refine(self, patches: Sequence[tuple[np.ndarray, np.ndarray]]) -> tuple[np.ndarray, np.ndarray]:
        """Share of wall in every pixel of some patches, and the network's confidence.

        Parameters
        ----------
        patches : sequence of ((48, 48, 3) uint8, (48, 48) float32)
            Photo, sRGB, and mask in [0, 1]: wrong by up to about 4 pixels, or alpha from a coarser pass.

        Returns
        -------
        alpha : (N, 48, 48) float32
            In [0, 1]. Where the two sides of the edge have the same colour, the mask with its outline straightened.
        confidence : (N, 48, 48) float32
            1 − expected absolute error of the network's alpha; 0 where there is no contrast, in [0, 1].
        """
        alpha = np.empty((len(patches), PATCH, PATCH), np.float32)
        confidence = np.empty_like(alpha)
        for first in range(0, len(patches), _TOGETHER):
            some = patches[first : first + _TOGETHER]
            inputs = [edge_inputs(pixels, mask) for pixels, mask in some]
            output = self._network.run({"patch": np.stack([each.planes for each in inputs])}, ("edge",))[0]
            contrast = np.stack([each.contrast for each in inputs])
            solved = np.clip((output[:, 0] - _END) / (1 - 2 * _END), 0, 1)
            for index in np.flatnonzero(contrast.min((1, 2)) < 1):
                plain = straightened(some[int(index)][1])
                solved[index] = plain + contrast[index] * (solved[index] - plain)
            part = slice(first, first + len(some))
            alpha[part] = solved
            confidence[part] = contrast * (1 - output[:, 1])
        return alpha, confidence


@cache
def shipped_edge_network() -> EdgeNetwork:
    """The network that comes with the package, read once. Raises `WeightsError` if its file is missing or damaged."""
    return EdgeNetwork(Path(str(files("wallpaint"))) / "weights" / "edge")
