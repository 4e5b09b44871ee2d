"""Detection of NaN and infinite losses and gradients, and warnings about faulty training data."""

from __future__ import annotations

import warnings
from dataclasses import dataclass, field

import torch

from wallpaint.diffusion.pixel_values import to_pixel_values
from wallpaint.errors import WallpaintError, WallpaintWarning
from wallpaint.train.batches.batch import Batch

MOST_SKIPPED = 10
MOST_OVERFLOWS = 20  #: in a row; sixteen of them reduce the loss scale from 65,536 to 1
_OFTEN = 0.1  # share of a run's steps; the scaler's own tests of a larger scale overflow once in 2,000 steps


@dataclass
class LossGuard:
    """Check for NaN and infinite losses and gradients: names the samples, and ends the run after ten such steps.

    With a `torch.amp.GradScaler` (fp16 on a GPU) gradients overflow until the loss scale is small enough. The scaler
    skips those steps itself; the run ends after twenty of them in a row.

    Attributes
    ----------
    skipped : list of str
        Names of the samples of each skipped step.
    overflows, in_a_row : int
        Steps that the scaler skipped: in total, and since the last step that changed the weights.
    scale : float
        Loss scale after the last overflow.
    changed : int
        Steps that changed the weights.
    """

    skipped: list[str] = field(default_factory=list)
    overflows: int = 0
    in_a_row: int = 0
    scale: float = 1.0
    changed: int = 0

    def passes(self, of_samples: torch.Tensor, names: list[str], step: int) -> bool:
        """Whether the loss of every sample, (B,), is finite; if not, record the step and warn."""
        wrong = [name for name, fine in zip(names, torch.isfinite(of_samples).tolist(), strict=True) if not fine]
        if wrong:
            self._skip("loss", wrong, step)
        return not wrong

    def passes_gradient(self, norm: torch.Tensor, names: list[str], step: int) -> bool:
        """Whether the gradient norm, (), is finite; if not, record the step and warn."""
        is_fine = bool(torch.isfinite(norm))
        if not is_fine:
            self._skip("gradient", names, step)
        return is_fine

    def count_overflow(self, scale: float, step: int) -> None:
        """Count a step that the scaler skipped, with a warning at the first.

        scale : the new loss scale.
        """
        self.overflows += 1
        self.in_a_row += 1
        self.scale = scale
        if self.overflows == 1:
            _warn(
                f"step {step}: the gradient overflows in fp16; step skipped, loss scale lowered to "
                f"{scale:g}. A few such steps at the start are normal."
            )

    def count_step(self) -> None:
        """Count a step that changed the weights."""
        self.changed += 1
        self.in_a_row = 0

    def warn_of_overflows(self) -> None:
        """Warn at the end of a run if more than a tenth of its steps overflowed."""
        steps = self.changed + self.overflows + len(self.skipped)
        if self.overflows > _OFTEN * steps:
            _warn(
                f"{self.overflows} of {steps} steps changed nothing: their gradients overflow in fp16. Set "
                "optimization.mixed_precision=bf16 or no, or lower optimization.learning_rate."
            )

    def _skip(self, what: str, names: list[str], step: int) -> None:
        listed = ", ".join(names)
        self.skipped.append(listed)
        warnings.warn(
            f"step {step}: the {what} of {listed} is NaN or infinite; step skipped. Check the mask and the image of "
            "these samples. If the samples differ each time, lower optimization.learning_rate.",
            WallpaintWarning,
            stacklevel=3,
        )

    @property
    def must_stop(self) -> bool:
        return len(self.skipped) >= MOST_SKIPPED or self.in_a_row >= MOST_OVERFLOWS

    def error(self) -> WallpaintError:
        """The error that ends the run: too many skipped steps, or no step changed the weights."""
        if len(self.skipped) < MOST_SKIPPED and (self.overflows or (self.skipped and not self.changed)):
            steps = (
                f"{self.in_a_row} steps in a row" if self.changed else f"all {self.overflows + len(self.skipped)} steps"
            )
            fault = (
                f"the gradients of {steps} overflow in fp16, even at a loss scale of {self.scale:g}"
                if self.overflows
                else f"the losses or gradients of {steps} are NaN or infinite"
            )
            return WallpaintError(
                f"{fault}, so the weights do not change. Set "
                "optimization.mixed_precision=bf16 or no, or lower optimization.learning_rate."
            )
        last = f", the last for {self.skipped[-1]}" if self.skipped else ""  # other processes may have skipped them
        return WallpaintError(
            f"{MOST_SKIPPED} steps had a NaN or infinite loss or gradient{last}. A checkpoint of the "
            "last finite weights is saved. Lower optimization.learning_rate, or set optimization.mixed_precision=no."
        )


def warn_of_batch(batch: Batch, ip_adapter_scale: float) -> None:
    """Warn of common faults in the first batch.

    The faults: an empty mask, an IP-Adapter scale of 0, a reference colour that differs from the wall of the target.
    """
    empty = [name for name, mask in zip(batch.names, batch.pixel_mask, strict=True) if mask.sum() < 10]
    if empty:
        _warn(
            f"the mask of {', '.join(empty)} has fewer than 10 pixels, so nothing is learned there. Remove the sample."
        )
    if ip_adapter_scale == 0:
        _warn("model.ip_adapter_scale is 0, so the reference image has no effect. Set a scale above 0.")
    colors = to_pixel_values(batch.dominant_color[:, None, None]).flatten(1)
    for name, target, mask, color in zip(batch.names, batch.pixel_values, batch.pixel_mask, colors, strict=True):
        if mask.sum() >= 10:
            middle = target.flatten(1)[:, mask.flatten() > 0.5].median(dim=1).values
            if (middle - color).abs().max() > 0.3:
                _warn(
                    f"{name}: the reference colour differs from the wall's. That trains the model to ignore references."
                )
                return


def _warn(message: str) -> None:
    warnings.warn(message, WallpaintWarning, stacklevel=3)
