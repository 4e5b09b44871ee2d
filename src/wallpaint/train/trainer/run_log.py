"""What is told of a run while it runs: a line for each step in a file, in trackers, and to whoever is watching."""

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
    """One change of the weights.

    Attributes
    ----------
    step : int
        From 1.
    loss : float
        Mean over all processes and accumulated batches; nan if the step was skipped.
    parts : mapping
        Its terms before their weights.
    learning_rate : float
    images_per_second : float
        Of all processes together.
    memory_gb : float
        The most this process held, on the GPU where there is one.
    """

    step: int
    loss: float
    parts: Mapping[str, float]
    learning_rate: float
    images_per_second: float
    memory_gb: float


Told = Callable[[StepReport], None]


@dataclass
class RunLog:
    """Writes ``training_log.jsonl``; a run that is gone on with adds to it."""

    output: Path
    images_a_step: int
    _since: float = field(default_factory=time.perf_counter)

    def report(self, step: int, result: StepResult) -> StepReport:
        """A step's report, written down."""
        now = time.perf_counter()
        rate, self._since = self.images_a_step / max(now - self._since, 1e-9), now
        report = StepReport(step, result.loss, result.parts, result.learning_rate, rate, peak_memory() / 1e9)
        figures = {**vars(report), **report.parts}
        line = {name: figure if math.isfinite(figure) else None for name, figure in figures.items() if name != "parts"}
        with open(self.output / TRAINING_LOG, "a", encoding="utf-8") as file:
            file.write(json.dumps(line) + "\n")
        return report
