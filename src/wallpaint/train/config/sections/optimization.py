"""The sections `optimization` and `caching`: optimizer, learning rate, precision and cached encodings."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field, StrictBool

from wallpaint.train.config.sections.section import Count, Section, Weight, WholeNumber


def _unquoted_no(value: Any) -> Any:
    return "no" if value is False else value  # YAML reads an unquoted no as False


class OptimizationSection(Section):
    """The optimizer, its schedule, and the precision of training.

    Attributes
    ----------
    max_steps : int
        Number of optimizer steps, ≥ 1.
    batch_size : int
        Samples of a batch on each process, ≥ 1.
    gradient_accumulation_steps : int
        Batches of an optimizer step, ≥ 1.
    optimizer : {"adamw", "adamw8bit", "prodigy", "schedulefree"}
        Name of the optimizer. Prodigy estimates the learning rate: set `learning_rate` to 1 for it.
    learning_rate : float
        Learning rate after the warm-up, > 0.
    betas : (float, float)
        Decay rates of the optimizer's two moments, in [0, 1).
    weight_decay : float
        Weight decay, ≥ 0.
    schedule : {"constant", "cosine", "linear"}
        Course of the learning rate from the end of the warm-up to `max_steps`.
    warmup_steps : int
        Optimizer steps of the linear warm-up, ≥ 0.
    max_grad_norm : float or None
        Norm to which longer gradients are clipped, > 0; null disables clipping.
    ema_decay : float or None
        Decay of the exponential moving average (EMA) of the weights, in (0, 1); null disables the EMA. If enabled, the
        averaged weights are validated and exported.
    gradient_checkpointing : bool
        Whether to recompute activations in the backward pass: less memory, about 25 % slower.
    mixed_precision : {"auto", "no", "fp16", "bf16"}
        Number format of the computations. "auto" takes the format of ``accelerate launch``, or else the fastest format
        of this machine.
    compile_unet : bool
        Whether to compile the UNet with `torch.compile`, which takes minutes at the start.
    """

    max_steps: Count = 5000
    batch_size: Count = 4
    gradient_accumulation_steps: Count = 1
    optimizer: Literal["adamw", "adamw8bit", "prodigy", "schedulefree"] = "adamw"
    learning_rate: Annotated[float, Field(gt=0)] = 1e-4
    betas: tuple[Annotated[float, Field(ge=0, lt=1)], Annotated[float, Field(ge=0, lt=1)]] = (0.9, 0.999)
    weight_decay: Weight = 1e-2
    schedule: Literal["constant", "cosine", "linear"] = "cosine"
    warmup_steps: WholeNumber = 100
    max_grad_norm: Annotated[float, Field(gt=0)] | None = 1.0
    ema_decay: Annotated[float, Field(gt=0, lt=1)] | None = None
    gradient_checkpointing: StrictBool = False
    mixed_precision: Annotated[Literal["auto", "no", "fp16", "bf16"], BeforeValidator(_unquoted_no)] = "auto"
    compile_unet: StrictBool = False


class CachingSection(Section):
    """Which encodings are cached. Encodings that depend on random numbers are never cached.

    Attributes
    ----------
    latents : bool
        Whether to cache the latents of images that are never cropped, mirrored or repainted, and of whole samples if
        ``data.redraw`` is false.
    reference_features : bool
        Whether to cache the image encoder's features of references without texture and gradient.
    folder : Path or None
        Folder of the cached latents; null is ``cache`` in the output folder.
    """

    latents: StrictBool = True
    reference_features: StrictBool = True
    folder: Path | None = None
