"""What goes wrong in a training, told when it happens and with its cause."""

from __future__ import annotations

import warnings
from dataclasses import dataclass, field

import torch

from wallpaint.errors import WallpaintError, WallpaintWarning
from wallpaint.train.batch import Batch

MOST_SKIPPED = 10


@dataclass
class LossGuard:
    """Skips steps whose loss is no number, names the samples, and gives up after ten in a run."""

    skipped: list[str] = field(default_factory=list)

    def passes(self, of_samples: torch.Tensor, names: list[str], step: int) -> bool:
        """Whether every sample's loss, (B,), is finite."""
        wrong = [name for name, fine in zip(names, torch.isfinite(of_samples).tolist(), strict=True) if not fine]
        if not wrong:
            return True
        self.skipped.append(", ".join(wrong))
        warnings.warn(
            f"step {step}: the loss of {', '.join(wrong)} is no number; the step is skipped. Look at the mask and the "
            "picture of these samples; if it is others each time, the learning rate is too high.",
            WallpaintWarning,
            stacklevel=2,
        )
        return False

    @property
    def has_given_up(self) -> bool:
        return len(self.skipped) >= MOST_SKIPPED

    def error(self) -> WallpaintError:
        """What to say when giving up."""
        return WallpaintError(
            f"{MOST_SKIPPED} steps had a loss that is no number, the last for {self.skipped[-1]}. A checkpoint of the "
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
