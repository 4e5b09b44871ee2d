"""Import photos and masks into a dataset on disk; a stopped run continues where it was."""

from __future__ import annotations

import json
import warnings
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from functools import partial
from pathlib import Path

import cv2
import numpy as np

from wallpaint.data.storage.dataset_settings import agree_on_settings
from wallpaint.data.storage.layout import SPLITS, Entry, Split, SplitWriter, write_pictures
from wallpaint.data.storage.pictures import Pictures
from wallpaint.data.tools.process_pool import in_processes
from wallpaint.errors import (
    EmptyMaskError,
    FileError,
    FullMaskError,
    OutputError,
    Source,
    WallpaintError,
    WallpaintWarning,
)
from wallpaint.mask import is_wall, mask_quality, read_mask
from wallpaint.photo import bytes_to_linear, linear_to_bytes, read_photo

DROPPED_FILE = "dropped.jsonl"
UNREADABLE = "cannot be read"

ReadMask = Callable[[Path, tuple[int, int]], np.ndarray]  #: as `read_mask`; must pickle


@dataclass(frozen=True)
class PhotoPair:
    """A photo and its mask, to be imported.

    Attributes
    ----------
    name : str
        Name of the sample.
    image, mask : Path
    split : {"train", "validation"}
    """

    name: str
    image: Path
    mask: Path
    split: Split


@dataclass(frozen=True)
class Admission:
    """Minimum requirements of a photo.

    Attributes
    ----------
    min_quality : float
        Smallest `mask_quality` score, [0, 1].
    min_area : float
        Smallest share of wall in the picture, [0, 1].
    shorter_side : int
        Length of the shorter side in pixels to which larger photos are reduced, so that training need not do it.
    """

    min_quality: float = 0.6
    min_area: float = 0.05
    shorter_side: int = 768


@dataclass(frozen=True)
class ImportResult:
    """The result for one pair.

    Attributes
    ----------
    pair : PhotoPair
    entry : Entry or None
        The stored sample; None if the pair was dropped.
    reason : str
        Why the pair was dropped, in words that are the same for equal reasons; empty if it was not.
    notes : tuple of str
        The error or the warnings from reading it.
    """

    pair: PhotoPair
    entry: Entry | None = None
    reason: str = ""
    notes: tuple[str, ...] = ()


@dataclass(frozen=True)
class ImportCounts:
    """Counts of an import, earlier runs included.

    Attributes
    ----------
    made, there : int
        Number of new and of existing samples.
    dropped : Counter of str
        Number of dropped pairs by reason.
    notes : tuple of str
        Notes of this run.
    """

    made: int
    there: int
    dropped: Counter[str]
    notes: tuple[str, ...]


def import_photos(
    pairs: Sequence[PhotoPair],
    folder: Source,
    *,
    origin: str = "folder",
    read_wall: ReadMask = read_mask,
    admission: Admission | None = None,
    settings: Mapping[str, object] | None = None,
    workers: int = 1,
    done: Callable[[str], None] | None = None,
) -> ImportCounts:
    """Store photos whose masks are good enough as samples.

    Parameters
    ----------
    pairs : sequence of PhotoPair
    folder : path
        Root of the dataset; created if missing.
    origin : str
        Name of the source of the pairs. A dataset may have several sources, each with its own settings, which are
        stored in ``ORIGIN.json``.
    read_wall : callable
        From a mask's path and the photo's (H, W) to alpha in [0, 1].
    admission : Admission, optional
    settings : mapping, optional
        Further settings of the pairs and of `read_wall`; JSON values.
    workers : int
        Number of processes.
    done : callable, optional
        Called with the name of each pair that was handled, in this run or before.

    Raises
    ------
    SettingError
        The folder was filled from this origin with another admission or other settings.
    FileError
        A record of earlier runs in the folder is damaged.
    OutputError
        The folder cannot be written.
    WallpaintError
        A process ended unexpectedly.

    Notes
    -----
    Pairs dropped for their mask are listed in ``SPLIT/dropped.jsonl`` and not read again; unreadable pairs are tried
    again each time.
    """
    admission = Admission() if admission is None else admission
    agree_on_settings(Path(folder) / f"{origin}.json", {**asdict(admission), **(settings or {})})
    writers = {split: SplitWriter(folder, split) for split in SPLITS}
    logs = {split: _DropLog(Path(folder) / split / DROPPED_FILE) for split in SPLITS}
    known = [pair for pair in pairs if pair.name in writers[pair.split].names or pair.name in logs[pair.split].reasons]
    there = sum(pair.name in writers[pair.split].names for pair in known)
    dropped = Counter(logs[pair.split].reasons[pair.name] for pair in known if pair.name in logs[pair.split].reasons)
    report = (lambda _: None) if done is None else done
    for pair in known:
        report(pair.name)

    missing = sorted(set(pairs) - set(known), key=lambda pair: (pair.split, pair.name))
    notes: list[str] = []
    made = 0
    for outcome in in_processes(partial(_import, Path(folder), read_wall, admission), missing, workers):
        notes += outcome.notes
        if outcome.entry is not None:
            writers[outcome.pair.split].record(outcome.entry)
            made += 1
        else:
            dropped[outcome.reason] += 1
            if outcome.reason != UNREADABLE:
                logs[outcome.pair.split].add(outcome.pair.name, outcome.reason)
        report(outcome.pair.name)
    return ImportCounts(made, there, dropped, tuple(notes))


