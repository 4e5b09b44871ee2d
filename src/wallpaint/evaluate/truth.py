"""RepaintBench: every method on every case, room by room, in a way that may be killed and run again."""

from __future__ import annotations

import hashlib
import json
import multiprocessing
import os
import time
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from dataclasses import asdict
from importlib.resources import files
from pathlib import Path

import cv2
import numpy as np

from wallpaint.color import Color
from wallpaint.evaluate.baselines import BASELINES, Method
from wallpaint.evaluate.cases import Case, Track, room_cases
from wallpaint.evaluate.scores import score
from wallpaint.painter import Repainter
from wallpaint.rooms import PaintableRoom

Row = dict[str, object]  #: room, pair, track, method and the fields of `Score`

_PACKAGES_THAT_PAINT = ("color", "photo", "reference", "metrics", "repaint", "evaluate")


def albedo(source: np.ndarray, mask: np.ndarray, color: Color) -> np.ndarray:
    """Our closed form, from photo and mask to picture."""
    return Repainter().open(source, mask).paint(color).image


METHODS: Mapping[str, Method] = {**BASELINES, "wallpaint albedo": albedo}


def run_bench(
    rooms: Sequence[Path],
    folder: Path,
    tracks: tuple[Track, ...],
    workers: int = 1,
    done: Callable[[Path], None] | None = None,
) -> list[Row]:
    """Score every method on every case of some rooms.

    Parameters
    ----------
    rooms : sequence of Path
        Stored rooms.
    folder : Path
        Where each room's rows are kept as soon as they are known. Rows measured by the same code are not measured
        again; others are.
    tracks : tuple of {"clean", "camera", "wallpaper"}
    workers : int
        Processes.
    done : callable, optional
        Told each room's path when its rows are there.

    Returns
    -------
    list of dict
        Rows of all rooms, in the order of `rooms`.
    """
    key = fingerprint(tracks)
    folder.mkdir(parents=True, exist_ok=True)
    known = {path: rows for path in rooms if (rows := _stored(folder, path, key)) is not None}
    for path in known:
        if done is not None:
            done(path)
    missing = [path for path in rooms if path not in known]
    spawn = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(max(1, workers), mp_context=spawn, initializer=_start_worker) as pool:
        futures = {pool.submit(_room_rows, path, tracks): path for path in missing}
        for future in as_completed(futures):
            path = futures[future]
            known[path] = future.result()
            _store(folder, path, key, known[path])
            if done is not None:
                done(path)
    return [row for path in rooms for row in known[path]]


def paint_case(case: Case, method: str) -> tuple[np.ndarray, float]:
    """The picture a method makes of a case, and the seconds it took."""
    start = time.perf_counter()
    output = METHODS[method](case.source, case.mask, case.reference)
    return output, time.perf_counter() - start


def fingerprint(tracks: tuple[Track, ...]) -> str:
    """Hash of all code a row depends on, and of the tracks: rows with another one are stale."""
    digest = hashlib.sha256(",".join(tracks).encode())
    for package in _PACKAGES_THAT_PAINT:
        for module in sorted(files(f"wallpaint.{package}").iterdir(), key=lambda entry: entry.name):
            if module.name.endswith(".py"):
                digest.update(module.read_bytes())
    return digest.hexdigest()[:16]


def _start_worker() -> None:
    cv2.setNumThreads(1)


def _room_rows(path: Path, tracks: tuple[Track, ...]) -> list[Row]:
    rows: list[Row] = []
    for case in room_cases(PaintableRoom.load(path), tracks):
        for method in METHODS:
            output, seconds = paint_case(case, method)
            about = {"room": case.room, "pair": case.pair, "track": case.track, "method": method}
            rows.append({**about, **asdict(score(case, output, seconds))})
    return rows


def _row_file(folder: Path, room: Path) -> Path:
    return folder / f"{room.stem}.json"


def _stored(folder: Path, room: Path, key: str) -> list[Row] | None:
    try:
        content = json.loads(_row_file(folder, room).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None
    return content["rows"] if isinstance(content, dict) and content.get("fingerprint") == key else None


def _store(folder: Path, room: Path, key: str, rows: list[Row]) -> None:
    target = _row_file(folder, room)
    partial = target.with_suffix(".part")
    partial.write_text(json.dumps({"fingerprint": key, "rows": rows}), encoding="utf-8")
    os.replace(partial, target)
