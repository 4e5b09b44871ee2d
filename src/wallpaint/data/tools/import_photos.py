"""Photos and masks from elsewhere to a dataset on disk; a run that was stopped goes on where it was."""

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
    """A photo and its mask on their way into a dataset.

    Attributes
    ----------
    name : str
        Of the sample.
    image, mask : Path
    split : {"train", "validation"}
    """

    name: str
    image: Path
    mask: Path
    split: Split


@dataclass(frozen=True)
class Admission:
    """What a photo must bring to be taken.

    Attributes
    ----------
    min_quality : float
        Of `mask_quality`, [0, 1].
    min_area : float
        Share of the picture that is wall, [0, 1].
    shorter_side : int
        Pixels; larger photos are reduced to it, since a training would do so each time it reads one.
    """

    min_quality: float = 0.6
    min_area: float = 0.05
    shorter_side: int = 768


@dataclass(frozen=True)
class ImportResult:
    """What became of a pair.

    Attributes
    ----------
    pair : PhotoPair
    entry : Entry or None
        None: it was dropped.
    reason : str
        Why it was, in words that others share, to be counted; empty if it was not.
    notes : tuple of str
        What reading it had to say: the error, or what was mended.
    """

    pair: PhotoPair
    entry: Entry | None = None
    reason: str = ""
    notes: tuple[str, ...] = ()


@dataclass(frozen=True)
class ImportCounts:
    """What an import did, runs before it included.

    Attributes
    ----------
    made, there : int
        Samples made now, and those that were there.
    dropped : Counter of str
        How many were dropped, by reason.
    notes : tuple of str
        Of this run.
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
        Root of the dataset; made where missing.
    origin : str
        Where the pairs are from. A dataset may be filled from several places, each with its own settings, which are
        kept in ``ORIGIN.json``.
    read_wall : callable
        From a mask's path and the photo's (H, W) to alpha in [0, 1].
    admission : Admission, optional
    settings : mapping, optional
        What else the pairs and `read_wall` were made with; must be what JSON can hold.
    workers : int
        Processes.
    done : callable, optional
        Told the name of each pair that is dealt with, whether now or before.

    Raises
    ------
    SettingError
        The folder was filled from this origin with another admission or other settings.
    FileError
        What the folder keeps about earlier runs is damaged.
    OutputError
        It cannot be written to.
    WallpaintError
        A process died.

    Notes
    -----
    What is dropped for its mask is remembered in ``SPLIT/dropped.jsonl`` and not looked at again; what cannot be read
    is tried again each time.
    """
    admission = Admission() if admission is None else admission
    agree_on_settings(Path(folder) / f"{origin}.json", {**asdict(admission), **(settings or {})})
    writers = {split: SplitWriter(folder, split) for split in SPLITS}
    logs = {split: _DropLog(Path(folder) / split / DROPPED_FILE) for split in SPLITS}
    known = [pair for pair in pairs if pair.name in writers[pair.split].names or pair.name in logs[pair.split].reasons]
    there = sum(pair.name in writers[pair.split].names for pair in known)
    dropped = Counter(logs[pair.split].reasons[pair.name] for pair in known if pair.name in logs[pair.split].reasons)
    tell = (lambda _: None) if done is None else done
    for pair in known:
        tell(pair.name)

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
        tell(outcome.pair.name)
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
    """A line about each pair that was dropped; a last line cut short is taken out."""

    def __init__(self, path: Path) -> None:
        self.path = path
        whole = path.read_text(encoding="utf-8").rpartition("\n")[0] if path.exists() else ""
        try:
            lines = [json.loads(line) for line in whole.split("\n") if line]
            self.reasons = {line["name"]: line["reason"] for line in lines}
        except (ValueError, TypeError, KeyError):
            raise FileError(path, "this is damaged. Remove it: what it lists is looked at again.") from None
        if whole:
            path.write_text(whole + "\n", encoding="utf-8")

    def add(self, name: str, reason: str) -> None:
        try:
            with open(self.path, "a", encoding="utf-8") as file:
                file.write(json.dumps({"name": name, "reason": reason}, ensure_ascii=False) + "\n")
        except OSError as error:
            raise OutputError(self.path, f"it cannot be written ({error.strerror}). Make room.") from None
