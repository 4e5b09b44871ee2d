"""Where the parts of a model are: those the user names, and the defaults for the others."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

from wallpaint.diffusion.adapters.color_tokens import FILE as COLOR_TOKENS
from wallpaint.diffusion.adapters.ip_adapter import FILE as IP_ADAPTER
from wallpaint.diffusion.checkpoints.base import find_base
from wallpaint.diffusion.checkpoints.single_file import is_single_file
from wallpaint.diffusion.hub.catalog import KNOWN_MODELS
from wallpaint.diffusion.hub.download import find_model
from wallpaint.diffusion.hub.resolve_path import resolve_part, resolve_path
from wallpaint.diffusion.lora_sources import Loras, LoraSource, find_loras
from wallpaint.errors import MissingWeightsError, SettingError, WallpaintError, WeightsError

LORA = "pytorch_lora_weights.safetensors"
NEW = "new"
_OFFICIAL = "ip-adapter-plus"  # contains the image encoder that all IP-Adapters of SD 1.5 use
_OFFICIAL_ENCODER = Path("models") / "image_encoder"
_FETCH = f"Fetch the released one: wallpaint models pull {_OFFICIAL}"
_CURE_OF_VAE = "Check the path, or give a hub id such as stabilityai/sd-vae-ft-mse."
Found = TypeVar("Found")
_HASHED = 1 << 20  # bytes at both ends of a file that go into its fingerprint


@dataclass(frozen=True)
class ModelSources:
    """The sources of a model's parts; each that is not given has a default.

    Attributes
    ----------
    base : str or Path
        A folder, a single file, "mini", "sd15", another known name or a hub id. A folder may contain
        ``image_encoder/`` and ``controlnet/``, and an IP-Adapter and a LoRA, at the top or in ``adapter/``.
    adapter : str or Path, optional
        A folder trained by wallpaint, with ``pytorch_lora_weights.safetensors``, ``ip_adapter.safetensors``,
        ``color_tokens.safetensors`` or several of them. They replace those of the base.
    ip_adapter : str or Path, optional
        A file, a folder, a hub id, "ip-adapter-plus" or "ip-adapter"; or "new", an untrained one, with which the base's
        colour tokens are not used. Default: that of the adapter, else of the base, else the released IP-Adapter Plus.
    image_encoder : str or Path, optional
        A folder, a file, a hub id or "ip-adapter-plus". Default: that of the base, else the one released with
        IP-Adapter.
    lora : str, Path, (source, scale) or a sequence of these, optional
        LoRAs that are added to that of the adapter, or without adapter to that of the base; see `find_loras`.
    controlnet : str or Path, optional
        A folder, a file, "depth-controlnet" or a hub id. Default: that of the base, if it has one.
    vae : str or Path, optional
        A folder, a file or a hub id, such as "stabilityai/sd-vae-ft-mse". Default: that of the base.

    A hub id is ``owner/name`` or ``owner/name@revision``; ``owner/name:file`` names a file or folder in the repository.
    """

    base: str | Path = "sd15"
    adapter: str | Path | None = None
    ip_adapter: str | Path | None = None
    image_encoder: str | Path | None = None
    lora: LoraSource | Sequence[LoraSource] | None = None
    controlnet: str | Path | None = None
    vae: str | Path | None = None


@dataclass(frozen=True)
class ModelFiles:
    """The files and folders of a model, all of them on this machine."""

    base: Path
    ip_adapter: Path | None  #: None for a new one
    image_encoder: Path
    lora: Path | None  #: that of the adapter or the base
    controlnet: Path | None
    color_tokens: Path | None
    loras: Loras = ()  #: those that are added to it, and their scales
    vae: Path | None = None  #: None for that of the base

    def fingerprint(self) -> str:
        """Hash of all weights, 16 hexadecimal digits. Of each file the size and both ends are hashed, which is fast."""
        digest = hashlib.sha256()
        parts = [self.base, self.ip_adapter, self.image_encoder, self.lora, self.controlnet, self.color_tokens]
        parts += [*(path for path, _ in self.loras), self.vae]
        for part in parts:
            for file in [] if part is None else _weights(part):
                digest.update(str(file.stat().st_size).encode())
                with open(file, "rb") as content:
                    digest.update(content.read(_HASHED))
                    content.seek(max(0, file.stat().st_size - _HASHED))
                    digest.update(content.read(_HASHED))
        return digest.hexdigest()[:16]


def find_files(sources: ModelSources) -> ModelFiles:
    """Find every part of a model.

    Raises
    ------
    MissingWeightsError
        A part is not on this machine; the message gives the command that fetches it.
    WallpaintError
        Several parts are missing; the message names all of them.
    """
    faults: list[WallpaintError] = []
    adapter = _expanded(sources.adapter)

    def part(find: Callable[[], Found | None]) -> Found | None:
        try:
            return find()
        except (WeightsError, SettingError) as error:
            faults.append(error)
            return None

    base = part(lambda: _base(sources))
    own = _own_folders(adapter, base)
    trained = own[:1] if adapter is not None else own  # the base's adapters were not trained with it
    part(lambda: _check_adapter(adapter))
    is_new = sources.ip_adapter == NEW
    ip_adapter = part(lambda: None if is_new else _ip_adapter(sources, own, is_base_known=base is not None))
    encoder = part(lambda: _image_encoder(sources.image_encoder, base))
    loras = part(lambda: find_loras(sources.lora)) or ()
    controlnet = part(lambda: _controlnet(sources, base))
    vae = part(lambda: None if sources.vae is None else resolve_part(sources.vae, _CURE_OF_VAE))
    messages = {str(fault): fault for fault in faults}
    if len(messages) == 1:
        raise next(iter(messages.values()))
    if messages:
        raise WallpaintError("; ".join(message.rstrip(".") for message in messages) + ".")
    assert base is not None and encoder is not None  # noqa: PT018 (else there is a fault)
    return ModelFiles(
        base=base,
        ip_adapter=ip_adapter,
        image_encoder=encoder,
        lora=_first(LORA, trained),
        loras=loras,
        controlnet=controlnet,
        vae=vae,
        color_tokens=None if is_new and adapter is None else _first(COLOR_TOKENS, trained),
    )


def _base(sources: ModelSources) -> Path:
    base = find_base(sources.base)
    if not base.exists():
        raise MissingWeightsError(
            sources.base, "its weights are not part of this installation. Fetch another: wallpaint models pull sd15"
        )
    return base


def _check_adapter(adapter: Path | None) -> None:
    if adapter is not None and not any(_first(name, [adapter]) for name in (LORA, IP_ADAPTER, COLOR_TOKENS)):
        raise MissingWeightsError(adapter, f"there is neither {LORA} nor {IP_ADAPTER} in it.")


def _ip_adapter(sources: ModelSources, own: list[Path], is_base_known: bool) -> Path | None:
    """The IP-Adapter's file; None if the base is missing, because it may contain one."""
    if sources.ip_adapter is None and not is_base_known:
        return _first(IP_ADAPTER, own)
    return _ip_adapter_file(sources.ip_adapter or _first(IP_ADAPTER, own) or _OFFICIAL)


