"""How far a painted wall is from the wanted one in CIELAB, in three senses, all with gradients.

Pictures are sRGB, (B, 3, H, W), 1 = white. What leaves [0, 1] is taken at the limit, as a screen would show it, and
counts by how far it has left, so that gradients stay bounded and lead back. A difference ΔE counts
(√(ΔE² + 1) − 1) / 100 (Charbonnier et al. 1994): quadratic where no eye sees it, linear above, about 1 between black
and white.
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
    """What walls should look like.

    Attributes
    ----------
    color : (B, 3) float in [0, 1]
        sRGB of the reference.
    picture : (B, 3, H, W) float in [0, 1]
        sRGB; the room with its wall in that colour.
    mask : (B, 1, H, W) float in {0, 1}
        1 is wall.
    """

    color: torch.Tensor
    picture: torch.Tensor
    mask: torch.Tensor


class ColorDistance(Protocol):
    """One sense of how far painted pictures, (B, 3, H, W), are from the wanted."""

    def __call__(self, painted: torch.Tensor, wanted: TargetWall) -> SampleLosses: ...


@dataclass(frozen=True)
class LabDistance:
    """CIE76 between the mean of the wall and the reference, as the metrics measure it; light and shadow are free."""

    def __call__(self, painted: torch.Tensor, wanted: TargetWall) -> SampleLosses:
        lab, outside = _lab(painted)
        reference = srgb_to_lab(wanted.color)
        squared = (masked_mean(lab, wanted.mask) - reference).square().sum(1)
        return _of_walls(_smoothed(squared) + _mean(outside, wanted.mask), wanted.mask)


@dataclass(frozen=True)
class HistogramDistance:
    """How differently L*, a* and b* are distributed over the wall: the wanted shadows, wherever they fall.

    The sum of the three Wasserstein-1 distances: what histograms compare, without bins, since in one dimension it is
    the mean difference of the values in order (Peyré and Cuturi, "Computational Optimal Transport", 2019, 2.6).
    """

    def __call__(self, painted: torch.Tensor, wanted: TargetWall) -> SampleLosses:
        lab, outside = _lab(painted)
        target, _ = _lab(wanted.picture)
        apart = [
            _smoothed((_in_order(own, mask) - _in_order(other, mask)).square()).mean(1).sum()
            for own, other, mask in zip(lab, target, wanted.mask > 0, strict=True)
        ]
        return _of_walls(torch.stack(apart) + _mean(outside, wanted.mask), wanted.mask)


@dataclass(frozen=True)
class FrequencyDistance:
    """Colour where pictures are coarse, structure where they are fine, each place against its own.

    The coarse picture is the wall blurred without its surroundings, compared in L*a*b*; the rest is compared in L*.

    Attributes
    ----------
    blur : float
        Standard deviation of the Gaussian, as a share of the picture's height.
    structure_weight : float
        Of the fine against the coarse, ≥ 0.
    """

    blur: float = 1 / 16
    structure_weight: float = 1.0

    def __call__(self, painted: torch.Tensor, wanted: TargetWall) -> SampleLosses:
        lab, outside = _lab(painted)
        difference = lab - _lab(wanted.picture)[0]
        coarse = _blurred(difference, wanted.mask, self.blur * difference.shape[-2])
        fine = difference[:, :1] - coarse[:, :1]
        color = _smoothed(coarse.square().sum(1, keepdim=True))
        structure = _smoothed(fine.square())
        apart = color + self.structure_weight * structure + outside
        return _of_walls(_mean(apart, wanted.mask), wanted.mask)


#: By the names of the configuration.
COLOR_DISTANCES: Mapping[str, Callable[[], ColorDistance]] = MappingProxyType(
    {"lab": LabDistance, "histogram": HistogramDistance, "frequency": FrequencyDistance}
)


def _lab(pictures: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
    """CIELAB of what can be shown, (B, 3, H, W), and how far beyond that a pixel is, (B, 1, H, W)."""
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


def _in_order(values: torch.Tensor, is_wall: torch.Tensor) -> torch.Tensor:
    """(3, H, W) values and (1, H, W) bool → (3, pixels of wall), each row ascending; one 0 for an empty mask."""
    of_wall = values[:, is_wall[0]]
    return of_wall.sort(1).values if of_wall.shape[1] else values.new_zeros(3, 1)


def _blurred(values: torch.Tensor, mask: torch.Tensor, sigma: float) -> torch.Tensor:
    """Gaussian mean over the wall around each place; 0 where there is none within three standard deviations."""
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
