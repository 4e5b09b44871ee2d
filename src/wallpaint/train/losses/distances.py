"""Colour distances between a painted wall and its target in CIELAB, differentiable.

Pictures are sRGB, (B, 3, H, W), 1 = white. Values outside [0, 1] are clipped, as a display does, and the amount of
clipping is added to the distance, so that gradients stay bounded and point back into the range. A difference ΔE counts
as (√(ΔE² + 1) − 1) / 100 (Charbonnier et al. 1994): quadratic where it is invisible, linear above, about 1 between
black and white.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Protocol

from wallpaint.color import srgb_to_lab
from wallpaint.optional import needs_extra
from wallpaint.train.losses.sample_losses import SampleLosses, has_wall, masked_mean

with needs_extra("train", "Training"):
    import torch
    from torch.nn.functional import conv2d


@dataclass(frozen=True)
class TargetWall:
    """Targets of B painted walls.

    Attributes
    ----------
    color : (B, 3) float in [0, 1]
        sRGB of the reference.
    picture : (B, 3, H, W) float in [0, 1]
        sRGB; the room with its wall in the reference colour.
    mask : (B, 1, H, W) float in {0, 1}
        1 is wall.
    """

    color: torch.Tensor
    picture: torch.Tensor
    mask: torch.Tensor


class ColorDistance(Protocol):
    """Distance of painted pictures, (B, 3, H, W), from their targets."""

    def __call__(self, painted: torch.Tensor, target: TargetWall) -> SampleLosses: ...


@dataclass(frozen=True)
class LabDistance:
    """CIE76 between the wall's mean and the reference, as in the metrics; the wall's shading does not count."""

    def __call__(self, painted: torch.Tensor, target: TargetWall) -> SampleLosses:
        lab, clipped = _lab(painted)
        reference = srgb_to_lab(target.color)
        squared = (masked_mean(lab, target.mask) - reference).square().sum(1)
        return _of_walls(_smoothed(squared) + _mean(clipped, target.mask), target.mask)


@dataclass(frozen=True)
class HistogramDistance:
    """Difference of the distributions of L*, a* and b* over the wall; where shadows are does not count.

    The sum of the three Wasserstein-1 distances. It compares histograms without bins: in one dimension it is the mean
    difference of the sorted values (Peyré and Cuturi, "Computational Optimal Transport", 2019, 2.6).
    """

    def __call__(self, painted: torch.Tensor, target: TargetWall) -> SampleLosses:
        lab, clipped = _lab(painted)
        target_lab, _ = _lab(target.picture)
        distance = [
            _smoothed((_sorted(own, mask) - _sorted(other, mask)).square()).mean(1).sum()
            for own, other, mask in zip(lab, target_lab, target.mask > 0, strict=True)
        ]
        return _of_walls(torch.stack(distance) + _mean(clipped, target.mask), target.mask)


@dataclass(frozen=True)
class FrequencyDistance:
    """Difference in colour at low spatial frequencies and in lightness at high ones, pixel by pixel.

    Low frequencies are the wall blurred without its surroundings, compared in L*a*b*; the rest is compared in L*.

    Attributes
    ----------
    blur : float
        Standard deviation of the Gaussian, as a share of the picture's height.
    structure_weight : float
        Weight of the high frequencies against the low ones, ≥ 0.
    """

    blur: float = 1 / 16
    structure_weight: float = 1.0

    def __call__(self, painted: torch.Tensor, target: TargetWall) -> SampleLosses:
        lab, clipped = _lab(painted)
        difference = lab - _lab(target.picture)[0]
        coarse = _blurred(difference, target.mask, self.blur * difference.shape[-2])
        fine = difference[:, :1] - coarse[:, :1]
        color = _smoothed(coarse.square().sum(1, keepdim=True))
        structure = _smoothed(fine.square())
        distance = color + self.structure_weight * structure + clipped
        return _of_walls(_mean(distance, target.mask), target.mask)


#: Distances by their names in the configuration.
COLOR_DISTANCES: Mapping[str, Callable[[], ColorDistance]] = MappingProxyType(
    {"lab": LabDistance, "histogram": HistogramDistance, "frequency": FrequencyDistance}
)


def _lab(pictures: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
    """CIELAB of the clipped pictures, (B, 3, H, W), and the amount of clipping, (B, 1, H, W)."""
    shown = pictures.clamp(0, 1)
    lab: torch.Tensor = srgb_to_lab(shown.movedim(1, -1)).movedim(-1, 1)
    return lab, (pictures - shown).abs().sum(1, keepdim=True)


def _smoothed(squared: torch.Tensor) -> torch.Tensor:
    return ((squared + 1).sqrt() - 1) / 100


def _mean(values: torch.Tensor, mask: torch.Tensor) -> torch.Tensor:
    """(B, 1, H, W) → (B,)"""
    return masked_mean(values, mask)[:, 0]


def _of_walls(values: torch.Tensor, mask: torch.Tensor) -> SampleLosses:
    measured = has_wall(mask)
    return SampleLosses(torch.where(measured, values, 0), measured)


def _sorted(values: torch.Tensor, is_wall: torch.Tensor) -> torch.Tensor:
    """(3, H, W) values and (1, H, W) bool → (3, n) sorted values of the n wall pixels; one 0 for an empty mask."""
    of_wall = values[:, is_wall[0]]
    return of_wall.sort(1).values if of_wall.shape[1] else values.new_zeros(3, 1)


def _blurred(values: torch.Tensor, mask: torch.Tensor, sigma: float) -> torch.Tensor:
    """Gaussian mean over the wall around each pixel; 0 where there is no wall within three standard deviations."""
    weight = _gaussian_sums(mask, sigma)
    sums = _gaussian_sums(torch.where(mask > 0, values, 0) * mask, sigma)
    return sums / torch.where(weight > 0, weight, 1)


def _gaussian_sums(values: torch.Tensor, sigma: float) -> torch.Tensor:
    reach = max(1, round(3 * sigma))
    offsets = torch.arange(-reach, reach + 1, dtype=values.dtype, device=values.device)
    kernel = torch.exp(-0.5 * (offsets / sigma).square())
    channels = values.shape[1]
    rows = conv2d(values, kernel.view(1, 1, -1, 1).expand(channels, -1, -1, -1), padding=(reach, 0), groups=channels)
    return conv2d(rows, kernel.view(1, 1, 1, -1).expand(channels, -1, -1, -1), padding=(0, reach), groups=channels)
