"""Dataset of rooms painted during training: every epoch shows every room in new colours."""

from __future__ import annotations

from collections.abc import Iterable

from wallpaint.data.samples.epoch_rng import EpochRng
from wallpaint.data.samples.from_rooms import RoomAugmentation, RoomShot, check_size, draw_shot
from wallpaint.data.samples.reference import ReferenceSettings
from wallpaint.data.samples.room_set import AnyRoom, RoomSet, room_name
from wallpaint.data.samples.sample import Sample, make_sample
from wallpaint.optional import needs_extra

with needs_extra("diffusion", "Training data"):
    from torch.utils.data import Dataset


class PaintedRoomsDataset(EpochRng, Dataset[Sample]):
    """Samples with exact truth: a room before (`source_values`) and after painting (`pixel_values`).

    A sample depends on (seed, epoch, index) only, so any number of workers gives the same batches, and an epoch can be
    repeated. Sample i shows room i mod (number of rooms).

    Parameters
    ----------
    rooms : iterable of PaintableRoom or path
        See `RoomSet` for what is refused, `RoomSet.of_split` for the rooms that `export_rooms` puts into a split.
    size : int
        Pixels a side, ≥ 64.
    per_room : int
        Number of samples of each room in an epoch.
    seed : int
    recipe : RoomAugmentation, optional
    reference : ReferenceSettings, optional
    for_validation : bool
        Allow rooms of RepaintBench.

    Raises
    ------
    SettingError
        No rooms, a room twice, rooms of RepaintBench without permission, or too small a size.
    """

    def __init__(
        self,
        rooms: Iterable[AnyRoom],
        size: int,
        *,
        per_room: int = 8,
        seed: int = 0,
        recipe: RoomAugmentation | None = None,
        reference: ReferenceSettings | None = None,
        for_validation: bool = False,
    ) -> None:
        super().__init__(seed)
        check_size(size)
        self.rooms = RoomSet(rooms, allow_bench=for_validation)
        self.size, self.per_room = size, per_room
        self.recipe = RoomAugmentation() if recipe is None else recipe
        self.reference = ReferenceSettings() if reference is None else reference

    def __len__(self) -> int:
        return len(self.rooms) * self.per_room

    def shot(self, index: int) -> RoomShot:
        """Sample `index` of this epoch, before conversion to tensors."""
        index = range(len(self))[index]
        room = self.rooms[index % len(self.rooms)]
        return draw_shot(room, self.size, self.recipe, self._shot_rng(index))

    def __getitem__(self, index: int) -> Sample:
        index = range(len(self))[index]
        shot = self.shot(index)
        own = None if shot.is_mismatched else self.reference.color_of(shot.target, shot.mask)
        return make_sample(
            f"{room_name(shot.room.seed)}-{index // len(self.rooms):03d}",
            shot.target,
            shot.mask,
            own or shot.paint.rgb8,
            self.reference,
            self._swatch_rng(index),
            depth=shot.depth,
            source=shot.source,
        )
