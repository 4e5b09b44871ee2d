"""The parts of a model in a folder or file, found from the headers without reading the weights."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from wallpaint.diffusion.checkpoints.kinds import family_for, fault_for_paint, kind_of
from wallpaint.diffusion.checkpoints.tensor_headers import TensorHeader, read_headers
from wallpaint.diffusion.hub.repo_files import NETWORKS, file_names, indexed_parts, network_weights, read_configuration
from wallpaint.errors import MissingFileError, MissingWeightsError, Source


@dataclass(frozen=True)
class PartInfo:
    """A part of a model.

    Attributes
    ----------
    name : str
        ``unet``, ``vae``, …; for a single part, the file's name without its ending.
    class_name : str
        A class of diffusers or transformers, or a kind of file; see `kind_of`.
    parameters : int
        Number of floating-point parameters, without integer buffers.
    dtype : str
        Torch's name; several are separated by commas, that of most parameters first; empty without weights.
    bytes : int
        Size of the weights.
    family : str
        Family of a UNet, or of the UNet that an adapter was trained for, such as "SD 1.5 inpainting"; or empty.
    fault : str
        Why `paint` refuses this part; empty if it does not.
    missing : bool
        True if the model's index or a configuration names the part, but its files are not there.
    """

    name: str
    class_name: str
    parameters: int = 0
    dtype: str = ""
    bytes: int = 0
    missing: bool = False
    family: str = ""
    fault: str = ""


# prefixes in the single files of the original Stable Diffusion code
_SINGLE_FILE_PARTS = {
    "model.diffusion_model.": ("unet", "UNet2DConditionModel"),
    "first_stage_model.": ("vae", "AutoencoderKL"),
    "cond_stage_model.": ("text_encoder", "CLIPTextModel"),
    "control_model.": ("controlnet", "ControlNetModel"),
}


def parts_of(path: Source) -> list[PartInfo]:
    """List the parts of a model.

    Parameters
    ----------
    path : path
        A diffusers folder, or any folder with weights at any depth; of each network the copy is listed that would be
        loaded (`network_weights`). Or a file: .safetensors, or one pickled by torch.

    Raises
    ------
    MissingFileError
        There is no such file or folder.
    MissingWeightsError
        The folder contains no weights.
    WeightsError
        A file is damaged, cut short, or not a file of weights; the message names it.
    """
    path = Path(path)
    if path.is_file():
        return list(_parts_in_file(path))
    if not path.is_dir():
        raise MissingFileError(path, "there is no such file or folder.")
    found = {part.name: part for part in _parts_in_folder(path)}
    for name, class_name in indexed_parts(path).items():
        if name not in found:
            found[name] = PartInfo(name, class_name, missing=name in NETWORKS or not file_names(path / name))
    if not found:
        raise MissingWeightsError(path, "there are no weights in this folder. Fetch some: wallpaint models pull sd15")
    return list(found.values())


def _parts_in_folder(root: Path) -> Iterator[PartInfo]:
    for folder in (root, *sorted(path for path in root.rglob("*") if path.is_dir())):
        inside = folder.relative_to(root)
        if any(name.startswith(".") for name in inside.parts):
            continue
        names = file_names(folder)
        weights = network_weights(names)
        if weights or "config.json" in names:
            yield _network(folder, inside.as_posix() if inside.parts else root.name, weights)
        for name in names:
            if name.endswith(".safetensors") and not network_weights([name]):
                yield from _parts_in_file(folder / name)


def _network(folder: Path, name: str, weights: Iterable[str]) -> PartInfo:
    headers: dict[str, TensorHeader] = {}
    for file in weights:
        if not file.endswith(".json"):
            headers |= read_headers(folder / file)
    class_name = _configured_class(folder) or kind_of(headers)
    return _part(name, class_name, headers) if headers else PartInfo(name, class_name, missing=True)


def _configured_class(folder: Path) -> str | None:
    path = folder / "config.json"
    content = read_configuration(path) if path.is_file() else {}
    architectures = content.get("architectures") or [None]
    named = content.get("_class_name") or (architectures[0] if isinstance(architectures, list) else None)
    return str(named) if named else None


def _parts_in_file(path: Path) -> Iterator[PartInfo]:
    headers = read_headers(path)
    parts = [
        _part(name, class_name, inside)
        for prefix, (name, class_name) in _SINGLE_FILE_PARTS.items()
        if (inside := {key: header for key, header in headers.items() if key.startswith(prefix)})
    ]
    yield from parts or [_part(path.stem, kind_of(headers), headers)]


def _part(name: str, class_name: str, headers: Mapping[str, TensorHeader]) -> PartInfo:
    shapes = {key: header.shape for key, header in headers.items()}
    by_dtype: Counter[str] = Counter()
    for header in headers.values():
        if header.is_floating:
            by_dtype[header.dtype] += header.size
    return PartInfo(
        name,
        class_name,
        parameters=by_dtype.total(),
        dtype=", ".join(dtype for dtype, _ in by_dtype.most_common()),
        bytes=sum(header.bytes for header in headers.values()),
        family=family_for(class_name, shapes),
        fault=fault_for_paint(class_name, shapes),
    )
