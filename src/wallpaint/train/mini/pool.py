"""Rooms painted once and kept, as pictures and then as latents: a recipe reads them thousands of times."""

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
from wallpaint.errors import WeightsError
from wallpaint.photo import write_files

_KINDS = ("source", "target", "mask")
_DONE = "pool.json"
_AT_ONCE = 32


@dataclass(frozen=True)
class PicturePool:
    """N painted samples, on disk.

    Attributes
    ----------
    source, target : (N, S, S, 3) uint8
        sRGB; a room in its old and in its new paint.
    mask : (N, S, S) uint8
        1 is wall.
    """

    source: np.ndarray
    target: np.ndarray
    mask: np.ndarray

    def __len__(self) -> int:
        return len(self.mask)

    def signed(self, kind: str, places: Sequence[int] | torch.Tensor) -> torch.Tensor:
        """Some pictures of a kind, (n, 3, S, S) float32 in [-1, 1]."""
        chosen = np.asarray(places)
        pixels = torch.from_numpy(np.array(getattr(self, kind)[chosen])).permute(0, 3, 1, 2)
        return pixels.float() / 127.5 - 1

    def walls(self, places: Sequence[int] | torch.Tensor) -> torch.Tensor:
        """Their masks, (n, 1, S, S) float32 in {0, 1}."""
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
    """Paint samples into a folder, or open those that are there.

    Crops take seven tenths to all of a room, half of them mirrored, with the cameras and masks of `RoomAugmentation`; a
    third of the rooms that have a wallpapered twin are painted from it.

    Raises
    ------
    WeightsError
        The folder holds a pool of another kind.
    """
    about = {"count": count, "side": side, "seed": seed, "rooms": [room.name for room in rooms]}
    if (folder / _DONE).exists():
        if json.loads((folder / _DONE).read_text(encoding="utf-8")) != about:
            raise WeightsError(folder, "this pool was painted from other rooms. Move it away to paint anew.")
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
    for batch in DataLoader(samples, _AT_ONCE, num_workers=workers, collate_fn=collate):
        several = slice(first, min(first + len(batch["mask"]), count))
        room_for = several.stop - first
        arrays["source"][several] = _pixels(batch["source_values"][:room_for])
        arrays["target"][several] = _pixels(batch["pixel_values"][:room_for])
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
    """The same as latents, in memory, scaled to a spread of one: float16 but for the mask.

    latents, masked_latents : (N, 4, h, w), of the target and of the source without its wall; mask : (N, 1, h, w).
    """

    latents: torch.Tensor
    masked_latents: torch.Tensor
    mask: torch.Tensor


@torch.no_grad()
def encode_pool(
    vae: AutoencoderKL, pool: PicturePool, callback: Callable[[int, int], None] | None = None
) -> tuple[LatentPool, float]:
    """Encode a pool, and find the scaling factor that gives its latents a spread of one."""
    latents, masked, masks = [], [], []
    for first in range(0, len(pool), _AT_ONCE):
        places = range(first, min(first + _AT_ONCE, len(pool)))
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


def _pixels(signed: torch.Tensor) -> np.ndarray:
    return ((signed.permute(0, 2, 3, 1) + 1) * 127.5).round().clamp(0, 255).to(torch.uint8).numpy()
