"""Surface growing: the log odds that each piece of a photo belongs to the surface at a point.

A piece is compared with the nearest piece that certainly belongs to the surface, and not with the point itself, so that
growth can follow a gradual change of light.
"""

from __future__ import annotations

import numpy as np

from wallpaint.mask.select.finders.surfaces import Surfaces, crossing_cost

CERTAIN = 20.0  #: log odds of a piece that a click marks
_ROUNDS = 4
_BELONGS = 2.5  # log odds from which a piece is taken to belong certainly
_SAME_PAINT = 8.0  # a*b* distance from the point up to which a piece may be the same paint in other light

# Found by search on rendered rooms (see docs/selection.md). Log odds that a piece belongs to the surface: weights of
# ln(1 + 10 × path cost), and of ln(1 + difference) in a*b*, in L* where brighter, and in L* where darker.
_WEIGHTS = np.array([-1.2, -1.8, -0.3, -0.3])
_OFFSET = 6.5

_MAX_OWN_LOG_ODDS = 2.0  # limit on a piece's own log odds before smoothing
_COUPLING = 4.5  # log odds added where all neighbours agree
_ITERATIONS = 5


def grow(surfaces: Surfaces, seed: int, paint: np.ndarray) -> np.ndarray:
    """Log odds that each piece belongs to the surface at a point.

    Parameters
    ----------
    surfaces : Surfaces
    seed : int
        The piece that contains the point.
    paint : (3,) float
        Colour at the point, in `paint_coordinates`; the piece's mean may differ from it.

    Returns
    -------
    (N,) float
        Log odds.
    """
    path = surfaces.path_costs(seed, _extra_cost(surfaces, seed, paint))
    members = surfaces.paint.copy()
    members[seed] = paint
    nearest = np.full(len(surfaces), seed)
    for _ in range(_ROUNDS):
        belongs = _log_odds(path, surfaces.paint - members[nearest]) > _BELONGS
        belongs[seed] = True
        nearest = surfaces.nearest(np.flatnonzero(belongs))
    odds = _log_odds(path, surfaces.paint - members[nearest])
    odds[seed] = CERTAIN
    return odds


def smooth_log_odds(surfaces: Surfaces, odds: np.ndarray) -> np.ndarray:
    """Log odds smoothed over neighbours (mean-field approximation of an Ising model), which removes lone pieces.

    odds : (N,) float; those of `CERTAIN` or more in absolute value stay as they are.
    """
    fixed = np.abs(odds) >= CERTAIN
    own = np.where(fixed, odds, np.clip(odds, -_MAX_OWN_LOG_ODDS, _MAX_OWN_LOG_ODDS))
    smoothed = own
    for _ in range(_ITERATIONS):
        smoothed = np.where(fixed, odds, own + _COUPLING * surfaces.mean_around(np.tanh(smoothed / 2)))
    return smoothed


def _extra_cost(surfaces: Surfaces, seed: int, paint: np.ndarray) -> np.ndarray:
    """(M,) float: extra cost of crossing each border.

    It rises with the distance of the pieces' colour from the point's, and at the borders of the point's own piece with
    the difference between the point and the piece beyond.
    """
    from_point = surfaces.paint - paint
    other_paint = np.maximum(0, np.hypot(from_point[:, 1], from_point[:, 2]) / _SAME_PAINT - 1) ** 2
    extra_cost = 0.05 * (other_paint[surfaces.first] + other_paint[surfaces.second])
    leaves = (surfaces.first == seed) | (surfaces.second == seed)
    beyond = from_point[np.where(surfaces.first == seed, surfaces.second, surfaces.first)[leaves]]
    extra_cost[leaves] += np.maximum(0, crossing_cost(beyond, beyond[:, 0]) - surfaces.crossing_cost[leaves])
    return extra_cost


def _log_odds(path: np.ndarray, difference: np.ndarray) -> np.ndarray:
    lightness, a, b = difference.T
    evidence = (10 * path, np.hypot(a, b), np.maximum(lightness, 0), np.maximum(-lightness, 0))
    return np.asarray(np.log1p(np.stack(evidence, axis=-1)) @ _WEIGHTS + _OFFSET)
