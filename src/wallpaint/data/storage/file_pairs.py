"""Pairs of images and masks, matched by file name."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from PIL import Image

from wallpaint.errors import FileError, MissingFileError

_OF_A_MASK = re.compile(r"[._ -]mask$", re.IGNORECASE)


@dataclass(frozen=True)
class Pairing:
    """Images and masks of two folders.

    Attributes
    ----------
    pairs : dict of str to (Path, Path)
        Image and mask by stem, sorted.
    images_alone, masks_alone : tuple of str
        Stems of images without a mask, and of masks without an image.
    """

    pairs: dict[str, tuple[Path, Path]]
    images_alone: tuple[str, ...]
    masks_alone: tuple[str, ...]


def pair_by_stem(images: Path, masks: Path) -> Pairing:
    """Pair ``images/attic.jpg`` with ``masks/attic.png``, ``masks/attic_mask.png`` or ``masks/attic.mask.png``.

    If no name is equal, names are compared without case and in Unicode form NFC (macOS writes accents as two
    characters), unless that makes several names equal. Both folders may be the same, if the masks' names end in "mask".
    Files that are not pictures are ignored.

    Raises
    ------
    MissingFileError
        A folder is missing.
    FileError
        Two files of one folder have the same stem.
    """
    together = images.resolve() == masks.resolve()
    photos = [path for path in pictures_in(images) if not (together and _is_named_mask(path))]
    drawn = [path for path in pictures_in(masks) if not together or _is_named_mask(path)]
    image_of = _by_name((path.stem, path) for path in photos)
    mask_of = _by_name((_OF_A_MASK.sub("", path.stem), path) for path in drawn)
    partner = {stem: stem for stem in image_of.keys() & mask_of.keys()}
    partner |= _alike(image_of.keys() - partner.keys(), mask_of.keys() - partner.keys())
    pairs = {stem: (image_of[stem], mask_of[partner[stem]]) for stem in sorted(partner)}
    masks_alone = mask_of.keys() - set(partner.values())
    return Pairing(pairs, tuple(sorted(image_of.keys() - pairs.keys())), tuple(sorted(masks_alone)))


def pictures_in(folder: Path) -> list[Path]:
    """All files of a folder with a picture suffix, sorted; `MissingFileError` if there is no folder."""
    if not folder.is_dir():
        raise MissingFileError(folder, "there is no such folder. Check the path.")
    known = Image.registered_extensions()
    return sorted(path for path in folder.iterdir() if path.suffix.lower() in known and not path.name.startswith("."))


def _alike(images: Iterable[str], masks: Iterable[str]) -> dict[str, str]:
    """Stems of masks by those of images, of which each is like exactly one other."""
    alike: dict[str, tuple[list[str], list[str]]] = {}
    for side, stems in enumerate((images, masks)):
        for stem in stems:
            alike.setdefault(unicodedata.normalize("NFC", stem).casefold(), ([], []))[side].append(stem)
    return {of_image[0]: of_mask[0] for of_image, of_mask in alike.values() if len(of_image) == len(of_mask) == 1}


def _is_named_mask(path: Path) -> bool:
    return _OF_A_MASK.search(path.stem) is not None


def _by_name(named: Iterable[tuple[str, Path]]) -> dict[str, Path]:
    found: dict[str, Path] = {}
    for name, path in named:
        if name in found:
            raise FileError(path, f"{found[name].name} would be called {name} too. Rename one of them.")
        found[name] = path
    return found
