"""Reports of RepaintBench: tables, and a sheet of the worst cases with error maps."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import product
from pathlib import Path

import cv2
import numpy as np
from PIL import Image

from wallpaint.evaluate.repaintbench.benchmark import Row, paint_case
from wallpaint.evaluate.repaintbench.benchmark_cases import COLOR_PAIRS, TRACKS, Case, room_cases
from wallpaint.evaluate.repaintbench.scores import error_map
from wallpaint.rooms import PaintableRoom
from wallpaint.sheet import contact_sheet, swatch

SCORES = ("inside", "inside_p95", "edge", "outside", "lab_distance", "shading", "seconds")
_HEADINGS = ("in", "in p95", "edge", "out", "LAB to swatch", "shading", "seconds")
OURS = ("wallpaint closed form", "wallpaint albedo", "wallpaint bounce")
_DIGITS = (2, 1, 2, 2, 2, 3, 3)
_WHITE_ERROR = 10.0  # CIEDE2000 shown as the brightest colour of an error map


def summarize(rows: Iterable[Row], **wanted: str) -> dict[str, float]:
    """Mean of each score over the rows with the wanted track, method, pair or painted_walls, without ``nan`` values."""
    chosen = [row for row in rows if all(row[name] == value for name, value in wanted.items())]
    means = {}
    for name in SCORES:
        values = np.array([row[name] for row in chosen], np.float64)
        values = values[np.isfinite(values)]
        means[name] = float(values.mean()) if values.size else float("nan")
    return means


def markdown_table(rows: Sequence[Row]) -> str:
    """One table for each track with a line for each method; then our methods by colour pair and by number of walls."""
    blocks = []
    methods = list(dict.fromkeys(str(row["method"]) for row in rows))
    for track in TRACKS:
        here = [row for row in rows if row["track"] == track]
        if here:
            rooms = len({row["room"] for row in here})
            blocks.append(f"### {track}: {rooms} rooms × {len(COLOR_PAIRS)} colour changes\n")
            blocks.append(_table("method", [(method, summarize(here, method=method)) for method in methods]))
    for track, method in product(TRACKS, OURS):
        ours = [row for row in rows if row["track"] == track and row["method"] == method]
        if ours:
            blocks.append(f"### {track}, {method}, by colour change\n")
            blocks.append(_table("change", [(pair, summarize(ours, pair=pair)) for pair in COLOR_PAIRS]))
    for track, method in product(TRACKS, OURS):
        ours = [row for row in rows if row["track"] == track and row["method"] == method]
        walls = sorted({str(row["painted_walls"]) for row in ours})
        if len(walls) > 1:
            blocks.append(f"### {track}, {method}, by the number of painted walls\n")
            blocks.append(_table("walls", [(count, summarize(ours, painted_walls=count)) for count in walls]))
    return "\n".join(blocks)


def _table(heading: str, lines: Sequence[tuple[str, dict[str, float]]]) -> str:
    head = f"| {heading} | " + " | ".join(_HEADINGS) + " |\n|---" + "|---" * len(_HEADINGS) + "|\n"
    body = ""
    for name, means in lines:
        cells = [
            "–" if np.isnan(means[score]) else f"{means[score]:.{digits}f}"
            for score, digits in zip(SCORES, _DIGITS, strict=True)
        ]
        body += f"| {name} | " + " | ".join(cells) + " |\n"
    return head + body


def worst_sheet(rows: Sequence[Row], rooms: Sequence[Path], method: str, count: int = 4) -> np.ndarray:
    """The `count` worst cases of a method on each track: photo, reference, result, truth, error.

    Returns an (H, W, 3) uint8 picture; errors are CIEDE2000, from black (0) to white (10 and more).
    """
    pictures = []
    by_seed = {PaintableRoom.load(path).seed: path for path in rooms}
    for track in TRACKS:
        here = [row for row in rows if row["track"] == track and row["method"] == method]
        for row in sorted(here, key=lambda row: -float(str(row["inside"])))[:count]:
            case = _case(by_seed[int(str(row["room"]))], row)
            output, _ = paint_case(case, method)
            size = (case.source.shape[1], case.source.shape[0])
            pictures += [
                (f"{case.track} {case.room} {case.pair}", Image.fromarray(case.source)),
                (case.reference.hex, swatch(case.reference, size)),
                (f"{method}: inside {row['inside']:.2f}", Image.fromarray(output)),
                ("truth", Image.fromarray(case.truth)),
                ("CIEDE2000, white = 10", Image.fromarray(_error_picture(error_map(case, output)))),
            ]
    return contact_sheet(pictures, columns=5)


def _case(path: Path, row: Row) -> Case:
    for case in room_cases(PaintableRoom.load(path), (row["track"],)):  # type: ignore[arg-type]
        if case.pair == row["pair"]:
            return case
    raise KeyError(f"{path} has no case {row['pair']} on track {row['track']}")


def _error_picture(error: np.ndarray) -> np.ndarray:
    shade = np.rint(255 * np.clip(error / _WHITE_ERROR, 0, 1)).astype(np.uint8)
    return cv2.cvtColor(cv2.applyColorMap(shade, cv2.COLORMAP_INFERNO), cv2.COLOR_BGR2RGB)
