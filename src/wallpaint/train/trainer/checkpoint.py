"""Checkpoints: atomic writing, and exact resuming: a resumed run ends with the weights of an uninterrupted one."""

from __future__ import annotations

import json
import shutil
from collections.abc import Mapping
from functools import partial
from pathlib import Path
from pickle import UnpicklingError
from typing import Any

import torch
import yaml
from accelerate import Accelerator
from accelerate.utils import SCALER_NAME
from safetensors import SafetensorError
from safetensors.torch import load_file, save_file

from wallpaint.diffusion.adapters.color_tokens import FILE as COLOR_TOKENS
from wallpaint.diffusion.adapters.color_tokens import save_color_tokens
from wallpaint.diffusion.adapters.ip_adapter import FILE as IP_ADAPTER
from wallpaint.diffusion.adapters.ip_adapter import save_ip_adapter
from wallpaint.diffusion.adapters.lora_io import save_lora
from wallpaint.errors import MissingWeightsError, OutputError, SettingError, WeightsError, warn_of
from wallpaint.evaluate.validation.checkpoints import STATE, checkpoints_in, damage_of, file_list, is_intact
from wallpaint.train.config.configuration import TrainingConfig, dump
from wallpaint.train.faults.write_errors import sync, writing
from wallpaint.train.models.ema import MovingAverage
from wallpaint.train.models.training_models import COLOR, IMAGE, TrainingModels
from wallpaint.train.trainer.launch import mixed_precision_of

_TRAINED = "trained_weights.safetensors"
_ACCELERATE = "accelerate"
_DECISIVE = ("model.", "data.", "training.", "objective.", "optimization.")
_INDECISIVE = ("data.workers", "optimization.compile_unet", "optimization.gradient_checkpointing")
_FIXED = ("model.train", "model.color_tokens", "optimization.optimizer")  # they determine a checkpoint's files
_FIXED_OF_LORA = ("model.lora.rank", "model.lora.dora")


def checkpoint_folder(output: Path, step: int) -> Path:
    return output / f"checkpoint-{step:06d}"


def save_checkpoint(
    accelerator: Accelerator, models: TrainingModels, average: MovingAverage | None, config: TrainingConfig, step: int
) -> Path:
    """Save all state that is needed to resume a run, and the adapters in the format of `ModelSources.adapter`.

    The checkpoint is written to a temporary folder, synced to the disk, and renamed. So it is never incomplete, and if
    the disk is full the earlier checkpoints remain. All processes must call it.

    Parameters
    ----------
    average : MovingAverage or None
        If given, the adapter files contain the averaged weights. Resuming uses the weights that are not averaged.
    step : int
        Optimizer steps so far.

    Raises
    ------
    OutputError
        The disk is full or read-only.
    """
    goal = checkpoint_folder(config.output, step)
    part = goal.with_name(f".{goal.name}.part")
    try:
        with writing(goal, partial(_cure, config.output)):
            _write(accelerator, models, average, config, step, part)
    except OutputError:
        if accelerator.is_main_process:
            shutil.rmtree(part, ignore_errors=True)
        raise
    if accelerator.is_main_process:
        with writing(goal, partial(_cure, config.output)):
            shutil.rmtree(goal, ignore_errors=True)  # it is damaged: `refuse_overwriting` refuses intact ones
            part.rename(goal)
            sync(goal.parent)
        _keep_last(config.output, config.checkpoints.keep)
    accelerator.wait_for_everyone()
    return goal


