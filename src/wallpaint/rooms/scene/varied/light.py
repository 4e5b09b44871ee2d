"""Light of varied rooms: day with blown-out windows, night with lamps, tubes, flash, coloured light, near darkness."""

from __future__ import annotations

import numpy as np

from wallpaint.rooms.scene.lighting import Lighting
from wallpaint.rooms.scene.materials import Material, glowing

REGIMES = ("day", "mixed", "lamps", "tubes", "flash", "colored", "dim")
_CHANCES = (0.36, 0.16, 0.16, 0.14, 0.08, 0.04, 0.06)
_MIRED = 1e6


def draw_lighting(rng: np.random.Generator) -> tuple[str, Lighting]:
    """Which regime, and its colours as a camera that balances part of the way sees them."""
    regime = str(rng.choice(REGIMES, p=_CHANCES))
    by_day = regime in ("day", "mixed") or (regime in ("tubes", "flash", "dim") and rng.random() < 0.4)
    sky, sun, lamp = rng.uniform(5500, 11000), rng.uniform(3500, 5400), rng.uniform(2500, 4000)
    if regime == "tubes":
        lamp = rng.uniform(3800, 6500)
    prevailing = sky if by_day and regime != "tubes" else lamp
    adaptation = rng.uniform(0.55, 1.0)
    mired = adaptation * _MIRED / prevailing + (1 - adaptation) * _MIRED / 6500 + rng.normal(0, 12)
    return regime, Lighting(by_day, sky, sun, lamp, float(np.clip(_MIRED / mired, 2200, 14000)))


def lamp_glow(rng: np.random.Generator, regime: str, lighting: Lighting, strength: float) -> Material:
    """The glow of one lamp; of any hue where the regime is coloured."""
    color = lighting.color(float(np.clip(lighting.lamp + rng.normal(0, 250), 2200, 7500)))
    if regime == "colored":
        color = rng.dirichlet(np.full(3, 0.6)) * 2.4 + 0.2
    dimmed = {"dim": 0.25, "day": 0.7}.get(regime, 1.0)
    return glowing(color * strength * dimmed * rng.uniform(0.6, 1.6))
