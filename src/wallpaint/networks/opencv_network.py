"""Inference of a network stored as ONNX, by OpenCV's dnn, without torch."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from threading import Lock

import cv2
import numpy as np

from wallpaint.errors import WeightsError


class OpenCvNetwork:
    """A network read from an ONNX file. Threads may share it: calls run one after the other.

    Parameters
    ----------
    path : Path
        ONNX file; inputs may have any height and width that the network allows.

    Raises
    ------
    WeightsError
        The file is missing or damaged.
    """

    def __init__(self, path: Path) -> None:
        try:
            self._network = cv2.dnn.readNetFromONNX(np.frombuffer(path.read_bytes(), np.uint8))
        except (OSError, cv2.error) as error:
            reason = error.strerror if isinstance(error, OSError) else str(error).strip().splitlines()[0]
            raise WeightsError(path, f"this network cannot be read ({reason}). Install wallpaint again.") from None
        self._lock = Lock()

    def run(self, inputs: Mapping[str, np.ndarray], outputs: Sequence[str]) -> list[np.ndarray]:
        """Outputs of the network, float32, in the order of their names.

        inputs : float32 arrays by name, in the shapes the network was exported with, batch first.
        """
        with self._lock:
            for name, value in inputs.items():
                self._network.setInput(np.ascontiguousarray(value, np.float32), name)
            return [np.array(value) for value in self._network.forward(list(outputs))]