def _image_encoder(given: str | Path | None, base: Path | None) -> Path | None:
    if given is not None:
        path = resolve_part(given, _FETCH)
        inside = (path, path / "image_encoder", path / _OFFICIAL_ENCODER)
        return next((folder for folder in inside if (folder / "config.json").is_file()), path)
    if base is None:
        return None
    return base / "image_encoder" if (base / "image_encoder").is_dir() else find_model(_OFFICIAL) / _OFFICIAL_ENCODER


def _own_folders(adapter: Path | None, base: Path | None) -> list[Path]:
    beside = [] if base is None or is_single_file(base) else [base / "adapter", base]
    return beside if adapter is None else [adapter, *beside]


def _expanded(path: str | Path | None) -> Path | None:
    return None if path is None else Path(path).expanduser()


def _first(name: str, folders: list[Path]) -> Path | None:
    return next((folder / name for folder in folders if (folder / name).is_file()), None)


def _ip_adapter_file(source: str | Path) -> Path:
    if str(source) in KNOWN_MODELS:  # their other files are those of the image encoder
        return find_model(str(source)) / KNOWN_MODELS[str(source)].files[0]
    path = resolve_part(source, _FETCH)
    if not path.is_dir():
        return path
    files = sorted(each for each in path.iterdir() if each.suffix in (".safetensors", ".bin"))
    own = [each for each in files if each.name == IP_ADAPTER] or files
    if len(own) == 1:
        return own[0]
    found = f"{len(own)} files of weights in this folder. Name one of them" if own else "no IP-Adapter in this folder"
    raise MissingWeightsError(path, f"there {'are' if own else 'is'} {found}. {_FETCH}")


def _controlnet(sources: ModelSources, base: Path | None) -> Path | None:
    if sources.controlnet is None:
        return base / "controlnet" if base is not None and (base / "controlnet").is_dir() else None
    return resolve_path(sources.controlnet)


def _weights(part: Path) -> list[Path]:
    if part.is_file():
        return [part]
    kinds = (".safetensors", ".bin", ".ckpt")
    return sorted(path for path in part.rglob("*") if path.suffix in kinds and "zero_prompt" not in path.name)
