"""Validation samples of a configuration, the same during training and in ``wallpaint validate``."""

from __future__ import annotations

from wallpaint.data import PhotoAugmentation, RoomAugmentation, RoomSet, WallInpaintingDataset
from wallpaint.diffusion.pixel_values import from_pixel_values
from wallpaint.errors import MissingFileError
from wallpaint.evaluate import ValidationPhoto, ValidationSample, photo_samples, room_samples
from wallpaint.evaluate.validation.samples import samples_of_photos
from wallpaint.rooms.generate import stored_rooms
from wallpaint.rooms.starter import starter_paths
from wallpaint.train.batches.samples import own_dataset
from wallpaint.train.config.configuration import TrainingConfig


def validation_samples(config: TrainingConfig) -> list[ValidationSample]:
    """Rooms or photos of the validation split, neither cropped nor mirrored.

    With `data.dataset_class`: samples of its validation split. With `data.kind` "photos": photos. Otherwise rendered
    rooms, which have ground truth: those of `data.path`, or those that come with wallpaint. The latter are also used
    if training reads shards.

    Raises
    ------
    WallpaintError
        There are no rooms or photos, or none of them is in the validation split.
    """
    data, count = config.data, config.validation.num_validation_samples
    if data.dataset_class is not None:
        return _of_own_dataset(config)
    if data.kind == "photos" and data.path is not None:
        photos = WallInpaintingDataset(
            data.path,
            "validation",
            data.size,
            quality_threshold=data.quality_threshold,
            seed=config.seed,
            recipe=PhotoAugmentation(random_color_prob=0, min_crop=1, mirror_prob=0),
            validation_share=data.validation_share,
        )
        return photo_samples(photos, count, seed=config.seed)
    own = data.path if data.kind == "rooms" else None
    paths = starter_paths() if own is None else stored_rooms(own)
    if not paths:
        raise MissingFileError(own, f"there are no rooms here. Make some: wallpaint rooms render --out {own}")
    room_set = RoomSet(paths, allow_bench=True).of_split("validation", data.validation_share)
    augmentation = RoomAugmentation(
        wallpaper_prob=data.rooms.wallpaper_prob,
        camera_prob=data.rooms.camera_prob,
        mask_degrade_prob=data.rooms.mask_degrade_prob,
    )
    return room_samples(room_set, count, data.size, seed=config.seed, augmentation=augmentation)


def _of_own_dataset(config: TrainingConfig) -> list[ValidationSample]:
    whole = config.data.model_copy(update={"random_color_prob": 0.0, "min_crop": 1.0, "mirror_prob": 0.0})
    dataset = own_dataset(config.model_copy(update={"data": whole}), "validation")

    def photo_at(index: int) -> ValidationPhoto:
        sample = dataset[index]
        depth = sample["depth"][0].numpy() if "depth" in sample else None
        return ValidationPhoto(
            sample["name"], from_pixel_values(sample["source_values"]), sample["mask"][0].numpy(), depth
        )

    count = config.validation.num_validation_samples
    return samples_of_photos(len(dataset), photo_at, count, seed=config.seed)
