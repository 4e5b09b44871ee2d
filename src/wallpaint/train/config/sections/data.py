"""The data: rooms or photos, and how often what happens to them."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

from pydantic import Field, StrictBool, field_validator, model_validator

from wallpaint.train.config.sections.section import Count, Section, Share, WholeNumber


class RoomsSection(Section):
    """What only rendered rooms have.

    Attributes
    ----------
    per_room : int
        Samples of each room in an epoch.
    wallpaper_prob, camera_prob, mask_degrade_prob : float
        As in `wallpaint.data.RoomAugmentation`.
    """

    per_room: Count = 8
    wallpaper_prob: Share = 0.3
    camera_prob: Share = 0.8
    mask_degrade_prob: Share = 0.5


class DataSection(Section):
    """What is trained on.

    Attributes
    ----------
    kind : {"rooms", "photos", "shards"}
        A folder of rendered rooms, of a dataset of photos, or of shards.
    path : Path or None
        The folder; null, for rooms only, means those that come with wallpaint.
    dataset_class : str or None
        ``module.Class`` to use instead of the one that `kind` means.
    size : int
        Pixels a side of a sample: a multiple of 8, ≥ 64.
    workers : int
        Processes that prepare samples; 0 is the training process itself.
    redraw : bool
        Draw all that is random about a sample (paint, crop, camera, swatch) anew in each epoch. False keeps the first
        draw, so that a sample is painted and encoded once: raise `RoomsSection.per_room` to have many.
    validation_share : float
        Of rooms or of a folder that is not split: share of what is never trained on.
    random_color_prob : float
        Chance that a photo's wall is repainted in a random paint; those of rendered rooms always are.
    mismatched_color_prob : float
        For ablation only: chance of a random reference beside a wall that is *not* repainted to match.
    min_crop, mirror_prob : float
        As in `wallpaint.data.RoomAugmentation`.
    mask_erosion_size : int
        Pixels; as in `wallpaint.data.ReferenceSettings`.
    quality_threshold : float
        Samples whose mask has a lower `wallpaint.mask.quality` are left out.
    rooms : RoomsSection
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
            raise ValueError(f"data.kind {self.kind} needs a folder. Give it as data.path.")
        return self
