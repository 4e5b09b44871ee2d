"""Files of a validation: ``step_000500_metrics.json`` and its sheets, ``step_000500_grid_01.png`` …"""

from __future__ import annotations

import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np

from wallpaint.errors import FileError, OutputError, Source
from wallpaint.evaluate.validation.painted_samples import MEASURED
from wallpaint.metrics import aggregate_metrics, json_text
from wallpaint.photo import write_files
from wallpaint.sheet import save_sheet

METRICS_FILES = "*_metrics.json"
Record = Mapping[str, object]  #: name, reference, metrics before the colour lock, and "locked": those after it


@dataclass(frozen=True)
class Validation:
    """The colour fidelity of a model at one step of its training.

    Attributes
    ----------
    step : int
        Step of the training.
    aggregated_metrics : dict of str to float
        ``val/<metric>_{mean,std,p95,min,max,count}`` and ``val/valid_samples`` of the model's output before the colour
        lock, because the lock hides the effect of training. ``val_locked/…`` after it. NaN if nothing was measured.
    samples : sequence of dict
        Metrics of each sample; see `PaintedSample.record`.
    """

    step: int
    aggregated_metrics: Mapping[str, float | int]
    samples: Sequence[Record]

    @classmethod
    def of_samples(cls, step: int, samples: Sequence[Record]) -> Validation:
        locked = [sample["locked"] for sample in samples]
        raw = aggregate_metrics(samples, MEASURED)  # type: ignore[arg-type]
        return cls(step, {**raw, **aggregate_metrics(locked, MEASURED, "val_locked")}, samples)  # type: ignore[arg-type]

    def value(self, metric: str, summary: str = "mean", prefix: str = "val") -> float:
        """An aggregated metric; NaN if it was not measured."""
        found = self.aggregated_metrics.get(f"{prefix}/{metric}_{summary}")
        return math.nan if found is None else float(found)


def write_validation(folder: Source, validation: Validation, pages: Sequence[np.ndarray] = ()) -> Path:
    """Write metrics and sheets, replacing those of the same step.

    Parameters
    ----------
    folder : path
        Output folder; created if missing.
    validation : Validation
        The metrics.
    pages : sequence of (H, W, 3) uint8
        The sheets.

    Returns
    -------
    Path
        The metrics file. Values that were not measured are null in it.

    Raises
    ------
    OutputError
        The folder cannot be written.
    """
    path = Path(folder) / f"{_stem(validation.step)}_metrics.json"
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        for old in sheets_of(path):
            old.unlink()
        for number, page in enumerate(pages, 1):
            save_sheet(page, path.with_name(f"{_stem(validation.step)}_grid_{number:02d}.png"))
        write_files({path: json_text(asdict(validation)).encode()})
    except OSError as error:
        raise OutputError(path, f"it cannot be written ({error.strerror}). Choose another folder.") from None
    return path


def read_validation(path: Source) -> Validation:
    """Read a metrics file; raises a `FileError` if it is not one."""
    try:
        content = json.loads(Path(path).read_text(encoding="utf-8"))
        aggregates = {str(name): math.nan if value is None else value for name, value in _aggregates(content).items()}
        return Validation(int(content["step"]), aggregates, content.get("samples", []))
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        raise FileError(
            path, 'it is not a metrics file: "step" and "aggregated_metrics" are needed. Remove the file.'
        ) from None


def sheets_of(path: Path) -> list[Path]:
    """The sheets of a metrics file, in the order of their pages."""
    return sorted(path.parent.glob(path.name.replace("_metrics.json", "_grid_*.png")))


def _aggregates(content: dict[str, dict[str, float | None]]) -> dict[str, float | None]:
    aggregates = content["aggregated_metrics"]
    if not all(value is None or isinstance(value, int | float) for value in aggregates.values()):
        raise ValueError
    return aggregates


def _stem(step: int) -> str:
    return f"step_{step:06d}"
