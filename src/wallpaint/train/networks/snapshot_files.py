"""Files of snapshots to train on; those of benchmark rooms are refused."""

from __future__ import annotations

from pathlib import Path

from wallpaint.errors import MissingFileError, SettingError
from wallpaint.rooms import BENCH_SEEDS
from wallpaint.rooms.generate import stored_snapshots


def snapshot_files(folder: Path) -> dict[Path, int]:
    """Snapshots in a folder, with their seeds, in the order of the seeds.

    Raises
    ------
    MissingFileError
        The folder holds none.
    SettingError
        A seed belongs to the benchmark.
    """
    seeds = {path: int(path.stem.removeprefix("snapshot-")) for path in stored_snapshots(folder)}
    if not seeds:
        raise MissingFileError(
            folder, "no snapshots there. Render some: wallpaint rooms render --kind varied --snapshots --out FOLDER"
        )
    reserved = [seed for seed in seeds.values() if seed in BENCH_SEEDS]
    if reserved:
        raise SettingError(f"{folder}: room {reserved[0]} belongs to the benchmark. Train on other rooms.")
    return seeds
