"""Walls of ADE20K, the scene parsing release (Zhou et al., CVPR 2017): 20,210 photos to train on, 2,000 to validate."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from wallpaint.data.storage.layout import Split
from wallpaint.data.tools.import_photos import PhotoPair
from wallpaint.errors import EmptyMaskError, FullMaskError, MaskSizeError, MissingFileError, Source
from wallpaint.photo.decode import open_image

WALL_CLASS = 1  #: in annotations by class number; 0 is none of the 150 classes
WALL_RGB = (120, 120, 120)  #: in annotations drawn in the release's colours

_SPLITS: dict[str, Split] = {"training": "train", "validation": "validation"}


def ade20k_pairs(root: Source) -> list[PhotoPair]:
    """Photos and annotations: ``images/{training,validation}/NAME.jpg``, ``annotations/{…}/NAME.png``.

    The release's own splits are kept.

    Parameters
    ----------
    root : path
        ``ADEChallengeData2016``, or the folder that contains it.

    Raises
    ------
    MissingFileError
        There is no such release, or no photo has an annotation.
    """
    given = Path(root)
    home = next((home for home in (given, given / "ADEChallengeData2016") if (home / "annotations").is_dir()), None)
    if home is None or not (home / "images").is_dir():
        raise MissingFileError(
            given,
            "this is not ADE20K: images/training and annotations/training are missing. Unpack "
            "ADEChallengeData2016.zip, the scene parsing release.",
        )
    pairs = []
    for folder, split in _SPLITS.items():
        for image in sorted((home / "images" / folder).rglob("*.jpg")):
            annotation = home / "annotations" / image.relative_to(home / "images").with_suffix(".png")
            if annotation.is_file():
                pairs.append(PhotoPair(image.stem, image, annotation, split))
    if not pairs:
        raise MissingFileError(home, "no images/*/NAME.jpg has its annotations/*/NAME.png. Unpack the release again.")
    return pairs


def read_ade20k_wall(annotation: Path, photo_shape: tuple[int, int]) -> np.ndarray:
    """The wall of an annotation, whether grey or palette PNG of class numbers or RGB in the release's colours.

    Returns
    -------
    (H, W) float32
        0 or 1.

    Raises
    ------
    MissingFileError, UnreadableImageError
        See `open_image`.
    MaskSizeError
        The photo has another size.
    EmptyMaskError, FullMaskError
        No pixel is wall, or all are.
    """
    image = open_image(annotation).image
    if image.mode in ("RGB", "RGBA"):
        wall = (np.asarray(image)[..., :3] == WALL_RGB).all(axis=-1)
    else:
        wall = np.asarray(image) == WALL_CLASS
    if wall.shape != photo_shape:
        sizes = f"{wall.shape[1]:,} × {wall.shape[0]:,}, the photo {photo_shape[1]:,} × {photo_shape[0]:,}"
        raise MaskSizeError(annotation, f"the annotation is {sizes}. Take both from one release.")
    if not wall.any():
        raise EmptyMaskError(annotation, f"no pixel is of class {WALL_CLASS}, wall.")
    if wall.all():
        raise FullMaskError(annotation, f"every pixel is of class {WALL_CLASS}, wall.")
    return wall.astype(np.float32)
