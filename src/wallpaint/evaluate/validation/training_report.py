"""Report of a training as one self-contained HTML page: curves with targets, tables, sheets."""

from __future__ import annotations

import base64
import io
import math
from collections.abc import Iterable, Iterator, Sequence
from html import escape
from pathlib import Path

from PIL import Image

from wallpaint.errors import MissingFileError, OutputError, SettingError, Source
from wallpaint.evaluate.validation.curves import loss_curve, metric_curve
from wallpaint.evaluate.validation.files import METRICS_FILES, Validation, read_validation, sheets_of
from wallpaint.evaluate.validation.targets import TARGETS
from wallpaint.evaluate.validation.training_log import TRAINING_LOG, read_losses
from wallpaint.photo import write_files

_TITLES = {
    "lab_distance": "LAB distance to the reference",
    "hue_error": "hue error, degrees",
    "delta_e": "Delta-E (CIE76, as LAB distance)",
    "delta_e_2000": "CIEDE2000 to the reference",
    "delta_e_2000_truth": "CIEDE2000 to the physical truth",
}
_JPEG_QUALITY = 85

_PAGE = """<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<title>{title}</title>
<style>
body {{ font: 15px/1.5 system-ui, sans-serif; max-width: 1500px; margin: 2em auto; padding: 0 1em; color: #222 }}
.curves {{ display: grid; grid-template-columns: repeat(auto-fit, minmax(380px, 1fr)); gap: 1em }}
img {{ max-width: 100% }}
table {{ border-collapse: collapse; display: block; overflow-x: auto }}
th, td {{ padding: .2em .9em; text-align: right; border-bottom: 1px solid #ddd }}
td {{ white-space: nowrap }} th:first-child, td:first-child {{ text-align: left }}
.excellent, .good {{ color: #2c6b2f }} .missed {{ color: #a3341c }}
</style></head><body>
<h1>{title}</h1>
{body}
</body></html>
"""


def write_report(folder: Source, output: Source) -> Path:
    """Write the report of a training.

    Parameters
    ----------
    folder : path
        Folder that is searched, with its subfolders, for ``*_metrics.json`` and ``training_log.jsonl``; one of the two
        is enough.
    output : path
        The HTML file.

    Raises
    ------
    MissingFileError
        The folder has neither.
    SettingError
        The files belong to several trainings.
    FileError
        A metrics file has other content.
    OutputError
        The page cannot be written.
    """
    metrics = _of_one_run(Path(folder), METRICS_FILES)
    logs = _of_one_run(Path(folder), TRAINING_LOG)
    if not metrics and not logs:
        raise MissingFileError(
            folder, f"there is neither {METRICS_FILES} nor {TRAINING_LOG} here. Make some: wallpaint validate."
        )
    validations = {path: read_validation(path) for path in metrics}
    in_order = sorted(validations, key=lambda path: validations[path].step)
    parts = [*_curves(list(map(validations.__getitem__, in_order)), logs)]
    if validations:
        runs = [validations[path] for path in in_order]
        parts = [_latest(runs), *parts, _history(runs), *_sheets([(validations[path], path) for path in in_order])]
    page = _PAGE.format(title=escape(f"Training report: {Path(folder).resolve().name}"), body="\n".join(parts))
    return _write(Path(output), page)


def _of_one_run(folder: Path, pattern: str) -> list[Path]:
    found = sorted(folder.rglob(pattern))
    homes = sorted({path.parent for path in found})
    if len(homes) > 1:
        raise SettingError(f"{folder}: {pattern} is in {homes[0]} and in {homes[1]}. Give the folder of one training.")
    return found


def _curves(validations: Sequence[Validation], logs: Sequence[Path]) -> Iterator[str]:
    drawn = {"training loss": loss_curve(read_losses(logs[0]))} if logs else {}
    for metric, title in _TITLES.items():
        drawn[title] = metric_curve(validations, metric, title, TARGETS.get(metric))
    figures = [_picture(svg.encode(), "svg+xml", title) for title, svg in drawn.items() if svg is not None]
    if figures:
        yield "<h2>Curves</h2>"
        yield "<p>Means before and after the colour lock; dashed: 95th percentiles.</p>"
        yield f'<div class="curves">{"".join(figures)}</div>'


def _latest(validations: Sequence[Validation]) -> str:
    first, last = validations[0], validations[-1]
    rows = []
    for metric, title in _TITLES.items():
        mean, target = last.value(metric), TARGETS.get(metric)
        verdict = "" if target is None else f'<span class="{target.verdict(mean)}">{target.verdict(mean)}</span>'
        bounds = "" if target is None else f"&lt; {target.good:g} / &lt; {target.excellent:g}"
        locked = last.value(metric, prefix="val_locked")
        rows.append((title, bounds, _written(first.value(metric)), _written(mean), verdict, _written(locked)))
    head = ("mean", "good / excellent", f"step {first.step}", f"step {last.step}", "", f"step {last.step}, locked")
    return f"<h2>After step {last.step}</h2>{_table(head, rows)}"


def _history(validations: Sequence[Validation]) -> str:
    rows = [
        (
            str(validation.step),
            str(validation.aggregated_metrics.get("val/valid_samples", "–")),
            *(_written(validation.value(metric)) for metric in _TITLES),
            _written(validation.value("lab_distance", prefix="val_locked")),
        )
        for validation in validations
    ]
    return (
        f"<h2>Every validation</h2>{_table(('step', 'valid samples', *_TITLES.values(), 'LAB distance, locked'), rows)}"
    )


def _sheets(validations: Sequence[tuple[Validation, Path]]) -> Iterator[str]:
    """All pages of the last validation, and the first page of earlier ones, to limit the size of the report."""
    for place, (validation, path) in enumerate(reversed(validations)):
        pages = sheets_of(path)[: None if place == 0 else 1]
        if pages:
            pictures = "".join(_picture(_jpeg(page), "jpeg", page.name) for page in pages)
            opened = " open" if place == 0 else ""
            yield f"<details{opened}><summary>Sheets of step {validation.step}</summary>{pictures}</details>"


def _table(head: Iterable[str], rows: Iterable[Iterable[str]]) -> str:
    lines = "".join(f"<tr>{''.join(f'<td>{cell}</td>' for cell in row)}</tr>" for row in rows)
    return f"<table><tr>{''.join(f'<th>{escape(cell)}</th>' for cell in head)}</tr>{lines}</table>"


def _picture(content: bytes, kind: str, alt: str) -> str:
    return f'<img alt="{escape(alt)}" src="data:image/{kind};base64,{base64.b64encode(content).decode()}">'


def _jpeg(path: Path) -> bytes:
    buffer = io.BytesIO()
    with Image.open(path) as sheet:
        sheet.convert("RGB").save(buffer, "JPEG", quality=_JPEG_QUALITY)
    return buffer.getvalue()


def _written(value: float) -> str:
    return "–" if math.isnan(value) else f"{value:.2f}"


def _write(path: Path, page: str) -> Path:
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        write_files({path: page.encode()})
    except OSError as error:
        raise OutputError(path, f"the page cannot be written ({error.strerror}). Choose another file name.") from None
    return path
