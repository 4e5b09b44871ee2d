"""Photos of rooms with their walls' masks, from a folder, as training samples."""

from __future__ import annotations

import logging

from wallpaint.data.samples.from_photos import PhotoAugmentation, PhotoShot
from wallpaint.data.samples.photo_sampler import PhotoSampler, quietly
from wallpaint.data.samples.reference import ReferenceSettings
from wallpaint.data.samples.sample import Sample
from wallpaint.data.storage.layout import Split
from wallpaint.data.storage.usable_split import usable_split
from wallpaint.errors import Source
from wallpaint.optional import needs_extra

with needs_extra("diffusion", "Training data"):
    from torch.utils.data import Dataset

_log = logging.getLogger(__name__)


class WallInpaintingDataset(PhotoSampler, Dataset[Sample]):
    """Samples of one split of a dataset on disk, in either layout (see `wallpaint.data.storage.layout` and `flat`).

    Every sample has `source_values`, the photo as taken, from which `masked_image` is cut; its target is the same
    picture or the same with its wall repainted, and its reference the colour of the target's own wall. Depth comes with
    the samples that have it: give a loader `collate`.

    Parameters
    ----------
    root : path
    split : {"train", "validation"}
    size : int
        Pixels a side, ≥ 64.
    quality_threshold : float
        [0, 1]; samples whose mask has a lower `mask_quality` are left out, which is logged once. In a flat folder every
        picture is read for it when the dataset is opened: ``wallpaint data folder`` measures once and for all.
    seed : int
    recipe : PhotoAugmentation, optional
        How often walls are repainted, how photos are cropped.
    reference : ReferenceSettings, optional
        How the wall's colour is taken (`mask_erosion_size`) and shown.
    validation_share : float
        Of a flat folder, [0, 1]; in either layout, at 0 and 1 a split may stay empty (see `usable_split`).

    Attributes
    ----------
    entries : list of Entry
        What the samples are made of, by name.
    left_out : int
        Samples below the threshold.

    Raises
    ------
    MissingFileError, FileError
        There is no dataset, or its metadata make no sense. On access: what reading the pictures raises.
    SettingError
        Too small a size, or no sample left.
    """

    def __init__(
        self,
        root: Source,
        split: Split = "train",
        size: int = 512,
        *,
        quality_threshold: float = 0.6,
        seed: int = 0,
        recipe: PhotoAugmentation | None = None,
        reference: ReferenceSettings | None = None,
        validation_share: float = 0.1,
    ) -> None:
        super().__init__(size, seed, recipe, reference)
        usable = usable_split(root, split, validation_share, quality_threshold)
        self.folder, self.entries, self.left_out = usable.folder, usable.entries, usable.left_out
        if self.left_out:
            of = len(self.entries) + self.left_out
            _log.info("%s: %d of %d samples left out by quality", root, self.left_out, of)

    def __len__(self) -> int:
        return len(self.entries)

    def shot(self, index: int) -> PhotoShot:
        """What sample `index` shows in this epoch, before it becomes tensors."""
        entry = self.entries[index]
        with quietly():
            return self.shot_of(entry.name, self.folder.read(entry))

    def __getitem__(self, index: int) -> Sample:
        entry = self.entries[index]
        return self.sample_of(entry.name, lambda: self.folder.read(entry))
