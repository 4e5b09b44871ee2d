"""Cache of encoded samples on disk, for datasets whose samples are the same in every epoch."""

from __future__ import annotations

import hashlib
import json
from dataclasses import fields
from pathlib import Path

import torch
from safetensors.torch import load_file, save

from wallpaint.diffusion.adapters.color_tokens import reads_color
from wallpaint.diffusion.adapters.ip_adapter import projections
from wallpaint.photo import write_files
from wallpaint.train.batches.batch import Batch
from wallpaint.train.config.configuration import TrainingConfig
from wallpaint.train.models.training_models import TrainingModels

_EMBEDS, _NAME = "reference_embeds.", "name."


class EncodedSamples:
    """Cache of batches of one sample each, by the sample's index in the dataset.

    folder : folder of the cache; None disables it.
    """

    def __init__(self, folder: Path | None) -> None:
        self.folder = folder
        if folder is not None:
            folder.mkdir(parents=True, exist_ok=True)

    def get(self, index: int) -> Batch | None:
        """The cached sample on the CPU; None if it is not in the cache."""
        if self.folder is None or not (path := self._path(index)).exists():
            return None
        tensors = load_file(path)
        name = next(key for key in tensors if key.startswith(_NAME))
        embeds = [tensors[key] for key in sorted(tensors) if key.startswith(_EMBEDS)]
        rest = {each.name: tensors.get(each.name) for each in fields(Batch)}
        return Batch(**{**rest, "reference_embeds": embeds, "names": [name.removeprefix(_NAME)]})  # type: ignore[arg-type]

    def keep(self, index: int, sample: Batch) -> None:
        """Write a batch of one sample to the cache."""
        if self.folder is None:
            return
        tensors = {key: value for key, value in vars(sample).items() if isinstance(value, torch.Tensor)}
        tensors |= {f"{_EMBEDS}{place}": value for place, value in enumerate(sample.reference_embeds)}
        tensors[_NAME + sample.names[0]] = torch.empty(0)
        contents = save({key: value.detach().cpu().contiguous() for key, value in tensors.items()})
        write_files({self._path(index): contents})

    def _path(self, index: int) -> Path:
        assert self.folder is not None
        return self.folder / f"{index:06d}.safetensors"


def encoded_samples_of(config: TrainingConfig, models: TrainingModels) -> EncodedSamples:
    """The cache of a run: disabled if samples change in each epoch.

    The folder's name is a hash of all settings, files and weights that the encoded samples depend on.
    """
    if config.data.redraw or not config.caching.latents:
        return EncodedSamples(None)
    adapters = [(type(each).__name__, reads_color(each)) for each in projections(models.unet)]
    digest = hashlib.sha256(json.dumps([*_settings(config), adapters]).encode())
    for path, size, changed in _listing(config.data.path):
        digest.update(f"{path} {size} {changed}".encode())
    for part in (models.vae.encoder, models.image_encoder.model):
        for tensor in part.state_dict().values():
            digest.update(tensor.detach().cpu().flatten().view(torch.uint8).numpy().tobytes())
    root = config.caching.folder or config.output / "cache"
    return EncodedSamples(root / digest.hexdigest()[:16])


def _settings(config: TrainingConfig) -> list[object]:
    data = config.data.model_dump(mode="json", exclude={"workers"})
    reference = config.training.reference.model_dump(mode="json")
    return [config.seed, data, reference]


def _listing(folder: Path | None) -> list[tuple[str, int, int]]:
    if folder is None:
        return []
    found = [(str(path.relative_to(folder)), path.stat()) for path in sorted(folder.rglob("*")) if path.is_file()]
    return [(name, about.st_size, about.st_mtime_ns) for name, about in found]
