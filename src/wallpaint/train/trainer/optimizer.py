"""The optimizer and its learning rate schedule."""

from __future__ import annotations

import importlib
from collections.abc import Iterable
from typing import Any

import torch
from diffusers.optimization import get_scheduler

from wallpaint.errors import SettingError
from wallpaint.train.config.sections import OptimizationSection

_ELSEWHERE = {
    "adamw8bit": ("bitsandbytes.optim", "AdamW8bit", "bitsandbytes"),
    "prodigy": ("prodigyopt", "Prodigy", "prodigyopt"),
    "schedulefree": ("schedulefree", "AdamWScheduleFree", "schedulefree"),
}


def make_optimizer(parameters: Iterable[torch.nn.Parameter], section: OptimizationSection) -> torch.optim.Optimizer:
    """Create the optimizer of a configuration.

    Raises
    ------
    SettingError
        Its package is not installed.
    """
    common: dict[str, Any] = {
        "lr": section.learning_rate,
        "betas": section.betas,
        "weight_decay": section.weight_decay,
    }
    if section.optimizer == "adamw":
        return torch.optim.AdamW(parameters, **common)
    module, name, package = _ELSEWHERE[section.optimizer]
    try:
        chosen = getattr(importlib.import_module(module), name)
    except ImportError as error:
        raise SettingError(
            f"optimizer {section.optimizer} needs a package. Install it: pip install {package}"
        ) from error
    optimizer: torch.optim.Optimizer = chosen(parameters, **common)
    return optimizer


def make_schedule(optimizer: torch.optim.Optimizer, section: OptimizationSection) -> Any:
    """The learning rate schedule; constant for schedule-free optimizers, which need none."""
    name = "constant" if section.optimizer == "schedulefree" else section.schedule
    return get_scheduler(
        "constant_with_warmup" if name == "constant" else name,
        optimizer,
        num_warmup_steps=section.warmup_steps,
        num_training_steps=section.max_steps,
    )


def apply_settings(optimizer: Any, schedule: Any, section: OptimizationSection, steps: int) -> None:
    """Set learning rate, betas, weight decay and schedule of a resumed run from its configuration.

    With the configuration of the checkpoint this is a no-op. With another one, the learning rate is the one that a run
    with this configuration has at this step.

    steps : optimizer steps so far.
    """
    of_group = {
        "initial_lr": section.learning_rate,
        "betas": section.betas,
        "weight_decay": section.weight_decay,
    }
    schedule.base_lrs = [section.learning_rate for _ in optimizer.param_groups]
    schedule.last_epoch = steps
    rates = [base * factor(steps) for base, factor in zip(schedule.base_lrs, schedule.lr_lambdas, strict=True)]
    for group, rate in zip(optimizer.param_groups, rates, strict=True):
        group.update(of_group, lr=rate)
    schedule._last_lr = rates  # read by get_last_lr


def set_training(optimizer: Any, training: bool) -> None:
    """Switch a schedule-free optimizer between its training weights and its evaluation weights; else a no-op."""
    inner = getattr(optimizer, "optimizer", optimizer)
    if hasattr(inner, "train") and hasattr(inner, "eval"):
        (inner.train if training else inner.eval)()
