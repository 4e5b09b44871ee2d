"""The files of a repository that a model needs: configurations, and one copy of each part's weights.

Repositories contain several copies of the same weights (half and full precision, safetensors and pickle, other
frameworks, single files of the whole model), and a safety checker that is not needed for rooms.
"""

from __future__ import annotations

import json
import re
from collections.abc import Collection, Iterable
from pathlib import Path, PurePosixPath
from typing import Any

from wallpaint.errors import WeightsError

INDEX = "model_index.json"
NETWORKS = ("unet", "vae", "text_encoder", "image_encoder", "controlnet")
PARTS = (*NETWORKS, "tokenizer", "scheduler")

_NETWORK = frozenset({"diffusion_pytorch_model", "model", "pytorch_model"})
_ADAPTERS = tuple(frozenset({stem}) for stem in ("pytorch_lora_weights", "adapter_model", "ip_adapter"))
_COPIES = (  # preferred first
    frozenset({"safetensors", "fp16"}),
    frozenset({"safetensors"}),
    frozenset({"bin", "fp16"}),
    frozenset({"bin"}),
)
_SHARD = re.compile(r"-\d{5}-of-\d{5}")


def wanted_files(paths: Iterable[str]) -> list[str]:
    """The files to fetch from a repository whose files are `paths`, sorted; empty if it has no weights.

    From a diffusers pipeline: its index, the parts that inpainting needs, and adapters. From any other repository: the
    weights and configurations at the top.
    """
    folders: dict[str, list[str]] = {}
    for path in map(PurePosixPath, paths):
        folders.setdefault(str(path.parent), []).append(path.name)
    top = folders.get(".", [])
    if INDEX not in top:
        weights = network_weights(top) or _adapter_weights(top) or _only_weights(top)
        return sorted([*_configurations(top), *weights]) if weights else []
    wanted = [INDEX, *_adapter_weights(top)]
    for part in PARTS:
        names = folders.get(part, [])
        wanted += [f"{part}/{name}" for name in (*_configurations(names), *network_weights(names))]
    return sorted(wanted)


def network_weights(names: Iterable[str]) -> list[str]:
    """The preferred copy of a network's weights among a folder's file names: one file, or shards and their index.

    Half precision is preferred to full, and safetensors to pickle.

    >>> network_weights(["diffusion_pytorch_model.bin", "diffusion_pytorch_model.fp16.safetensors", "config.json"])
    ['diffusion_pytorch_model.fp16.safetensors']
    """
    return _best_copy(names, _NETWORK)


def missing_files(folder: Path) -> list[str]:
    """The missing files of a model's folder, as paths or patterns relative to it.

    A pipeline needs its index and the parts named there; any other folder needs weights and their configuration.
    """
    top = file_names(folder)
    if INDEX not in top:
        if any((folder / part).is_dir() for part in ("unet", "vae")):
            return [INDEX]
        if network_weights(top) and "config.json" not in top:
            return ["config.json"]
        return [] if any(_is_weights(path) for path in folder.rglob("*")) else ["*.safetensors"]
    missing = []
    for part in indexed_parts(folder):
        names = file_names(folder / part)
        if part in NETWORKS:
            missing += [] if "config.json" in names else [f"{part}/config.json"]
            missing += [] if network_weights(names) else [f"{part}/*.safetensors"]
        elif not names:
            missing.append(f"{part}/*")
    return missing


def indexed_parts(folder: Path) -> dict[str, str]:
    """The needed parts that a pipeline's index names, with their classes; empty if the folder is not a pipeline.

    Raises
    ------
    WeightsError
        The index is not a JSON object.
    """
    path = folder / INDEX
    if not path.is_file():
        return {}
    index = read_configuration(path)
    return {part: index[part][1] for part in PARTS if _names_class(index.get(part))}


def read_configuration(path: Path) -> dict[str, Any]:
    """Read a JSON file of a model.

    Raises
    ------
    WeightsError
        It is not a JSON object, or not readable.
    """
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise WeightsError(path, f"it cannot be read as JSON ({error}). Fetch or save the model again.") from None
    if not isinstance(content, dict):
        raise WeightsError(path, "it is not a JSON object. Fetch or save the model again.")
    return content


def file_names(folder: Path) -> list[str]:
    """Sorted names of the files in a folder, without broken links; empty if there is no folder."""
    return sorted(path.name for path in folder.iterdir() if path.is_file()) if folder.is_dir() else []


def _is_weights(path: Path) -> bool:
    return path.suffix in (".safetensors", ".bin") and path.is_file()


def _names_class(entry: object) -> bool:
    """Whether an index's entry is [library, class]; [null, null] means that the pipeline has no such part."""
    return isinstance(entry, list) and len(entry) == 2 and isinstance(entry[1], str)


def _adapter_weights(names: Collection[str]) -> list[str]:
    return [name for stems in _ADAPTERS for name in _best_copy(names, stems)]


def _only_weights(names: Collection[str]) -> list[str]:
    """A LoRA or an adapter with any file name, if it is the only .safetensors file."""
    weights = [name for name in names if name.endswith(".safetensors")]
    return weights if len(weights) == 1 else []


def _configurations(names: Collection[str]) -> list[str]:
    return [name for name in names if name.endswith((".json", ".txt", ".model")) and ".index." not in name]


def _best_copy(names: Iterable[str], stems: frozenset[str]) -> list[str]:
    copies: dict[frozenset[str], list[str]] = {}
    for name in sorted(names):
        stem, *endings = _SHARD.sub("", name).split(".")
        if stem in stems:
            copies.setdefault(frozenset(endings) - {"index", "json"}, []).append(name)
    return next((copies[copy] for copy in _COPIES if copy in copies), [])
