"""Losses that speak of a wall, and so have nothing to say of a sample without one."""

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
        0, without gradient, where nothing was measured.
    measured : (B,) bool
    """

    values: torch.Tensor
    measured: torch.Tensor

    @property
    def count(self) -> int:
        """Samples that were measured."""
        return int(self.measured.sum())

    def mean(self) -> torch.Tensor:
        """() over the samples that were measured; 0, without gradient, if none was."""
        return self.values.sum() / self.measured.sum().clamp(min=1)

    def weighted(self, weights: torch.Tensor) -> SampleLosses:
        """Each sample's loss times its weight, (B,)."""
        return SampleLosses(self.values * weights, self.measured)


def at_least_float32(values: torch.Tensor) -> torch.Tensor:
    """Half precision as float32, others as they are: colours differ by less than halves can tell."""
    return values.to(torch.promote_types(values.dtype, torch.float32))


def has_wall(mask: torch.Tensor) -> torch.Tensor:
    """(B, 1, h, w) mask → (B,) bool: whether anything is masked."""
    return mask.flatten(1).sum(1) > 0


def masked_mean(values: torch.Tensor, mask: torch.Tensor) -> torch.Tensor:
    """Mean of each channel over the wall.

    Parameters
    ----------
    values : (B, C, h, w) float
        May be anything, nan included, where the mask is 0.
    mask : (B, 1, h, w) float in [0, 1]
        How much each place counts.

    Returns
    -------
    (B, C)
        0, without gradient, where the mask is empty.
    """
    total = mask.sum((2, 3))
    within = torch.where(mask > 0, values, 0) * mask
    return within.sum((2, 3)) / torch.where(total > 0, total, 1)
