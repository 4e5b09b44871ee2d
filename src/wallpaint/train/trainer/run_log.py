"""Log of a run: a report for each optimizer step, as a line in ``training_log.jsonl`` and for the callback."""

from __future__ import annotations

import json
import math
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from wallpaint.evaluate.validation.training_log import TRAINING_LOG
from wallpaint.train.faults.memory import peak_memory
from wallpaint.train.trainer.run import StepResult


@dataclass(frozen=True)
class StepReport:
    """Losses, speed and memory of one optimizer step.

    Attributes
    ----------
    step : int
        Number of the step, from 1.
    loss : float
        Mean over all processes and accumulated batches. NaN or infinite values mean that the step was skipped.
    parts : mapping of str to float
        Terms of the loss before their weights.
    learning_rate : float
        Learning rate of the step.
    images_per_second : float
        Samples per second of all processes together.
    memory_gb : float
        Peak memory of this process in GB (10⁹ bytes): of the GPU if there is one, else main memory.
    """

    step: int
    loss: float
    parts: Mapping[str, float]
    learning_rate: float
    images_per_second: float
    memory_gb: float


StepCallback = Callable[[StepReport], None]  #: called after each optimizer step


@dataclass
class RunLog:
    """Writer of ``training_log.jsonl``; a resumed run appends to it."""

    output: Path
    images_a_step: int
    _since: float = field(default_factory=time.perf_counter)

    def report(self, step: int, result: StepResult) -> StepReport:
        """Write and return the report of a step."""
        now = time.perf_counter()
        rate, self._since = self.images_a_step / max(now - self._since, 1e-9), now
        report = StepReport(step, result.loss, result.parts, result.learning_rate, rate, peak_memory() / 1e9)
        figures = {**vars(report), **report.parts}
        line = {name: figure if math.isfinite(figure) else None for name, figure in figures.items() if name != "parts"}
        with open(self.output / TRAINING_LOG, "a", encoding="utf-8") as file:
            file.write(json.dumps(line) + "\n")
        return report
