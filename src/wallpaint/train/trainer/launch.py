"""Device, processes and number format of a run."""

from __future__ import annotations

import os

import torch
from accelerate import Accelerator, PartialState
from accelerate.utils import broadcast_object_list

from wallpaint.diffusion.precision.choose import Format, Precision, choose_precision
from wallpaint.train.config.configuration import TrainingConfig

DTYPES = {"no": torch.float32, "bf16": torch.bfloat16, "fp16": torch.float16}  #: by the name in accelerate
_NAMES = {dtype: name for name, dtype in DTYPES.items()}
_WANTED = {"no": "fp32", "bf16": "bf16", "fp16": "fp16", "auto": "auto"}


def launch(config: TrainingConfig, before: str | None = None) -> tuple[Precision, Accelerator]:
    """Connect to the other processes of the run, if any, and choose one number format for all.

    Parameters
    ----------
    config : TrainingConfig
        The configuration of the run.
    before : {"no", "bf16", "fp16"}, optional
        The format of the resumed run. "auto" keeps it, because timing on a busy machine may choose another.
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
    """The name in accelerate of a precision: "no", "bf16" or "fp16"."""
    return _NAMES[precision.unet.dtype]


def _mixed_precision(config: TrainingConfig, before: str | None, device: torch.device) -> str:
    configured = config.optimization.mixed_precision
    launched = os.environ.get("ACCELERATE_MIXED_PRECISION", "no")
    wanted = configured if configured != "auto" or launched not in _WANTED or launched == "no" else launched
    if wanted == "auto" and before is not None:
        return before
    return _NAMES[choose_precision(_WANTED[wanted], device).unet.dtype]


def _precision(name: str, device: torch.device) -> Precision:
    """A fixed memory layout for each format, so that resumed runs compute exactly the same values.

    The layouts are the usually fastest ones: channels last, except for the UNet in bfloat16 on a CPU.
    """
    dtype = DTYPES[name]
    is_exception = device.type == "cpu" and dtype == torch.bfloat16
    unet = Format(dtype, torch.contiguous_format if is_exception else torch.channels_last)
    return Precision(unet, Format(dtype, torch.channels_last), f"{unet}: the format of training for {name}.")
