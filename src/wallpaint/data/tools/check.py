"""Check a dataset for faults before training: unreadable files, bad masks, near-duplicates, leaks between splits."""

from __future__ import annotations

import warnings
from collections import Counter, defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import numpy as np

from wallpaint.data.storage.file_pairs import pair_by_stem, pictures_in
from wallpaint.data.storage.flat import is_flat, open_split, stored_splits
from wallpaint.data.storage.layout import SampleFolder, Split
from wallpaint.data.tools.inspect_sample import Look, look_at
from wallpaint.data.tools.process_pool import in_processes
from wallpaint.errors import Source, WallpaintWarning

NEAR = 8  #: bits of 64 in which near-duplicates differ at most

_BLOCK = 1024  # fingerprints compared with all others at once


@dataclass(frozen=True)
class NearDuplicates:
    """Two samples of different sources with nearly the same picture.

    Attributes
    ----------
    one, other : str
        ``split/name``.
    distance : int
        Bits of 64 in which their perceptual hashes differ.
    leak : bool
        They are in different splits.
    """

    one: str
    other: str
    distance: int
    leak: bool


@dataclass(frozen=True)
class DatasetCheck:
    """The result of a check.

    Attributes
    ----------
    looks : list of Look
        Inspected samples, sorted by split and name.
    faults : list of str
        One sentence each: files that are unreadable, missing or not in the metadata; masks of another size; duplicate
        names; sources and near-duplicates in both splits.
    near_duplicates : list of NearDuplicates
        Nearest first.
    """

    looks: list[Look]
    faults: list[str]
    near_duplicates: list[NearDuplicates]

    @property
    def counts(self) -> dict[Split, int]:
        """Number of samples by split."""
        return dict(Counter(look.split for look in self.looks))

    @property
    def sizes(self) -> dict[tuple[int, int], int]:
        """Number of images by (width, height), the most frequent first."""
        return dict(Counter(look.size for look in self.looks if look.size is not None).most_common())

    def worst(self, count: int) -> list[Look]:
        """The samples of least quality that can be read, worst first."""
        return sorted((look for look in self.looks if look.quality is not None), key=_quality)[:count]


def check_dataset(
    root: Source, *, near: int = NEAR, workers: int = 1, done: Callable[[str], None] | None = None
) -> DatasetCheck:
    """Check every sample of a dataset, in either layout.

    Parameters
    ----------
    root : path
    near : int
        Near-duplicates differ in at most this many of 64 bits. Different photos and rooms differed in at least 20;
        copies saved as poor JPEG, reduced, brightened or cropped by 2 % differed in at most 10, nearly all in at most
        8. Mirrored pictures and other views of the same room are not found.
    workers : int
        Number of processes.
    done : callable, optional
        Called with the name of each checked sample.

    Raises
    ------
    MissingFileError, FileError
        There is no dataset, or its metadata are invalid.
    """
    faults: list[str] = []
    looks: list[Look] = []
    for split in stored_splits(root):
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", WallpaintWarning)  # reported as faults below
            folder = open_split(root, split)
        faults += _faults_of_names(folder) if not is_flat(root) else []
        for look in in_processes(partial(look_at, folder.folder, split), folder.entries, workers):
            looks.append(look)
            if done is not None:
                done(look.name)
    if is_flat(root):
        faults += _faults_of_pairing(Path(root))
    looks.sort(key=lambda look: (look.split, look.name))
    faults += [look.fault for look in looks if look.fault]
    near_duplicates = find_near_duplicates(looks, near)
    faults += _shared_sources(looks) + [
        f"{pair.one} and {pair.other} are nearly the same picture in two splits. Keep one of them."
        for pair in near_duplicates
        if pair.leak
    ]
    return DatasetCheck(looks, faults, near_duplicates)


def find_near_duplicates(looks: Sequence[Look], near: int) -> list[NearDuplicates]:
    """Pairs whose fingerprints differ in at most `near` bits, nearest first.

    Samples of one source are expected to be similar and are not compared.
    """
    known = [(look, look.fingerprint) for look in looks if look.fingerprint is not None]
    if len(known) < 2:
        return []
    signs = np.stack([fingerprint for _, fingerprint in known]).astype(np.float32) * 2 - 1
    found = []
    for start in range(0, len(known), _BLOCK):
        distances = (signs.shape[1] - signs[start : start + _BLOCK] @ signs.T) / 2
        for row, column in np.argwhere(distances <= near):
            (one, _), (other, _) = known[start + row], known[column]
            if start + row < column and one.source != other.source:
                found.append(_pair(one, other, round(float(distances[row, column]))))
    return sorted(found, key=lambda pair: (pair.distance, pair.one, pair.other))


def _pair(one: Look, other: Look, distance: int) -> NearDuplicates:
    return NearDuplicates(
        f"{one.split}/{one.name}", f"{other.split}/{other.name}", distance, leak=one.split != other.split
    )


def _quality(look: Look) -> float:
    return 1.0 if look.quality is None else look.quality


def _shared_sources(looks: Sequence[Look]) -> list[str]:
    splits: dict[str, set[Split]] = defaultdict(set)
    for look in looks:
        splits[look.source].add(look.split)
    return [f"{source} is in two splits. Keep it in one." for source, of_it in sorted(splits.items()) if len(of_it) > 1]


def _faults_of_names(folder: SampleFolder) -> list[str]:
    """Duplicate names, and images without a line in the metadata."""
    counts = Counter(entry.name for entry in folder.entries)
    twice = [
        f"{folder.folder}: {name} has {count} lines in the metadata. Keep one."
        for name, count in counts.items()
        if count > 1
    ]
    images = folder.folder / "images"
    mentioned = {(folder.folder / entry.image).name for entry in folder.entries}
    strangers = [path for path in pictures_in(images) if path.name not in mentioned] if images.is_dir() else []
    return twice + [f"{path}: no line of the metadata mentions it. Remove it or add one." for path in strangers]


def _faults_of_pairing(root: Path) -> list[str]:
    pairing = pair_by_stem(root / "images", root / "masks")
    without_mask = [f"{root / 'images'}: {stem} has no mask. Make one or remove it." for stem in pairing.images_alone]
    return without_mask + [f"{root / 'masks'}: {stem} has no image. Remove it." for stem in pairing.masks_alone]
