"""The training loop: step, log, checkpoint, validate."""

from __future__ import annotations

import signal
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from types import FrameType

from wallpaint.evaluate.validation.folder import refuse_other_run
from wallpaint.evaluate.validation.training_log import TRAINING_LOG
from wallpaint.photo import write_files
from wallpaint.train.config.configuration import CONFIG, TrainingConfig, dump
from wallpaint.train.faults.memory import memory_faults
from wallpaint.train.faults.write_errors import check_output, disk_faults
from wallpaint.train.models.export import export_run
from wallpaint.train.trainer.checkpoint import (
    find_checkpoint,
    refuse_changes,
    refuse_overwriting,
    save_checkpoint,
    warn_of_changes,
)
from wallpaint.train.trainer.run import Run
from wallpaint.train.trainer.run_log import RunLog, StepCallback
from wallpaint.train.trainer.validator import Validator


@dataclass(frozen=True)
class TrainingResult:
    """The result of a training run.

    Attributes
    ----------
    steps : int
        Optimizer steps in total.
    stopped : bool
        Whether a signal stopped the run.
    saved : Path or None
        On the main process: the folder of the exported adapters, or the checkpoint to resume from if the run was
        stopped.
    """

    steps: int
    stopped: bool
    saved: Path | None


def train(
    config: TrainingConfig,
    *,
    resume: str | None = None,
    debug_references: int = 0,
    callback: StepCallback | None = None,
    told: StepCallback | None = None,
) -> TrainingResult:
    """Train the parts that a configuration names.

    All random numbers depend only on the seed and the step, so a run that is killed and resumed ends with the weights
    of an uninterrupted run. SIGINT and SIGTERM stop it after the current step, with a checkpoint.

    Parameters
    ----------
    config : TrainingConfig
        The configuration of the run.
    resume : str, optional
        A checkpoint folder, or "latest": the newest intact checkpoint, or a new run if there is none. Changed settings
        take effect at the next step, with a warning. Settings that cannot change raise an error.
    debug_references : int
        Number of samples whose model inputs are saved to ``OUTPUT/debug/``.
    callback : callable, optional
        Called as ``callback(report)`` after each step, with a `StepReport`.
    told : callable, optional
        Former name of `callback`, still accepted.

    Raises
    ------
    WallpaintError
        Weights or data are missing or do not match; the output folder holds another run; the disk is full; losses are
        NaN or infinite; the memory is not sufficient.
    """
    with disk_faults(config.output), memory_faults(config):
        return _train(config, resume, debug_references, callback or told)


def _train(
    config: TrainingConfig, resume: str | None, debug_references: int, callback: StepCallback | None
) -> TrainingResult:
    check_output(config.output)
    checkpoint = None if resume is None else find_checkpoint(resume, config.output)
    refuse_overwriting(config.output, checkpoint)
    if resume is None and config.validation.every:
        refuse_other_run(config.validation_folder)
    if checkpoint is not None:
        refuse_changes(checkpoint, config)
        warn_of_changes(checkpoint, config)
    run = Run.set_up(config, checkpoint, debug_references)
    log, validator = _open_log(run), Validator(run)
    batches, done, last = run.batches(), run.first, config.optimization.max_steps
    if done == last and config.validation.every:  # the run was killed during its last validation
        with run.averaged():
            validator.validate(done)
    with _stopping() as stop:
        for step in range(run.first, last):
            result = run.run_step(step, batches)
            done = step + 1
            if run.accelerator.is_main_process:
                report = log.report(done, result)
                run.accelerator.log({"loss": report.loss, "learning_rate": report.learning_rate}, step=done)
                if callback is not None:
                    callback(report)
            is_unchanged = done == last and not run.first and not run.guard.changed
            gave_up = not run.on_all_processes(not (run.guard.must_stop or is_unchanged))
            stopped = not run.on_all_processes(not stop.wanted) and done < last
            if gave_up or stopped or _is_due(done, config.checkpoints.every, last):
                saved = save_checkpoint(run.accelerator, run.models, run.average, config, done)
            if gave_up:
                raise run.guard.error()
            if stopped:
                run.accelerator.end_training()
                return TrainingResult(done, True, saved if run.accelerator.is_main_process else None)
            if config.validation.every and _is_due(done, config.validation.every, last):
                with run.averaged():
                    validator.validate(done)
    run.guard.warn_of_overflows()
    run.accelerator.end_training()
    if not run.accelerator.is_main_process:
        return TrainingResult(done, False, None)
    with run.averaged():
        return TrainingResult(done, False, export_run(run.models, config, done, validator.latest))


def _open_log(run: Run) -> RunLog:
    config = run.config
    if run.accelerator.is_main_process:
        config.output.mkdir(parents=True, exist_ok=True)
        if not run.first:
            (config.output / TRAINING_LOG).unlink(missing_ok=True)  # left by a run without a checkpoint
        write_files({config.output / CONFIG: dump(config).encode()})
        run.accelerator.init_trackers("tracked")
    optimization = config.optimization
    images = optimization.batch_size * optimization.gradient_accumulation_steps * run.accelerator.num_processes
    return RunLog(config.output, images)


def _is_due(done: int, every: int, last: int) -> bool:
    return done == last or (every > 0 and done % every == 0)


@dataclass
class _Stop:
    wanted: bool = False

    def want(self, number: int, frame: FrameType | None) -> None:
        self.wanted = True


@contextmanager
def _stopping() -> Iterator[_Stop]:
    """Within this context SIGINT and SIGTERM only set `wanted`, so that the current step can finish."""
    stop = _Stop()
    before = {number: signal.signal(number, stop.want) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield stop
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