def _import(folder: Path, read_wall: ReadMask, admission: Admission, pair: PhotoPair) -> ImportResult:
    try:
        with warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter("always", WallpaintWarning)
            image = read_photo(pair.image)
            mask = read_wall(pair.mask, (image.shape[0], image.shape[1]))
    except (EmptyMaskError, FullMaskError) as error:
        return ImportResult(pair, reason="no wall" if isinstance(error, EmptyMaskError) else "nothing but wall")
    except WallpaintError as error:
        return ImportResult(pair, reason=UNREADABLE, notes=(str(error),))
    notes = tuple(str(warning.message) for warning in caught if issubclass(warning.category, WallpaintWarning))
    image, mask = _reduced(image, mask, admission.shorter_side)
    if is_wall(mask).mean() < admission.min_area:
        return ImportResult(pair, reason=f"wall on less than {admission.min_area:.0%} of the picture")
    quality = mask_quality(image, mask).score
    if quality < admission.min_quality:
        return ImportResult(pair, reason=f"mask of a quality below {admission.min_quality:g}")
    entry = write_pictures(folder / pair.split, pair.name, Pictures(image, mask, None), quality, pair.name)
    return ImportResult(pair, entry, notes=notes)


def _reduced(image: np.ndarray, mask: np.ndarray, shorter_side: int) -> tuple[np.ndarray, np.ndarray]:
    height, width = mask.shape
    scale = shorter_side / min(height, width)
    if scale >= 1:
        return image, mask
    size = (round(width * scale), round(height * scale))
    light = cv2.resize(bytes_to_linear(image), size, interpolation=cv2.INTER_AREA)
    return linear_to_bytes(light), np.clip(cv2.resize(mask, size, interpolation=cv2.INTER_AREA), 0, 1)


class _DropLog:
    """List of dropped pairs, one line each; an incomplete last line is removed."""

    def __init__(self, path: Path) -> None:
        self.path = path
        whole = path.read_text(encoding="utf-8").rpartition("\n")[0] if path.exists() else ""
        try:
            lines = [json.loads(line) for line in whole.split("\n") if line]
            self.reasons = {line["name"]: line["reason"] for line in lines}
        except (ValueError, TypeError, KeyError):
            raise FileError(path, "this file is damaged. Remove it: the pairs in it are then read again.") from None
        if whole:
            path.write_text(whole + "\n", encoding="utf-8")

    def add(self, name: str, reason: str) -> None:
        try:
            with open(self.path, "a", encoding="utf-8") as file:
                file.write(json.dumps({"name": name, "reason": reason}, ensure_ascii=False) + "\n")
        except OSError as error:
            raise OutputError(self.path, f"it cannot be written ({error.strerror}). Make room.") from None
