"""Shards read as training samples by number: in any order, from any place, so that a run can be taken up again."""

from __future__ import annotations

import warnings

from wallpaint.data.from_photos import PhotoRecipe
from wallpaint.data.layout import Split
from wallpaint.data.photo_sampler import PhotoSampler
from wallpaint.data.reference import ReferenceSettings
from wallpaint.data.sample import Sample
from wallpaint.data.shard_index import index_shards
from wallpaint.errors import MissingExtraError, SettingError, Source, WallpaintWarning

try:
    from torch.utils.data import Dataset
except ImportError as error:
    raise MissingExtraError("Training data", "diffusion") from error


class IndexedWallDataset(PhotoSampler, Dataset[Sample]):
    """The samples of `WallInpaintingDataset` in its order, out of shards: the same training from fewer files.

    Every sample is looked up, so shards belong on a disk that can seek; `ShardedWallDataset` reads them end to end.

    Parameters
    ----------
    root : path
        Written by `write_shards`.
    split, size, quality_threshold, seed, recipe, reference
        As for `WallInpaintingDataset`.

    Raises
    ------
    MissingFileError, FileError
        There are no shards, or one is missing or damaged.
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
        recipe: PhotoRecipe | None = None,
        reference: ReferenceSettings | None = None,
    ) -> None:
        super().__init__(size, seed, recipe, reference)
        indexed = index_shards(root, split)
        self.indexed = [sample for sample in indexed if sample.quality_score >= quality_threshold]
        if not self.indexed:
            raise SettingError(
                f"{root}: no sample of {len(indexed)} in {split} has a mask of quality {quality_threshold:g} or "
                "better. Lower quality_threshold."
            )

    def __len__(self) -> int:
        return len(self.indexed)

    def __getitem__(self, index: int) -> Sample:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", WallpaintWarning)  # said by `check_dataset`; here it would be every epoch
            pictures = self.indexed[index].read().decode()
        return self.sample_of(self.indexed[index].name, pictures)
