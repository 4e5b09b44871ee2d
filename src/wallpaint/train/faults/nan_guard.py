"""What goes wrong in a training, told when it happens and with its cause."""

from __future__ import annotations

import warnings
from dataclasses import dataclass, field

import torch

from wallpaint.diffusion.pixel_values import to_pixel_values
from wallpaint.errors import WallpaintError, WallpaintWarning
from wallpaint.train.batches.batch import Batch

MOST_SKIPPED = 10
MOST_OVERFLOWS = 20  #: in a row; from a loss scale of 65,536 sixteen of them lead down to 1, where fp16 needs no scale
_OFTEN = 0.1  # share of a run's steps; a scaler that tries larger scales overflows once in 2,000


@dataclass
class LossGuard:
    """Has steps skipped whose loss or gradient is no number, names the samples, and gives up after ten in a run.

    With a `torch.amp.GradScaler`, as fp16 on a GPU has one, gradients overflow until the loss scale fits: those steps
    the scaler skips itself, and the guard gives up after twenty in a row.

    Attributes
    ----------
    skipped : list of str
        Samples of the steps that were skipped here.
    overflows, in_a_row : int
        Steps that a scaler skipped, in all and since the last one that it took.
    scale : float
        The scaler's at the last overflow.
    changed : int
        Steps that changed the weights.
    """

    skipped: list[str] = field(default_factory=list)
    overflows: int = 0
    in_a_row: int = 0
    scale: float = 1.0
    changed: int = 0

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

    def overflowed(self, scale: float, step: int) -> None:
        """Count a step that a scaler skipped; told of at the first.

        scale : the loss scale from now on.
        """
        self.overflows += 1
        self.in_a_row += 1
        self.scale = scale
        if self.overflows == 1:
            _warn(
                f"step {step}: the gradient overflows in fp16; the step is skipped, and the loss scale lowered to "
                f"{scale:g}. A few such steps at the start are usual."
            )

    def took(self) -> None:
        """Count a step that changed the weights."""
        self.changed += 1
        self.in_a_row = 0

    def warn_of_overflows(self) -> None:
        """Tell at the end of a run if many of its steps changed nothing."""
        steps = self.changed + self.overflows + len(self.skipped)
        if self.overflows > _OFTEN * steps:
            _warn(
                f"{self.overflows} of {steps} steps changed nothing: their gradients overflow in fp16. Set "
                "optimization.mixed_precision=bf16 or no, or lower optimization.learning_rate."
            )

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
        return len(self.skipped) >= MOST_SKIPPED or self.in_a_row >= MOST_OVERFLOWS

    def error(self) -> WallpaintError:
        """What to say when giving up, or when no step changed the weights."""
        if len(self.skipped) < MOST_SKIPPED and (self.overflows or (self.skipped and not self.changed)):
            what = (
                f"overflow in fp16, at a loss scale of {self.scale:g} at last"
                if self.overflows
                else "or losses are no numbers"
            )
            steps = (
                f"{self.in_a_row} steps in a row" if self.changed else f"all {self.overflows + len(self.skipped)} steps"
            )
            return WallpaintError(
                f"the gradients of {steps} {what}, so the weights do not change. Set "
                "optimization.mixed_precision=bf16 or no, or lower optimization.learning_rate."
            )
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
    colors = to_pixel_values(batch.dominant_color[:, None, None]).flatten(1)
    for name, target, mask, color in zip(batch.names, batch.pixel_values, batch.pixel_mask, colors, strict=True):
        if mask.sum() >= 10:
            middle = target.flatten(1)[:, mask.flatten() > 0.5].median(dim=1).values
            if (middle - color).abs().max() > 0.3:
                _warn(f"{name}: its reference is not its wall's colour. That teaches to ignore references.")
                return


def _warn(message: str) -> None:
    warnings.warn(message, WallpaintWarning, stacklevel=3)
