"""Checkpoints: written whole or not at all, and read back so exactly that nobody can tell where a run was stopped."""

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
from wallpaint.evaluate.validation.checkpoints import STATE, checkpoints_in, damage_of, file_list, is_whole
from wallpaint.train.config.configuration import TrainingConfig, dump
from wallpaint.train.faults.write_errors import sync, writing
from wallpaint.train.models.ema import MovingAverage
from wallpaint.train.models.training_models import COLOR, IMAGE, TrainingModels
from wallpaint.train.trainer.launch import mixed_precision_of

_TRAINED = "trained_weights.safetensors"
_ACCELERATE = "accelerate"
_DECISIVE = ("model.", "data.", "training.", "objective.", "optimization.")
_INDECISIVE = ("data.workers", "optimization.compile_unet", "optimization.gradient_checkpointing")
_FIXED = ("model.train", "model.color_tokens", "optimization.optimizer")  # what a checkpoint's files hold depends on it
_FIXED_OF_LORA = ("model.lora.rank", "model.lora.dora")


def checkpoint_folder(output: Path, step: int) -> Path:
    return output / f"checkpoint-{step:06d}"


def save_checkpoint(
    accelerator: Accelerator, models: TrainingModels, average: MovingAverage | None, config: TrainingConfig, step: int
) -> Path:
    """Save everything that a run needs to go on, and the adapters as `ModelSources.adapter` takes them.

    Written beside its goal, brought to the disk, and renamed: a reader sees no half of it, and where the disk is full
    the checkpoints before it stay. All processes must call it.

    Parameters
    ----------
    average : MovingAverage or None
        Where there is one, its weights are those of the adapters' files; the run goes on from its own.
    step : int
        Changes of the weights so far.

    Raises
    ------
    OutputError
        The disk is full, or may not be written to.
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
            shutil.rmtree(goal, ignore_errors=True)  # a damaged one: `refuse_overwriting` has seen to whole ones
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
        for unfinished in config.output.glob(".checkpoint-*.part"):  # of a run that was killed
            shutil.rmtree(unfinished, ignore_errors=True)
        part.mkdir(parents=True)
    accelerator.wait_for_everyone()
    accelerator.save_state(str(part / _ACCELERATE))
    accelerator.wait_for_everyone()  # each process writes a file of its own there
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
    last = next((folder for folder in reversed(checkpoints_in(output)) if is_whole(folder)), None)
    if last is None:
        return "Make room, or train into another folder: --output FOLDER."
    return f"Make room, and go on from {last.name} with --resume latest."


def save_adapters(models: TrainingModels, config: TrainingConfig, folder: Path) -> None:
    """The trained parts as files: LoRA, IP-Adapter, colour tokens, ControlNet, each where it is trained."""
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
    """Bring a run to where it was; the step it had done.

    Raises
    ------
    WeightsError
        The checkpoint is of a run that trained other parts, or damaged.
    """
    try:
        stored = load_file(folder / _TRAINED)
        trained = {name: value for name, value in stored.items() if not name.startswith("average.")}
        parameters = models.trained()
        if {name: value.shape for name, value in trained.items()} != {n: p.shape for n, p in parameters.items()}:
            raise WeightsError(folder, "it is of a run that trained other parts. Start anew, or use its configuration.")
        with torch.no_grad():
            for name, value in trained.items():
                parameters[name].copy_(value)
        if average is not None:
            averaged = {name.removeprefix("average."): v for name, v in stored.items() if name not in trained}
            if averaged:
                average.load(averaged)
            else:
                average.restart()  # the run had none before
        _load_state(accelerator, folder / _ACCELERATE)
        return _step_of(folder)
    except (OSError, ValueError, KeyError, RuntimeError, SafetensorError, UnpicklingError) as error:
        raise WeightsError(folder, f"it cannot be gone on from ({error}). Name another: --resume DIR.") from error


def _load_state(accelerator: Accelerator, folder: Path) -> None:
    """A run that was not in fp16 before has no loss scale to bring back: it begins with the scaler's own."""
    scaler = accelerator.scaler
    accelerator.scaler = scaler if (folder / SCALER_NAME).exists() else None
    try:
        accelerator.load_state(str(folder))
    finally:
        accelerator.scaler = scaler


