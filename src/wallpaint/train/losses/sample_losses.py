"""Losses of a batch that may contain samples without a wall, and means over walls."""

from __future__ import annotations

from dataclasses import dataclass

from wallpaint.optional import needs_extra

with needs_extra("train", "Training"):
    import torch


@dataclass(frozen=True)
class SampleLosses:
    """One loss for each of B samples.

    Attributes
    ----------
    values : (B,) float
        Each sample's loss; 0, without gradient, where it could not be measured.
    measured : (B,) bool
        True where the loss could be measured.
    """

    values: torch.Tensor
    measured: torch.Tensor

    @property
    def count(self) -> int:
        """Number of measured samples."""
        return int(self.measured.sum())

    def mean(self) -> torch.Tensor:
        """() Mean over the measured samples; 0, without gradient, if there are none."""
        return self.values.sum() / self.measured.sum().clamp(min=1)

    def weighted(self, weights: torch.Tensor) -> SampleLosses:
        """The losses times a weight for each sample, (B,)."""
        return SampleLosses(self.values * weights, self.measured)


def at_least_float32(values: torch.Tensor) -> torch.Tensor:
    """Half precision converted to float32, to resolve small colour differences; wider types unchanged."""
    return values.to(torch.promote_types(values.dtype, torch.float32))


def has_wall(mask: torch.Tensor) -> torch.Tensor:
    """(B, 1, h, w) mask → (B,) bool: True where any pixel is masked."""
    return mask.flatten(1).sum(1) > 0


def masked_mean(values: torch.Tensor, mask: torch.Tensor) -> torch.Tensor:
    """Mean of each channel over the wall.

    Parameters
    ----------
    values : (B, C, h, w) float
        Any values, even NaN, where the mask is 0.
    mask : (B, 1, h, w) float in [0, 1]
        Weight of each pixel.

    Returns
    -------
    (B, C)
        0, without gradient, where the mask is empty.
    """
    total = mask.sum((2, 3))
    within = torch.where(mask > 0, values, 0) * mask
    return within.sum((2, 3)) / torch.where(total > 0, total, 1)
