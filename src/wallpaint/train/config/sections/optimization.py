"""How the weights are moved, and what is computed once for all steps."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field, StrictBool

from wallpaint.train.config.sections.section import Count, Section, Weight, WholeNumber


def _unquoted_no(value: Any) -> Any:
    return "no" if value is False else value  # what YAML makes of the word


class OptimizationSection(Section):
    """How the weights are moved.

    Attributes
    ----------
    max_steps : int
        Changes of the weights.
    batch_size : int
        Samples at once on each process.
    gradient_accumulation_steps : int
        Batches to each change of the weights.
    optimizer : {"adamw", "adamw8bit", "prodigy", "schedulefree"}
        Prodigy finds its own rate: give it a `learning_rate` of 1.
    learning_rate : float
    betas : (float, float)
    weight_decay : float
    schedule : {"constant", "cosine", "linear"}
        Of the learning rate, from the end of the warm-up to `max_steps`.
    warmup_steps : int
    max_grad_norm : float or None
        Longer gradients are shortened to it; null leaves them.
    ema_decay : float or None
        Of the moving average of the weights, which is then what is validated and exported; null for none.
    gradient_checkpointing : bool
        A quarter slower for less memory.
    mixed_precision : {"auto", "no", "fp16", "bf16"}
        "auto" is what ``accelerate launch`` was told, else what this machine is fast in.
    compile_unet : bool
        `torch.compile`: minutes once.
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
    """What is computed once and kept, wherever nothing random touches it.

    Attributes
    ----------
    latents : bool
        Of pictures that no crop, mirror or paint changes; of whole samples where ``data.redraw`` is false.
    reference_features : bool
        What the image encoder says of references without texture and gradient.
    folder : Path or None
        null is ``cache`` in the output folder.
    """

    latents: StrictBool = True
    reference_features: StrictBool = True
    folder: Path | None = None
