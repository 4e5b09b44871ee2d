"""RepaintBench: every method on every case, room by room, in a way that may be killed and run again."""

from __future__ import annotations

import hashlib
import json
import multiprocessing
import time
import warnings
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from concurrent.futures.process import BrokenProcessPool
from dataclasses import asdict
from functools import partial
from importlib.resources import files
from pathlib import Path

import cv2
import numpy as np

from wallpaint.albedo import AlbedoRoom
from wallpaint.color import Color
from wallpaint.errors import OutputError, WallpaintError, WallpaintWarning
from wallpaint.evaluate.repaintbench.baselines import BASELINES, Method
from wallpaint.evaluate.repaintbench.benchmark_cases import Case, Track, room_cases
from wallpaint.evaluate.repaintbench.diffusion_methods import (
    depth_methods,
    diffusion_fingerprint,
    diffusion_methods,
    share_cores,
)
from wallpaint.evaluate.repaintbench.scores import score
from wallpaint.mask import as_mask, find_region
from wallpaint.painter import Repainter
from wallpaint.photo import write_files
from wallpaint.rooms import PaintableRoom
from wallpaint.worker import leave_with_parent

Row = dict[str, object]  #: room, its painted_walls, pair, track, method and the fields of `Score`

_PACKAGES = (
    "color",
    "photo",
    "mask",
    "reference",
    "metrics",
    "networks",
    "albedo",
    "weights.bounce",
    "painter",
    "evaluate",
    "rooms",
)  # that a row depends on


def closed_form(source: np.ndarray, mask: np.ndarray, color: Color) -> np.ndarray:
    """The albedo engine without the network that has seen how walls light each other."""
    region = find_region(source, as_mask(mask, (source.shape[0], source.shape[1])))
    return AlbedoRoom.closed_form(source, region).paint_wall(color)


def albedo(source: np.ndarray, mask: np.ndarray, color: Color) -> np.ndarray:
    """What paints by default, from photo and mask to picture."""
    return Repainter().open(source, mask).paint(color).image


def bounce(source: np.ndarray, mask: np.ndarray, color: Color) -> np.ndarray:
    """The same, with the wall's new light on the rest of the room."""
    return Repainter(bounce=True).open(source, mask).paint(color).image


METHODS: Mapping[str, Method] = {
    **BASELINES,
    "wallpaint closed form": closed_form,
    "wallpaint albedo": albedo,
    "wallpaint bounce": bounce,
}


def run_bench(
    rooms: Sequence[Path],
    folder: Path,
    tracks: tuple[Track, ...],
    workers: int = 1,
    done: Callable[[Path], None] | None = None,
    model: str | None = None,
    controlnet: str | None = None,
) -> list[Row]:
    """Score every method on every case of some rooms.

    Parameters
    ----------
    rooms : sequence of Path
        Stored rooms.
    folder : Path
        Where each room's rows are kept as soon as they are known. Rows measured by the same code on the same file are
        not measured again; others are.
    tracks : tuple of {"clean", "camera", "wallpaper"}
    workers : int
        Processes.
    done : callable, optional
        Told each room's path when its rows are there.
    model : str, optional
        A diffusion model to measure beside the others; see `diffusion_methods`.
    controlnet : str, optional
        Of that model: measure it with the rooms' true depth too; see `depth_methods`.

    Returns
    -------
    list of dict
        Rows of all rooms, in the order of `rooms`.

    Raises
    ------
    RoomFileError
        A room is damaged. What the others gave until then is kept.
    OutputError
        Results cannot be kept in `folder`.
    WallpaintError
        A process died.
    """
    code = fingerprint(tracks) if model is None else _hash(fingerprint(tracks).encode(), _of_model(model, controlnet))
    keys = {path: f"{code}-{_hash(path.read_bytes())}" for path in rooms}
    _make(folder)
    known = {path: rows for path in rooms if (rows := _stored(folder, path, keys[path])) is not None}
    for path in known:
        if done is not None:
            done(path)
    missing = [path for path in rooms if path not in known]
    spawn = multiprocessing.get_context("spawn")
    start = _start_worker if model is None else partial(_start_model_worker, max(1, workers))
    pool = ProcessPoolExecutor(max(1, workers), mp_context=spawn, initializer=start)
    try:
        futures = {pool.submit(_room_rows, path, tracks, model, controlnet): path for path in missing}
        for future in as_completed(futures):
            path = futures[future]
            known[path] = future.result()
            _store(folder, path, keys[path], known[path])
            if done is not None:
                done(path)
    except BrokenProcessPool as error:
        raise WallpaintError(
            "a measuring process died (out of memory?). What is finished is kept: run the same command again, with "
            "fewer --workers."
        ) from error
    finally:
        pool.shutdown(cancel_futures=True)
    return [row for path in rooms for row in known[path]]


