"""Base of datasets of photos: from a photo's pictures to a sample, whatever their storage."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterator, Sized
from contextlib import contextmanager

from wallpaint.data.samples.epoch_rng import EpochRng
from wallpaint.data.samples.from_photos import PhotoAugmentation, PhotoShot, draw_photo
from wallpaint.data.samples.from_rooms import check_size
from wallpaint.data.samples.reference import ReferenceSettings
from wallpaint.data.samples.sample import Sample, make_sample
from wallpaint.data.storage.layout import Split, name_hash
from wallpaint.data.storage.pictures import Pictures
from wallpaint.errors import SettingError, Source, WallpaintWarning


@contextmanager
def quietly() -> Iterator[None]:
    """Suppress warnings about pictures, which would repeat in every epoch; `check_dataset` reports them."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", WallpaintWarning)
        yield


def check_any_left(left: Sized, of: int, root: Source, split: Split, quality_threshold: float) -> None:
    """Raise `SettingError` if the quality threshold leaves no sample."""
    if not left:
        raise SettingError(
            f"{root}: no sample of {of} in {split} has a mask of quality {quality_threshold:g} or better. Look at them "
            "with 'wallpaint data check', or lower quality_threshold."
        )


class PhotoSampler(EpochRng):
    """Base of datasets of photos.

    A sample depends on (seed, epoch, name) only: not on the number of workers, the order, other photos, or the storage.

    Attributes
    ----------
    size : int
        Pixels a side, ≥ 64.
    recipe : PhotoAugmentation
    reference : ReferenceSettings
    """

    def __init__(
        self, size: int, seed: int, recipe: PhotoAugmentation | None, reference: ReferenceSettings | None
    ) -> None:
        super().__init__(seed)
        check_size(size)
        self.size = size
        self.recipe = PhotoAugmentation() if recipe is None else recipe
        self.reference = ReferenceSettings() if reference is None else reference

    def shot_of(self, name: str, pictures: Pictures) -> PhotoShot:
        """The random sample with this name in this epoch, before conversion to tensors."""
        return draw_photo(pictures, self.size, self.recipe, self._shot_rng(name_hash(name)))

    def sample_of(self, name: str, read: Callable[[], Pictures]) -> Sample:
        """The sample with this name in this epoch, from the pictures that `read` returns."""
        with quietly():
            shot = self.shot_of(name, read())
            own = self.reference.color_of(shot.target, shot.mask)
        return make_sample(
            name,
            shot.target,
            shot.mask,
            own if shot.mismatched is None else shot.mismatched.rgb8,
            self.reference,
            self._swatch_rng(name_hash(name)),
            depth=shot.depth,
            source=shot.source,
        )
