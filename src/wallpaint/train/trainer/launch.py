"""What a run computes on and in: the device, the processes that share the work, the number format."""

from __future__ import annotations

import os

import torch
from accelerate import Accelerator, PartialState
from accelerate.utils import broadcast_object_list

from wallpaint.diffusion.precision.choose import Format, Precision, choose_precision
from wallpaint.train.config.configuration import TrainingConfig

DTYPES = {"no": torch.float32, "bf16": torch.bfloat16, "fp16": torch.float16}  #: by accelerate's names
_NAMES = {dtype: name for name, dtype in DTYPES.items()}
_WANTED = {"no": "fp32", "bf16": "bf16", "fp16": "fp16", "auto": "auto"}


def launch(config: TrainingConfig, before: str | None = None) -> tuple[Precision, Accelerator]:
    """Join the other processes of the run, if there are any, and agree on a number format.

    Parameters
    ----------
    config : TrainingConfig
    before : {"no", "bf16", "fp16"}, optional
        What the run computed in before it was stopped. A machine that was busy may find another fastest.
    """
    state = PartialState(cpu=not torch.cuda.is_available())
    agreed = [_mixed_precision(config, before, state.device)]
    broadcast_object_list(agreed)
    accelerator = Accelerator(
        gradient_accumulation_steps=config.optimization.gradient_accumulation_steps,
        mixed_precision=agreed[0],
        cpu=state.device.type == "cpu",
        log_with=list(config.trackers) or None,
        project_dir=config.output,
    )
    return _precision(agreed[0], state.device), accelerator


def mixed_precision_of(precision: Precision) -> str:
    """accelerate's name of it."""
    return _NAMES[precision.unet.dtype]


def _mixed_precision(config: TrainingConfig, before: str | None, device: torch.device) -> str:
    said = config.optimization.mixed_precision
    launched = os.environ.get("ACCELERATE_MIXED_PRECISION", "no")
    wanted = said if said != "auto" or launched not in _WANTED or launched == "no" else launched
    if wanted == "auto" and before is not None:
        return before
    return _NAMES[choose_precision(_WANTED[wanted], device).unet.dtype]


def _precision(name: str, device: torch.device) -> Precision:
    """A layout of its own for each format: one found by trying may be another next time, and with it the last digits.

    What is fastest as a rule: convolutions like channels last, but for the UNet's in bfloat16 on a CPU.
    """
    dtype = DTYPES[name]
    is_exception = device.type == "cpu" and dtype == torch.bfloat16
    unet = Format(dtype, torch.contiguous_format if is_exception else torch.channels_last)
    return Precision(unet, Format(dtype, torch.channels_last), f"{unet}: what training uses for {name}.")
