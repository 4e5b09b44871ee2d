"""One split of a dataset without the samples of poor masks, and neither split empty."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from wallpaint.data.samples.photo_sampler import quietly
from wallpaint.data.storage.flat import is_flat, measured, open_split, stored_splits
from wallpaint.data.storage.layout import Entry, SampleFolder, Split, name_hash
from wallpaint.errors import SettingError, Source, WallpaintError


@dataclass(frozen=True)
class UsableSplit:
    """What `usable_split` found.

    Attributes
    ----------
    folder : SampleFolder
        Where the pictures are.
    entries : list of Entry
        By name; at least one.
    left_out : int
        Samples whose mask is of too low a quality.
    """

    folder: SampleFolder
    entries: list[Entry]
    left_out: int


def usable_split(root: Source, split: Split, validation_share: float, quality_threshold: float) -> UsableSplit:
    """Open a split of a dataset in either layout.

    A hash decides which samples are for validation, so a small dataset may be left without any: of 20 photos at a share
    of a tenth, 12 times in 100. Then the scene whose hash comes nearest is held out from training, whole; likewise
    where none is left to train on. One scene alone is trained on.

    Parameters
    ----------
    root : path
    split : {"train", "validation"}
    validation_share : float
        [0, 1]; at 0 or 1 nothing is held out.
    quality_threshold : float
        [0, 1], of `mask_quality`.

    Raises
    ------
    MissingFileError, FileError
        There is no dataset, or its metadata make no sense.
    SettingError
        No sample is left; the message has the reason.
    """
    other: Split = "train" if split == "validation" else "validation"
    folder = own = _opened(root, split, validation_share)
    good = _good_enough(own, quality_threshold)
    left_out = len(own) - len(good)
    if 0 < validation_share < 1 and not good:
        beside = _opened(root, other, validation_share)
        candidates = _good_enough(beside, quality_threshold)
        held_out = _nearest(candidates, split)
        good = [entry for entry in candidates if entry.source == held_out]
        folder = beside if good else folder
    elif 0 < validation_share < 1 and not _has_good(_opened(root, other, validation_share), quality_threshold):
        held_out = _nearest(good, other)
        good = [entry for entry in good if entry.source != held_out]
    if not good and left_out:
        raise SettingError(f"{root}: {_of_low_quality(own, split, quality_threshold)}")
    if not good:
        raise SettingError(_without_samples(root, split, validation_share))
    return UsableSplit(folder, good, left_out)


def _opened(root: Source, split: Split, validation_share: float) -> SampleFolder:
    """Without any sample where nothing of the split was ever made."""
    if is_flat(root) or split in stored_splits(root):
        return open_split(root, split, validation_share)
    return SampleFolder(Path(root) / split, [])


def _good_enough(folder: SampleFolder, threshold: float) -> list[Entry]:
    entries = sorted(folder.entries, key=lambda entry: entry.name)  # parallel imports leave them in any order
    if threshold <= 0:
        return entries
    with quietly():
        return [entry for entry in entries if (measured(folder, entry).quality_score or 0) >= threshold]


def _has_good(folder: SampleFolder, threshold: float) -> bool:
    with quietly():
        return any(
            threshold <= 0 or (measured(folder, entry).quality_score or 0) >= threshold for entry in folder.entries
        )


def _nearest(entries: list[Entry], split: Split) -> str | None:
    """The scene to move into a split that is empty; None where it is the only one, unless that is to be trained on."""
    scenes = sorted({entry.source for entry in entries}, key=name_hash)
    if len(scenes) < 2:
        return scenes[0] if scenes and split == "train" else None
    return scenes[0 if split == "validation" else -1]


def _without_samples(root: Source, split: Split, share: float) -> str:
    if 0 < share < 1:
        held = "the only one is trained on" if split == "validation" else "there is none"
        return f"{root}: no sample is left for {split}: {held}. Add photos, or set validation.every to 0."
    return f"{root}: no sample is in {split} at a validation_share of {share:g}. Choose another share."


def _of_low_quality(folder: SampleFolder, split: Split, threshold: float) -> str:
    unmeasured = [entry for entry in folder.entries if entry.quality_score is None]
    fault = _fault_of(folder, unmeasured[0]) if unmeasured else ""
    if fault:
        return f"none of {len(folder)} samples in {split} can be used, the first for this: {fault}"
    return (
        f"no sample of {len(folder)} in {split} has a mask of quality {threshold:g} or better. Look at them with "
        "'wallpaint data check', or lower quality_threshold."
    )


def _fault_of(folder: SampleFolder, entry: Entry) -> str:
    try:
        with quietly():
            folder.read(entry)
    except WallpaintError as error:
        return str(error)
    return ""