def _write(
    accelerator: Accelerator,
    models: TrainingModels,
    average: MovingAverage | None,
    config: TrainingConfig,
    step: int,
    part: Path,
) -> None:
    if accelerator.is_main_process:
        for unfinished in config.output.glob(".checkpoint-*.part"):  # left by a run that was killed
            shutil.rmtree(unfinished, ignore_errors=True)
        part.mkdir(parents=True)
    accelerator.wait_for_everyone()
    accelerator.save_state(str(part / _ACCELERATE))
    accelerator.wait_for_everyone()  # each process writes its own file there
    if accelerator.is_main_process:
        trained = {name: value.detach().cpu().contiguous() for name, value in models.trained().items()}
        averaged = {} if average is None else {f"average.{name}": value for name, value in average.weights().items()}
        save_file({**trained, **averaged}, part / _TRAINED)
        if average is None:
            save_adapters(models, config, part)
        else:
            with average.in_place():
                save_adapters(models, config, part)
        precision = mixed_precision_of(models.precision)
        state = {"step": step, "mixed_precision": precision, "config": dump(config), "files": file_list(part)}
        (part / STATE).write_text(json.dumps(state, indent=2), encoding="utf-8")
        for path in (*part.rglob("*"), part):
            sync(path)


def _cure(output: Path) -> str:
    last = next((folder for folder in reversed(checkpoints_in(output)) if is_intact(folder)), None)
    if last is None:
        return "Free disk space, or use another folder: --output FOLDER."
    return f"Free disk space, and resume from {last.name} with --resume latest."


def save_adapters(models: TrainingModels, config: TrainingConfig, folder: Path) -> None:
    """Write the trained parts: LoRA, IP-Adapter, colour tokens and ControlNet, each if it is trained."""
    train = set(config.model.train)
    if "lora" in train:
        save_lora(models.unet, folder)
    if train & {"ip_adapter_projection", "ip_adapter_attention"}:
        save_ip_adapter(models.unet, folder / IP_ADAPTER, IMAGE, torch.float32)
    if config.model.trains_color_tokens:
        save_color_tokens(models.unet, folder / COLOR_TOKENS, COLOR, torch.float32)
    if "controlnet" in train:
        models.controlnet.save_pretrained(folder / "controlnet")


def load_checkpoint(
    accelerator: Accelerator, models: TrainingModels, average: MovingAverage | None, folder: Path
) -> int:
    """Load the state of a checkpoint into a run, and return the number of its step.

    Raises
    ------
    WeightsError
        The checkpoint is damaged, or belongs to a run that trained other parts.
    """
    try:
        stored = load_file(folder / _TRAINED)
        trained = {name: value for name, value in stored.items() if not name.startswith("average.")}
        parameters = models.trained()
        if {name: value.shape for name, value in trained.items()} != {n: p.shape for n, p in parameters.items()}:
            raise WeightsError(folder, "its run trained other parts. Start a new run, or use its configuration.")
        with torch.no_grad():
            for name, value in trained.items():
                parameters[name].copy_(value)
        if average is not None:
            averaged = {name.removeprefix("average."): v for name, v in stored.items() if name not in trained}
            if averaged:
                average.load(averaged)
            else:
                average.restart()  # the checkpoint has no averages
        _load_state(accelerator, folder / _ACCELERATE)
        return _step_of(folder)
    except (OSError, ValueError, KeyError, RuntimeError, SafetensorError, UnpicklingError) as error:
        raise WeightsError(folder, f"it cannot be resumed ({error}). Use another: --resume DIR.") from error


def _load_state(accelerator: Accelerator, folder: Path) -> None:
    """Load accelerate's state; a checkpoint without a loss scale leaves the initial scale of the fp16 scaler."""
    scaler = accelerator.scaler
    accelerator.scaler = scaler if (folder / SCALER_NAME).exists() else None
    try:
        accelerator.load_state(str(folder))
    finally:
        accelerator.scaler = scaler


def mixed_precision_in(folder: Path) -> str | None:
    """The mixed precision of an intact checkpoint: "no", "bf16" or "fp16"; None if it is not recorded."""
    precision: str | None = _state(folder).get("mixed_precision")
    return precision


def warn_of_changes(folder: Path, config: TrainingConfig) -> None:
    """Warn of settings that differ from those of an intact checkpoint and affect the learned weights."""
    changed = _changes(folder, config)
    if config.optimization.schedule == "constant":
        changed.pop("optimization.max_steps", None)  # the steps themselves are the same
    if changed:
        listed = ", ".join(f"{key} ({before} before)" for key, (before, _) in changed.items())
        warn_of(folder, f"its run is resumed with other settings: {listed}.")


