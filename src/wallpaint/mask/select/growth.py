"""A surface grown from one point over pieces of surface: how likely each of them belongs to it.

Growth follows the light: a piece is compared not with the point but with the nearest piece that certainly belongs.
"""

from __future__ import annotations

import numpy as np

from wallpaint.mask.select.surfaces import Surfaces, crossing_cost

CERTAIN = 20.0  #: log odds of what a person said
_ROUNDS = 4
_BELONGS = 2.5  # log odds from which a piece certainly belongs
_FOREIGN = 8.0  # a*b* distance from the point up to which a piece may be the same paint in another light

# Settled by searching on rendered rooms (see docs/selection.md): the log odds that a piece is of the surface, from
# ln(1 + 10 × the way's crossing_cost), and ln(1 + difference) in a*b*, in L* where brighter, in L* where darker.
_WEIGHTS = np.array([-1.2, -1.8, -0.3, -0.3])
_OFFSET = 6.5

_STUBBORN = 2.0  # log odds beyond which a piece knows no better by itself
_SUASION = 4.5  # log odds that neighbours of one mind add
_EXCHANGES = 5


def grow(surfaces: Surfaces, seed: int, paint: np.ndarray) -> np.ndarray:
    """How likely each piece belongs to the surface that shows at a point.

    Parameters
    ----------
    surfaces : Surfaces
    seed : int
        The piece the point lies in.
    paint : (3,) float
        What shows at the point, in `paint_coordinates`; the piece may hold more than that.

    Returns
    -------
    (N,) float
        Log odds.
    """
    way = surfaces.path_costs(seed, _toll(surfaces, seed, paint))
    members = surfaces.paint.copy()
    members[seed] = paint
    nearest = np.full(len(surfaces), seed)
    for _ in range(_ROUNDS):
        belongs = _log_odds(way, surfaces.paint - members[nearest]) > _BELONGS
        belongs[seed] = True
        nearest = surfaces.nearest(np.flatnonzero(belongs))
    odds = _log_odds(way, surfaces.paint - members[nearest])
    odds[seed] = CERTAIN
    return odds


def smooth_log_odds(surfaces: Surfaces, odds: np.ndarray) -> np.ndarray:
    """Log odds with the neighbours' opinion taken in (mean-field approximation of an Ising model), so that lone pieces
    give way. odds : (N,) float, at or above `CERTAIN` either way where nothing is to change."""
    said = np.abs(odds) >= CERTAIN
    own = np.where(said, odds, np.clip(odds, -_STUBBORN, _STUBBORN))
    settled = own
    for _ in range(_EXCHANGES):
        settled = np.where(said, odds, own + _SUASION * surfaces.mean_around(np.tanh(settled / 2)))
    return settled


def _toll(surfaces: Surfaces, seed: int, paint: np.ndarray) -> np.ndarray:
    """(M,) float: the extra cost of borders along pieces of a foreign colour, and of leaving the point's own piece for
    what does not look like the point."""
    from_point = surfaces.paint - paint
    foreign = np.maximum(0, np.hypot(from_point[:, 1], from_point[:, 2]) / _FOREIGN - 1) ** 2
    extra_cost = 0.05 * (foreign[surfaces.first] + foreign[surfaces.second])
    leaves = (surfaces.first == seed) | (surfaces.second == seed)
    beyond = from_point[np.where(surfaces.first == seed, surfaces.second, surfaces.first)[leaves]]
    extra_cost[leaves] += np.maximum(0, crossing_cost(beyond, beyond[:, 0]) - surfaces.crossing_cost[leaves])
    return extra_cost


def _log_odds(way: np.ndarray, difference: np.ndarray) -> np.ndarray:
    lightness, a, b = difference.T
    evidence = (10 * way, np.hypot(a, b), np.maximum(lightness, 0), np.maximum(-lightness, 0))
    return np.asarray(np.log1p(np.stack(evidence, axis=-1)) @ _WEIGHTS + _OFFSET)
