"""The sections `data` and `data.rooms`: datasets, augmentation and mask filters."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

from pydantic import Field, StrictBool, field_validator, model_validator

from wallpaint.train.config.sections.section import Count, Section, Share, WholeNumber


class RoomsSection(Section):
    """Settings of rendered rooms only.

    Attributes
    ----------
    per_room : int
        Samples of each room in an epoch, ≥ 1.
    wallpaper_prob, camera_prob, mask_degrade_prob : float
        Probabilities in [0, 1], as in `wallpaint.data.RoomAugmentation`.
    """

    per_room: Count = 8
    wallpaper_prob: Share = 0.3
    camera_prob: Share = 0.8
    mask_degrade_prob: Share = 0.5


class DataSection(Section):
    """The training data.

    Attributes
    ----------
    kind : {"rooms", "photos", "shards"}
        Content of the folder: rendered rooms, a dataset of photos, or shards.
    path : Path or None
        The data folder. null is allowed for rooms only, and means the rooms that come with wallpaint.
    dataset_class : str or None
        ``module.Class`` of a dataset to use instead of the one for `kind`.
    size : int
        Width and height of a sample in pixels: a multiple of 8, ≥ 64.
    workers : int
        Number of data loader workers; with 0 the training process prepares the samples.
    redraw : bool
        Whether the random parts of a sample (paint, crop, camera, swatch) change in each epoch. With False they stay
        the same, so that each sample is painted and encoded only once; increase `RoomsSection.per_room` for variety.
    validation_share : float
        Share of the rooms, or of a folder without splits, that is kept for validation, in [0, 1].
    random_color_prob : float
        Probability that the wall of a photo is repainted in a random colour. Walls of rendered rooms always are.
    mismatched_color_prob : float
        For ablations only: probability of a random reference colour while the wall is *not* repainted in it.
    min_crop, mirror_prob : float
        As in `wallpaint.data.RoomAugmentation`.
    mask_erosion_size : int
        Erosion in pixels, as in `wallpaint.data.ReferenceSettings`.
    quality_threshold : float
        Lowest `wallpaint.mask.quality` of a mask, in [0, 1]; other samples are left out.
    rooms : RoomsSection
        Settings of rendered rooms.
    """

    kind: Literal["rooms", "photos", "shards"] = "rooms"
    path: Path | None = None
    dataset_class: str | None = None
    size: Annotated[int, Field(ge=64, multiple_of=8, strict=True)] = 512
    workers: WholeNumber = 2
    redraw: StrictBool = True
    validation_share: Share = 0.1
    random_color_prob: Share = 0.3
    mismatched_color_prob: Share = 0.0
    mask_erosion_size: WholeNumber = 5
    quality_threshold: Share = 0.6
    min_crop: Annotated[float, Field(gt=0, le=1)] = 0.7
    mirror_prob: Share = 0.5
    rooms: RoomsSection = RoomsSection()

    @field_validator("dataset_class")
    @classmethod
    def _dotted(cls, name: str | None) -> str | None:
        if name is not None and not (all(map(str.isidentifier, name.split("."))) and "." in name):
            raise ValueError(
                f"data.dataset_class is {name!r}: write it as module.Class, such as dataset_fix.WallInpaintingDataset."
            )
        return name

    @model_validator(mode="after")
    def _has_data(self) -> DataSection:
        if self.path is None and self.kind != "rooms":
            raise ValueError(f"data.kind {self.kind} needs a folder. Set data.path to it.")
        return self
