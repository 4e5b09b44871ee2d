"""What goes wrong in a training, told when it happens and with its cause."""

from __future__ import annotations

import warnings
from dataclasses import dataclass, field

import torch

from wallpaint.errors import WallpaintError, WallpaintWarning
from wallpaint.train.batches.batch import Batch

MOST_SKIPPED = 10


@dataclass
class LossGuard:
    """Has steps skipped whose loss or gradient is no number, names the samples, and gives up after ten in a run."""

    skipped: list[str] = field(default_factory=list)

    def passes(self, of_samples: torch.Tensor, names: list[str], step: int) -> bool:
        """Whether every sample's loss, (B,), is finite."""
        wrong = [name for name, fine in zip(names, torch.isfinite(of_samples).tolist(), strict=True) if not fine]
        if wrong:
            self._skip("loss", wrong, step)
        return not wrong

    def passes_gradient(self, length: torch.Tensor, names: list[str], step: int) -> bool:
        """Whether the gradient's length, (), is finite; the loss may be so without it."""
        is_fine = bool(torch.isfinite(length))
        if not is_fine:
            self._skip("gradient", names, step)
        return is_fine

    def _skip(self, what: str, names: list[str], step: int) -> None:
        told = ", ".join(names)
        self.skipped.append(told)
        warnings.warn(
            f"step {step}: the {what} of {told} is no number; the step is skipped. Look at the mask and the picture of "
            "these samples; if it is others each time, the learning rate is too high.",
            WallpaintWarning,
            stacklevel=3,
        )

    @property
    def has_given_up(self) -> bool:
        return len(self.skipped) >= MOST_SKIPPED

    def error(self) -> WallpaintError:
        """What to say when giving up."""
        last = f", the last for {self.skipped[-1]}" if self.skipped else ""  # other processes may have skipped them
        return WallpaintError(
            f"{MOST_SKIPPED} steps had a loss or gradient that is no number{last}. A checkpoint of the "
            "weights before is kept. Lower optimization.learning_rate, or set optimization.mixed_precision=no."
        )


def warn_of_batch(batch: Batch, ip_adapter_scale: float) -> None:
    """Causes of the faults that training guides list, seen in the first batch.

    An empty mask, a reference that is not of the target's colour, an IP-Adapter that is silent.
    """
    empty = [name for name, mask in zip(batch.names, batch.pixel_mask, strict=True) if mask.sum() < 10]
    if empty:
        _warn(f"the mask of {', '.join(empty)} is empty: nothing can be learned or measured there.")
    if ip_adapter_scale == 0:
        _warn("model.ip_adapter_scale is 0: the model cannot see the reference, and learns to do without.")
    colors = batch.dominant_color.float() / 127.5 - 1
    for name, target, mask, color in zip(batch.names, batch.pixel_values, batch.pixel_mask, colors, strict=True):
        if mask.sum() >= 10:
            middle = target.flatten(1)[:, mask.flatten() > 0.5].median(dim=1).values
            if (middle - color).abs().max() > 0.3:
                _warn(f"{name}: its reference is not its wall's colour. That teaches to ignore references.")
                return


def _warn(message: str) -> None:
    warnings.warn(message, WallpaintWarning, stacklevel=3)