def paint_case(case: Case, method: str) -> tuple[np.ndarray, float]:
    """The picture a method makes of a case, and the seconds it took."""
    return _timed(METHODS[method], case)


def _timed(method: Method, case: Case) -> tuple[np.ndarray, float]:
    start = time.perf_counter()
    output = method(case.source, case.mask, case.reference)
    return output, time.perf_counter() - start


def fingerprint(tracks: tuple[Track, ...]) -> str:
    """Hash of all code a row depends on, and of the tracks: rows with another one are stale."""
    modules = []
    for package in _PACKAGES:
        folder = _package_folder(package)
        modules += sorted(path for path in folder.rglob("*") if path.suffix in (".py", ".safetensors"))
    return _hash(",".join(tracks).encode(), *(module.read_bytes() for module in modules))


def _package_folder(package: str) -> Path:
    return Path(str(files("wallpaint").joinpath(*package.split("."))))


def _of_model(model: str, controlnet: str | None) -> bytes:
    modules = sorted(_package_folder("diffusion").rglob("*.py"))
    modules += [] if controlnet is None else [_package_folder("data") / "samples" / "ray_depth.py"]
    is_asked = b"" if controlnet is None else b"with depth"  # a model may bring a ControlNet that is not
    weights = diffusion_fingerprint(model, controlnet).encode()
    return _hash(weights, is_asked, *(module.read_bytes() for module in modules)).encode()


def _hash(*contents: bytes) -> str:
    digest = hashlib.sha256()
    for content in contents:
        digest.update(content)
    return digest.hexdigest()[:16]


def _start_worker() -> None:
    leave_with_parent()
    cv2.setNumThreads(1)
    warnings.simplefilter("ignore", WallpaintWarning)  # of masks, which nobody here can mend
    half = np.tile(np.arange(32) < 16, (32, 1))
    albedo(np.full((32, 32, 3), 99, np.uint8), half, Color.from_rgb8((9, 99, 9)))  # loads what the first would load


def _start_model_worker(processes: int) -> None:
    share_cores(processes)
    _start_worker()


def _room_rows(path: Path, tracks: tuple[Track, ...], model: str | None, controlnet: str | None) -> list[Row]:
    rows: list[Row] = []
    methods = METHODS if model is None else {**METHODS, **diffusion_methods(model)}
    deep = {} if model is None or controlnet is None else depth_methods(model, controlnet)
    room = PaintableRoom.load(path)
    walls = str(room.meta.get("painted_walls", "?"))
    for case in room_cases(room, tracks):
        with_depth: dict[str, Method] = {name: partial(paint, depth=case.depth) for name, paint in deep.items()}
        for method, paint in {**methods, **with_depth}.items():
            output, seconds = _timed(paint, case)
            about = {
                "room": case.room,
                "painted_walls": walls,
                "pair": case.pair,
                "track": case.track,
                "method": method,
            }
            rows.append({**about, **asdict(score(case, output, seconds))})
    return rows


def _row_file(folder: Path, room: Path) -> Path:
    return folder / f"{room.stem}.json"


def _stored(folder: Path, room: Path, key: str) -> list[Row] | None:
    try:
        content = json.loads(_row_file(folder, room).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None
    return content.get("rows") if isinstance(content, dict) and content.get("fingerprint") == key else None


def _store(folder: Path, room: Path, key: str, rows: list[Row]) -> None:
    write_files({_row_file(folder, room): json.dumps({"fingerprint": key, "rows": rows}).encode()})


def _make(folder: Path) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise OutputError(folder, f"results cannot be kept there ({error.strerror}). Choose another folder.") from None
