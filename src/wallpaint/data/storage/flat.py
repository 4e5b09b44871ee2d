"""The flat layout, ``ROOT/{images,masks}/``: pictures of any format, masks with the names of their images, and optional
depth maps ``ROOT/depth/NAME.png``. There is no metadata file: quality and split are computed on reading.
"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from wallpaint.data.storage.file_pairs import pair_by_stem
from wallpaint.data.storage.layout import METADATA, SPLITS, Entry, SampleFolder, Split, SplitFolder, split_of
from wallpaint.errors import MissingFileError, Source, WallpaintError, warn_of
from wallpaint.mask import mask_quality


class FlatFolder(SampleFolder):
    """One split of a flat folder; a hash of a sample's name decides its split.

    Parameters
    ----------
    root : path
    split : {"train", "validation"}
    validation_share : float
        [0, 1].

    Raises
    ------
    MissingFileError, FileError
        See `pair_by_stem`.

    Warns
    -----
    WallpaintWarning
        An image without a mask, or a mask without an image.
    """

    def __init__(self, root: Source, split: Split, validation_share: float = 0.1) -> None:
        folder = Path(root)
        pairing = pair_by_stem(folder / "images", folder / "masks")
        for alone, lacks in ((pairing.images_alone, "mask"), (pairing.masks_alone, "image")):
            left_out = [stem for stem in alone if split_of(stem, validation_share) == split]
            if left_out:
                warn_of(root, f"{len(left_out)} of {split} without {lacks} left out, {left_out[0]} first.")
        entries = []
        for stem, (image, mask) in pairing.pairs.items():
            if split_of(stem, validation_share) == split:
                depth = f"depth/{stem}.png" if (folder / f"depth/{stem}.png").is_file() else None
                entries.append(Entry(f"images/{image.name}", f"masks/{mask.name}", depth, None, stem))
        super().__init__(folder, entries)


def is_flat(root: Source) -> bool:
    """Whether the root has the flat layout."""
    return (Path(root) / "images").is_dir() and (Path(root) / "masks").is_dir()


def stored_splits(root: Source) -> list[Split]:
    """The splits that a dataset has; `MissingFileError` if there is no dataset."""
    found = list(SPLITS) if is_flat(root) else [split for split in SPLITS if _holds_samples(Path(root) / split)]
    if not found:
        raise MissingFileError(
            root,
            "there is no dataset here: neither train/ nor validation/, nor images/ and masks/. "
            "Make one: wallpaint data folder IMAGES MASKS -o DATASET",
        )
    return found


def _holds_samples(folder: Path) -> bool:
    """Whether a split has metadata, or images without metadata, which is an error on opening."""
    return (folder / METADATA).is_file() or any((folder / "images").glob("*"))


def open_split(root: Source, split: Split, validation_share: float = 0.1) -> SampleFolder:
    """One split of a dataset in either layout; raises as `SplitFolder`, `FlatFolder` and `stored_splits`."""
    if is_flat(root):
        return FlatFolder(root, split, validation_share)
    stored_splits(root)
    return SplitFolder(root, split)


def measured(folder: SampleFolder, entry: Entry) -> Entry:
    """The entry with its quality score, which is computed from its pictures if it is missing.

    A sample that cannot be read gets 0; `check_dataset` reports its fault.
    """
    if entry.quality_score is not None:
        return entry
    try:
        pictures = folder.read(entry)
    except WallpaintError:
        return replace(entry, quality_score=0.0)
    return replace(entry, quality_score=mask_quality(pictures.image, pictures.mask).score)