def refuse_changes(folder: Path, config: TrainingConfig) -> None:
    """Refuse settings that cannot change when a run is resumed.

    Raises
    ------
    SettingError
        The optimizer, the trained parts, or the rank or kind of the LoRA differ; or `max_steps` is less than the steps
        done.
    """
    fixed = (*_FIXED, *(_FIXED_OF_LORA if "lora" in config.model.train else ()))
    changed = {key: values for key, values in _changes(folder, config).items() if key in fixed}
    if changed:
        listed = ", ".join(f"{key} is {now}, {before} before" for key, (before, now) in changed.items())
        raise SettingError(
            f"{folder}: {listed}. A resumed run cannot change it: restore the value, or start a new run in another "
            "folder: --output FOLDER."
        )
    done, last = _step_of(folder), config.optimization.max_steps
    if done > last:
        raise SettingError(
            f"{folder}: {done:,} steps are done, and optimization.max_steps is {last:,}. Set it to {done:,} or more."
        )


def _changes(folder: Path, config: TrainingConfig) -> dict[str, tuple[Any, Any]]:
    """Settings that differ from those of an intact checkpoint: key to (value in the checkpoint, value now)."""
    before, now = (_settings(yaml.safe_load(text)) for text in (_state(folder)["config"], dump(config)))
    return {key: (before.get(key), value) for key, value in now.items() if before.get(key) != value}


def find_checkpoint(resume: str, output: Path) -> Path | None:
    """The checkpoint folder for ``--resume``: the given folder, or for "latest" the newest intact one, if any.

    Raises
    ------
    MissingWeightsError
        The given folder does not exist or is damaged.

    Warns
    -----
    WallpaintWarning
        The newest checkpoint is damaged; the message gives the damage.
    """
    if resume == "latest":
        for folder in reversed(checkpoints_in(output)):
            damage = damage_of(folder)
            if not damage:
                return folder
            warn_of(folder, f"{damage}, so an earlier checkpoint is used.")
        return None
    folder = Path(resume)
    if damage := damage_of(folder):
        raise MissingWeightsError(folder, f"it is not an intact checkpoint: {damage}. Use another, or --resume latest.")
    return folder


def refuse_overwriting(output: Path, resumed: Path | None) -> None:
    """Refuse an output folder with checkpoints of another run, or with later checkpoints of the resumed run.

    resumed : the checkpoint to resume from; None for a new run.

    Raises
    ------
    SettingError
        The folder holds such checkpoints.
    """
    intact = [folder for folder in checkpoints_in(output) if is_intact(folder)]
    if resumed is None and intact:
        raise SettingError(
            f"{output} holds checkpoints of an earlier run. Resume it with --resume latest, or use another folder: "
            "--output FOLDER."
        )
    if resumed is not None and intact and _step_of(intact[-1]) > _step_of(resumed):
        raise SettingError(
            f"{output} holds {intact[-1].name}, which is later than {resumed}. Resume from that one with --resume "
            "latest, or use another folder: --output FOLDER."
        )


def _settings(tree: Mapping[str, Any], prefix: str = "") -> dict[str, Any]:
    """Dotted keys and values of the settings that affect the learned weights."""
    found: dict[str, Any] = {}
    for name, value in tree.items():
        key = f"{prefix}{name}"
        if isinstance(value, Mapping):
            found |= _settings(value, f"{key}.")
        elif key == "seed" or (key.startswith(_DECISIVE) and key not in _INDECISIVE):
            found[key] = value
    return found


def _state(folder: Path) -> Any:
    return json.loads((folder / STATE).read_text(encoding="utf-8"))


def _step_of(folder: Path) -> int:
    return int(_state(folder)["step"])


def _keep_last(output: Path, count: int | None) -> None:
    """Remove all checkpoints older than the newest `count` intact ones; damaged ones do not count."""
    if count is None:
        return
    kept = 0
    for folder in reversed(checkpoints_in(output)):
        if kept >= count:
            shutil.rmtree(folder, ignore_errors=True)
        else:
            kept += is_intact(folder)