def mixed_precision_in(folder: Path) -> str | None:
    """What a whole checkpoint's run computed in: "no", "bf16" or "fp16"; None where it does not say."""
    precision: str | None = _state(folder).get("mixed_precision")
    return precision


def warn_of_changes(folder: Path, config: TrainingConfig) -> None:
    """Tell which settings of a whole checkpoint's run are others now, if what it learns depends on them."""
    changed = _changes(folder, config)
    if config.optimization.schedule == "constant":
        changed.pop("optimization.max_steps", None)  # more or fewer of the same steps
    if changed:
        told = ", ".join(f"{key} ({before} before)" for key, (before, _) in changed.items())
        warn_of(folder, f"its run goes on with other settings: {told}.")


def refuse_changes(folder: Path, config: TrainingConfig) -> None:
    """Refuse settings that a run cannot take on the way.

    Raises
    ------
    SettingError
        Another optimizer, other trained parts, a LoRA of another rank or kind; or fewer steps than are done.
    """
    fixed = (*_FIXED, *(_FIXED_OF_LORA if "lora" in config.model.train else ()))
    changed = {key: values for key, values in _changes(folder, config).items() if key in fixed}
    if changed:
        told = ", ".join(f"{key} is {now}, {before} before" for key, (before, now) in changed.items())
        raise SettingError(
            f"{folder}: {told}. That cannot change on the way: set it back, or train anew into another folder: "
            "--output FOLDER."
        )
    done, last = _step_of(folder), config.optimization.max_steps
    if done > last:
        raise SettingError(
            f"{folder}: {done:,} steps are done, and optimization.max_steps is {last:,}. Set it to {done:,} or more."
        )


def _changes(folder: Path, config: TrainingConfig) -> dict[str, tuple[Any, Any]]:
    """Settings that are others than in a whole checkpoint's run, before and now."""
    before, now = (_settings(yaml.safe_load(text)) for text in (_state(folder)["config"], dump(config)))
    return {key: (before.get(key), value) for key, value in now.items() if before.get(key) != value}


def find_checkpoint(resume: str, output: Path) -> Path | None:
    """The checkpoint that ``--resume`` means: a folder, or for "latest" the newest whole one, None if there is none.

    Raises
    ------
    MissingWeightsError
        There is no such folder, or it is damaged.

    Warns
    -----
    WallpaintWarning
        The newest is damaged; the message has what is wrong with it.
    """
    if resume == "latest":
        for folder in reversed(checkpoints_in(output)):
            damage = damage_of(folder)
            if not damage:
                return folder
            warn_of(folder, f"{damage}, so the run goes on from before it.")
        return None
    folder = Path(resume)
    if damage := damage_of(folder):
        raise MissingWeightsError(folder, f"this is no whole checkpoint: {damage}. Take another, or --resume latest.")
    return folder


def refuse_overwriting(output: Path, resumed: Path | None) -> None:
    """A run does not mix with another that is there: neither a new one, nor one that goes on from before its end.

    resumed : the checkpoint that is gone on from; None for a new run.

    Raises
    ------
    SettingError
    """
    whole = [folder for folder in checkpoints_in(output) if is_whole(folder)]
    if resumed is None and whole:
        raise SettingError(
            f"{output} holds checkpoints of an earlier run. Go on from them with --resume latest, or train into "
            "another folder: --output FOLDER."
        )
    if resumed is not None and whole and _step_of(whole[-1]) > _step_of(resumed):
        raise SettingError(
            f"{output} holds {whole[-1].name}, which is later than {resumed}. Go on from that one with --resume "
            "latest, or train into another folder: --output FOLDER."
        )


def _settings(tree: Mapping[str, Any], prefix: str = "") -> dict[str, Any]:
    """Dotted keys and values of what decides what is learned; how long, how fast and where is left out."""
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
    """Remove all that is older than the last so many whole ones; damaged ones do not count."""
    if count is None:
        return
    kept = 0
    for folder in reversed(checkpoints_in(output)):
        if kept >= count:
            shutil.rmtree(folder, ignore_errors=True)
        else:
            kept += is_whole(folder)
