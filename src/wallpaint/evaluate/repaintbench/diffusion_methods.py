"""The diffusion engine as methods of RepaintBench: before and after the colour lock, from albedo, and with depth."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import cache, partial
from typing import Any

import numpy as np

from wallpaint.color import Color
from wallpaint.evaluate.repaintbench.baselines import Method
from wallpaint.painter import Repaint, Repainter
from wallpaint.rooms.generate import usable_cores

STRENGTHS = (0.3, 0.5, 0.8)  #: shares of noise added to the albedo engine's picture


@cache
def diffusion_methods(model: str) -> Mapping[str, Method]:
    """Methods by name, for a model that is loaded once in each process.

    ``MODEL raw`` is the model's picture before the colour lock; all other methods are after it. Depth is not used, even
    if the model brings a ControlNet.

    Raises
    ------
    MissingWeightsError, WeightsError
        See `wallpaint.diffusion.load_model`.
    MissingExtraError
        ``wallpaint[diffusion]`` is not installed.
    """
    from wallpaint.diffusion import load_engine

    return _methods(load_engine(model, depth=False), model)


@cache
def depth_methods(model: str, controlnet: str) -> Mapping[str, Callable[..., np.ndarray]]:
    """The same methods with a depth ControlNet, named ``MODEL with depth``; the same errors.

    They take one more argument than a `Method`, ``depth``: (H, W) float32 in [0, 1], near = 1.
    """
    from wallpaint.diffusion import load_engine

    return _methods(load_engine(model, controlnet=controlnet), f"{model} with depth")


def diffusion_fingerprint(model: str, controlnet: str | None = None) -> str:
    """A hash of a model's weights, those of its ControlNet included."""
    from wallpaint.diffusion.model_files import ModelSources, find_files

    return find_files(ModelSources(model, controlnet=controlnet)).fingerprint()


def share_cores(processes: int) -> None:
    """Divide the cores among several processes; without this each would use all of them."""
    import torch

    torch.set_num_threads(max(1, usable_cores() // processes))


def _methods(usual: Any, name: str) -> Mapping[str, Method]:
    painted = _LastRepaint(Repainter(usual).open)
    methods = {f"{name} raw": partial(_before_lock, painted), name: partial(_after_lock, painted)}
    for strength in STRENGTHS:
        engine = usual.sampled(init="albedo", strength=strength)
        methods[f"{name} from albedo {strength:g}"] = partial(_after_lock, _LastRepaint(Repainter(engine).open))
    return methods


class _LastRepaint:
    """Keeps the last repaint, which two methods read."""

    def __init__(self, open_room: Callable[..., object]) -> None:
        self.open_room = open_room
        self.asked: tuple[np.ndarray, Color] | None = None
        self.repaint: Repaint | None = None

    def __call__(self, source: np.ndarray, mask: np.ndarray, color: Color, depth: np.ndarray | None) -> Repaint:
        if self.asked is None or self.asked[0] is not source or self.asked[1] is not color or self.repaint is None:
            self.repaint = self.open_room(source, mask, depth=depth).paint(color)  # type: ignore[attr-defined]
            self.asked = source, color
        return self.repaint


def _before_lock(
    paint: _LastRepaint, source: np.ndarray, mask: np.ndarray, color: Color, depth: np.ndarray | None = None
) -> np.ndarray:
    repaint = paint(source, mask, color, depth)
    return repaint.image if repaint.raw is None else repaint.raw


def _after_lock(
    paint: _LastRepaint, source: np.ndarray, mask: np.ndarray, color: Color, depth: np.ndarray | None = None
) -> np.ndarray:
    return paint(source, mask, color, depth).image
