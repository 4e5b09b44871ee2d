"""Training data of the mini: rooms painted once, stored as pictures and encoded to latents."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from diffusers import AutoencoderKL
from torch.utils.data import DataLoader

from wallpaint.data import PaintedRoomsDataset, RoomAugmentation, collate
from wallpaint.diffusion.fullsize.latent_mask import cover_latents
from wallpaint.diffusion.pixel_values import from_pixel_values, to_pixel_values
from wallpaint.errors import WeightsError
from wallpaint.photo import write_files

_KINDS = ("source", "target", "mask")
_DONE = "pool.json"
_BATCH = 32


@dataclass(frozen=True)
class PicturePool:
    """N painted samples on disk, S pixels a side.

    Attributes
    ----------
    source, target : (N, S, S, 3) uint8
        sRGB; the room in its old and in its new paint.
    mask : (N, S, S) uint8
        1 is wall.
    """

    source: np.ndarray
    target: np.ndarray
    mask: np.ndarray

    def __len__(self) -> int:
        return len(self.mask)

    def signed(self, kind: str, places: Sequence[int] | torch.Tensor) -> torch.Tensor:
        """Pictures of a kind ("source" or "target"), (n, 3, S, S) float32 in [-1, 1]."""
        chosen = np.asarray(places)
        return to_pixel_values(np.array(getattr(self, kind)[chosen]))

    def walls(self, places: Sequence[int] | torch.Tensor) -> torch.Tensor:
        """Masks of the walls, (n, 1, S, S) float32 in {0, 1}."""
        return torch.from_numpy(np.array(self.mask[np.asarray(places)]))[:, None].float()


def paint_pool(
    rooms: Sequence[Path],
    count: int,
    side: int,
    folder: Path,
    *,
    seed: int = 0,
    workers: int = 0,
    callback: Callable[[int, int], None] | None = None,
) -> PicturePool:
    """Paint samples into a folder, or open the samples that are there.

    Crops cover seven tenths to all of a room, half of them are mirrored, and cameras and masks are those of
    `RoomAugmentation`. A third of the rooms that have a wallpapered twin are painted from it.

    Parameters
    ----------
    rooms : sequence of Path
        Room files.
    count : int
        Number of samples.
    side : int
        Side of the pictures in pixels.
    folder : Path
        Where the samples are stored.
    seed : int
        Seed of all random numbers.
    workers : int
        Processes that paint; 0 paints in this one.
    callback : callable, optional
        Called with the number of samples painted so far and `count`.

    Raises
    ------
    WeightsError
        The folder holds samples of other rooms, or of another count, size or seed.
    """
    about = {"count": count, "side": side, "seed": seed, "rooms": [room.name for room in rooms]}
    if (folder / _DONE).exists():
        if json.loads((folder / _DONE).read_text(encoding="utf-8")) != about:
            raise WeightsError(
                folder,
                "these samples were painted from other rooms or settings. Move the folder away to paint new ones.",
            )
        return _opened(folder)
    folder.mkdir(parents=True, exist_ok=True)
    samples = PaintedRoomsDataset(
        rooms,
        side,
        per_room=-(-count // len(rooms)),
        seed=seed,
        recipe=RoomAugmentation(min_crop=0.7, mirror_prob=0.5),
    )
    shapes = {"source": (count, side, side, 3), "target": (count, side, side, 3), "mask": (count, side, side)}
    arrays = {
        kind: np.lib.format.open_memmap(folder / f"{kind}.npy", mode="w+", dtype=np.uint8, shape=shape)
        for kind, shape in shapes.items()
    }
    first = 0
    for batch in DataLoader(samples, _BATCH, num_workers=workers, collate_fn=collate):
        several = slice(first, min(first + len(batch["mask"]), count))
        room_for = several.stop - first
        arrays["source"][several] = from_pixel_values(batch["source_values"][:room_for])
        arrays["target"][several] = from_pixel_values(batch["pixel_values"][:room_for])
        arrays["mask"][several] = batch["mask"][:room_for, 0].numpy()
        first = several.stop
        if callback is not None:
            callback(first, count)
        if first == count:
            break
    for array in arrays.values():
        array.flush()
    write_files({folder / _DONE: json.dumps(about).encode()})
    return _opened(folder)


@dataclass(frozen=True)
class LatentPool:
    """N encoded samples in memory, scaled to a standard deviation of 1.

    Attributes
    ----------
    latents : (N, 4, h, w) float16
        Of the target.
    masked_latents : (N, 4, h, w) float16
        Of the source with the wall set to grey.
    mask : (N, 1, h, w) float32
        1 where a latent covers any wall.
    """

    latents: torch.Tensor
    masked_latents: torch.Tensor
    mask: torch.Tensor


@torch.no_grad()
def encode_pool(
    vae: AutoencoderKL, pool: PicturePool, callback: Callable[[int, int], None] | None = None
) -> tuple[LatentPool, float]:
    """Encode a pool; returns its latents and the scaling factor that gives them a standard deviation of 1."""
    latents, masked, masks = [], [], []
    for first in range(0, len(pool), _BATCH):
        places = range(first, min(first + _BATCH, len(pool)))
        target, source = pool.signed("target", places), pool.signed("source", places)
        hole = cover_latents(pool.walls(places), 8)
        latents.append(vae.encode(target).latent_dist.mode().half())
        masked.append(vae.encode(source.masked_fill(hole.bool(), 0)).latent_dist.mode().half())
        masks.append(hole[..., ::8, ::8])
        if callback is not None:
            callback(places.stop, len(pool))
    all_latents = torch.cat(latents)
    scale = 1 / float(all_latents.float().std())
    return LatentPool(all_latents * scale, torch.cat(masked) * scale, torch.cat(masks)), scale


def _opened(folder: Path) -> PicturePool:
    return PicturePool(*(np.load(folder / f"{kind}.npy", mmap_mode="r") for kind in _KINDS))
