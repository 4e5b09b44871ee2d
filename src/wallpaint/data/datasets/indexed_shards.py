"""Map-style dataset over shards: samples by index, in any order, so that a run can resume anywhere."""

from __future__ import annotations

from wallpaint.data.samples.from_photos import PhotoAugmentation
from wallpaint.data.samples.photo_sampler import PhotoSampler, check_any_left
from wallpaint.data.samples.reference import ReferenceSettings
from wallpaint.data.samples.sample import Sample
from wallpaint.data.storage.layout import Split
from wallpaint.data.storage.shard_index import index_shards
from wallpaint.errors import Source
from wallpaint.optional import needs_extra

with needs_extra("diffusion", "Training data"):
    from torch.utils.data import Dataset


class IndexedWallDataset(PhotoSampler, Dataset[Sample]):
    """The samples of `WallInpaintingDataset` in its order, out of shards: the same training from fewer files.

    Every sample is a seek, so keep the shards on a disk that seeks fast; `ShardedWallDataset` reads them sequentially.

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
        recipe: PhotoAugmentation | None = None,
        reference: ReferenceSettings | None = None,
    ) -> None:
        super().__init__(size, seed, recipe, reference)
        indexed = index_shards(root, split)
        self.indexed = [sample for sample in indexed if sample.quality_score >= quality_threshold]
        check_any_left(self.indexed, len(indexed), root, split, quality_threshold)

    def __len__(self) -> int:
        return len(self.indexed)

    def __getitem__(self, index: int) -> Sample:
        indexed = self.indexed[index]
        return self.sample_of(indexed.name, lambda: indexed.read().decode())
