"""RepaintBench: every method on every case, room by room; a killed run continues where it stopped."""

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
from wallpaint.worker_process import exit_with_parent

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
    "weights.edge",
    "painter",
    "evaluate",
    "rooms",
)  #: packages whose code decides the rows


def closed_form(source: np.ndarray, mask: np.ndarray, color: Color) -> np.ndarray:
    """The albedo engine without the interreflection network."""
    region = find_region(source, as_mask(mask, (source.shape[0], source.shape[1])))
    return AlbedoRoom.closed_form(source, region).paint_wall(color)


def albedo(source: np.ndarray, mask: np.ndarray, color: Color) -> np.ndarray:
    """The default engine, from photo and mask to picture."""
    return Repainter().open(source, mask).paint(color).image


def bounce(source: np.ndarray, mask: np.ndarray, color: Color) -> np.ndarray:
    """The default engine with bounced light on the rest of the room."""
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
    """Score every method on every case of the given rooms.

    Parameters
    ----------
    rooms : sequence of Path
        Stored rooms.
    folder : Path
        Folder for the rows of each finished room. Rooms whose rows were measured by the same code on the same file
        are not measured again.
    tracks : tuple of {"clean", "camera", "wallpaper"}
    workers : int
        Number of processes.
    done : callable, optional
        Called with a room's path when its rows are stored.
    model : str, optional
        A diffusion model to measure as well; see `diffusion_methods`.
    controlnet : str, optional
        A depth ControlNet for that model, to measure it with the rooms' true depth too; see `depth_methods`.

    Returns
    -------
    list of dict
        Rows of all rooms, in the order of `rooms`.

    Raises
    ------
    RoomFileError
        A room file is damaged. The rows finished before are kept.
    OutputError
        `folder` cannot be written.
    WallpaintError
        A worker process ended unexpectedly.
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
            "a worker process ended unexpectedly (out of memory?). Finished rooms are kept: run the same command again "
            "with fewer --workers."
        ) from error
    finally:
        pool.shutdown(cancel_futures=True)
    return [row for path in rooms for row in known[path]]


def paint_case(case: Case, method: str) -> tuple[np.ndarray, float]:
    """The picture a method paints of a case, and the seconds it took."""
    return _timed(METHODS[method], case)


def _timed(method: Method, case: Case) -> tuple[np.ndarray, float]:
    start = time.perf_counter()
    output = method(case.source, case.mask, case.reference)
    return output, time.perf_counter() - start


def fingerprint(tracks: tuple[Track, ...]) -> str:
    """Hash of the tracks and of all code that decides a row; stored rows with another hash are measured again."""
    modules = []
    for package in _PACKAGES:
        folder = _package_folder(package)
        modules += sorted(path for path in folder.rglob("*") if path.suffix in (".py", ".safetensors", ".onnx"))
    return _hash(",".join(tracks).encode(), *(module.read_bytes() for module in modules))


def _package_folder(package: str) -> Path:
    return Path(str(files("wallpaint").joinpath(*package.split("."))))


def _of_model(model: str, controlnet: str | None) -> bytes:
    modules = sorted(_package_folder("diffusion").rglob("*.py"))
    modules += [] if controlnet is None else [_package_folder("data") / "samples" / "ray_depth.py"]
    is_asked = b"" if controlnet is None else b"with depth"  # a model may bring a ControlNet that was not asked for
    weights = diffusion_fingerprint(model, controlnet).encode()
    return _hash(weights, is_asked, *(module.read_bytes() for module in modules)).encode()


def _hash(*contents: bytes) -> str:
    digest = hashlib.sha256()
    for content in contents:
        digest.update(content)
    return digest.hexdigest()[:16]


def _start_worker() -> None:
    exit_with_parent()
    cv2.setNumThreads(1)
    warnings.simplefilter("ignore", WallpaintWarning)  # about masks, which come from the rooms
    half = np.tile(np.arange(32) < 16, (32, 1))
    albedo(
        np.full((32, 32, 3), 99, np.uint8), half, Color.from_rgb8((9, 99, 9))
    )  # imports and compiles before the first timed case


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
