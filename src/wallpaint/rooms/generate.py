"""Rendering of many rooms into a folder, in several processes; an interrupted run resumes where it stopped.

A room is a file named after its seed and is written atomically. Existing rooms are kept, missing ones are rendered.
"""

from __future__ import annotations

import json
import logging
import multiprocessing
import os
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor, as_completed
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from wallpaint.errors import OutputError, RoomFileError, SettingError, WallpaintError
from wallpaint.rooms.paintable import PaintableRoom
from wallpaint.rooms.snapshots.snapshot import Snapshot
from wallpaint.worker_process import exit_with_parent

SETTINGS_FILE = "rooms.json"
_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class RenderJob:
    """Settings of a set of rooms to render.

    Attributes
    ----------
    count, seed : int
        Number of rooms and first seed: the seeds are ``seed … seed + count − 1``.
    size, samples : int
        Side of the picture in pixels; light paths per pixel.
    twins : float
        Share of rooms that get a twin in wallpaper, tiles, panels or eggshell paint; decided by the seed.
    kind : str
        One of ``scene.room.KINDS``.
    """

    count: int
    seed: int = 0
    size: int = 256
    samples: int = 32
    twins: float = 0.3
    kind: str = "furnished"

    @property
    def seeds(self) -> range:
        return range(self.seed, self.seed + self.count)

    @property
    def settings(self) -> dict[str, object]:
        """What all rooms of a folder share. The first kind of rooms is not named: folders of old go on."""
        shared: dict[str, object] = {"size": self.size, "samples": self.samples, "twins": self.twins}
        return shared if self.kind == "furnished" else {**shared, "kind": self.kind}

    def has_twin(self, seed: int) -> bool:
        return bool(np.random.default_rng([seed, 1]).random() < self.twins)

    def path(self, folder: Path, seed: int) -> Path:
        return room_path(folder, seed)

    def load(self, path: Path) -> PaintableRoom:
        return PaintableRoom.load(path)

    def render(self, seed: int) -> PaintableRoom:
        from wallpaint.rooms.render import render_room

        return render_room(seed, self.size, self.samples, twin=self.has_twin(seed), kind=self.kind)


@dataclass(frozen=True)
class SnapshotBatch:
    """Snapshots to render.

    Attributes
    ----------
    count, seed : int
        Rooms of the seeds ``seed … seed + count − 1``.
    size : int
        Pixels along the longer side of a 4:3 picture; others have its area.
    samples : int
        Light paths a pixel.
    kind : str
        A kind of room whose planes are labelled: ``varied``.
    """

    count: int
    seed: int = 20000
    size: int = 352
    samples: int = 9
    kind: str = "varied"

    @property
    def seeds(self) -> range:
        return range(self.seed, self.seed + self.count)

    @property
    def settings(self) -> dict[str, object]:
        return {"snapshots": True, "size": self.size, "samples": self.samples, "kind": self.kind}

    def path(self, folder: Path, seed: int) -> Path:
        return folder / f"snapshot-{seed:06d}.npz"

    def load(self, path: Path) -> Snapshot:
        return Snapshot.load(path)

    def render(self, seed: int) -> Snapshot:
        from wallpaint.rooms.snapshots.render import render_snapshot

        return render_snapshot(seed, self.size, self.samples, self.kind)


AnyBatch = RenderJob | SnapshotBatch


def room_path(folder: Path, seed: int) -> Path:
    return folder / f"room-{seed:06d}.npz"


def stored_rooms(folder: Path) -> list[Path]:
    """Paths of all rooms in a folder, sorted by seed."""
    return sorted(folder.glob("room-*.npz"))


def stored_snapshots(folder: Path) -> list[Path]:
    """Every snapshot of a folder, by seed."""
    return sorted(folder.glob("snapshot-*.npz"))


def unfinished(batch: AnyBatch, folder: Path) -> list[int]:
    """Seeds whose room is not there, or is there but damaged."""
    return [seed for seed in batch.seeds if not _is_whole(batch, batch.path(folder, seed))]


def generate(batch: AnyBatch, folder: Path, workers: int = 1, done: Callable[[int], None] | None = None) -> int:
    """Render what is missing of a batch.

    Parameters
    ----------
    batch : RenderJob or SnapshotBatch
    folder : Path
        Output folder, created if missing. If its rooms have other settings, the call is refused.
    workers : int
        Number of processes, which share the cores.
    done : callable or None
        callback(seed), called when a room is stored.

    Returns
    -------
    int
        Number of rooms rendered by this call.
    """
    _agree_on_settings(batch, folder)
    _sweep(folder)
    seeds = unfinished(batch, folder)
    if not seeds:
        return 0
    for seed in _render_all(batch, folder, seeds, workers):
        if done is not None:
            done(seed)
    return len(seeds)


def _render_all(batch: AnyBatch, folder: Path, seeds: list[int], workers: int) -> Iterator[int]:
    if workers <= 1:
        for seed in seeds:
            yield _render_one(batch, folder, seed)
        return
    threads = max(1, usable_cores() // workers)
    spawn = multiprocessing.get_context("spawn")
    pool = ProcessPoolExecutor(workers, mp_context=spawn, initializer=_start_worker, initargs=(threads,))
    try:
        for future in as_completed([pool.submit(_render_one, batch, folder, seed) for seed in seeds]):
            yield future.result()
    except BrokenProcessPool as error:
        raise WallpaintError(
            "a rendering process was killed (out of memory?). Finished rooms are kept: run the same command again "
            "with fewer --workers."
        ) from error
    finally:
        pool.shutdown(cancel_futures=True)


def _render_one(batch: AnyBatch, folder: Path, seed: int) -> int:
    batch.render(seed).save(batch.path(folder, seed))
    return seed


def _start_worker(threads: int) -> None:
    """Limit this worker to its share of the cores."""
    exit_with_parent()
    from wallpaint.rooms import variant

    if variant.activate() == variant.LLVM:
        import drjit

        drjit.set_thread_count(threads)


def _is_whole(batch: AnyBatch, path: Path) -> bool:
    if not path.exists():
        return False
    try:
        batch.load(path)
    except WallpaintError as error:
        _log.warning("%s It will be rendered again.", error)
        return False
    return True


def _agree_on_settings(batch: AnyBatch, folder: Path) -> None:
    settings = batch.settings
    record = folder / SETTINGS_FILE
    if record.exists():
        try:
            made_with = json.loads(record.read_text(encoding="utf-8"))
        except ValueError as error:
            raise RoomFileError(record, f"this is damaged ({error}). Remove it to continue with {settings}.") from None
        if made_with != settings:
            raise SettingError(
                f"{folder} has rooms rendered with {made_with}; the settings now are {settings}. "
                "Use the same settings or another --out."
            )
        return
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise OutputError(folder, f"rooms cannot be stored there ({error.strerror}). Choose another folder.") from None
    partial = record.with_suffix(".part")
    partial.write_text(json.dumps(settings), encoding="utf-8")
    os.replace(partial, record)


def _sweep(folder: Path) -> None:
    """Remove partial files of a killed run."""
    for leftover in folder.glob(".*.part"):
        leftover.unlink(missing_ok=True)


def usable_cores() -> int:
    """Number of processors that this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
