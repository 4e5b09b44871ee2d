"""Where the parts of a model are: those the user names, and the defaults for the others."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from wallpaint.diffusion.adapters.color_tokens import FILE as COLOR_TOKENS
from wallpaint.diffusion.adapters.ip_adapter import FILE as IP_ADAPTER
from wallpaint.diffusion.checkpoints.base import find_base
from wallpaint.diffusion.checkpoints.single_file import is_single_file
from wallpaint.diffusion.hub.catalog import KNOWN_MODELS
from wallpaint.diffusion.hub.download import find_model
from wallpaint.diffusion.hub.resolve_path import resolve_path
from wallpaint.errors import MissingWeightsError, SettingError, WallpaintError

LORA = "pytorch_lora_weights.safetensors"
NEW = "new"
_OFFICIAL = "ip-adapter-plus"  # contains the image encoder that all IP-Adapters of SD 1.5 use
_OFFICIAL_ENCODER = Path("models") / "image_encoder"
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
        A file, "ip-adapter-plus" or "ip-adapter"; or "new", an untrained one, with which the base's colour tokens are
        not used. Default: that of the adapter, else of the base, else the released IP-Adapter Plus.
    image_encoder : str or Path, optional
        A folder. Default: that of the base, else the one released with IP-Adapter.
    lora : str or Path, optional
        A file of diffusers or kohya. Default: that of the adapter; without adapter, that of the base.
    controlnet : str or Path, optional
        A folder, a file, "depth-controlnet" or a hub id. Default: that of the base, if it has one.
    """

    base: str | Path = "sd15"
    adapter: str | Path | None = None
    ip_adapter: str | Path | None = None
    image_encoder: str | Path | None = None
    lora: str | Path | None = None
    controlnet: str | Path | None = None


@dataclass(frozen=True)
class ModelFiles:
    """The files and folders of a model, all of them on this machine."""

    base: Path
    ip_adapter: Path | None  #: None for a new one
    image_encoder: Path
    lora: Path | None
    controlnet: Path | None
    color_tokens: Path | None

    def fingerprint(self) -> str:
        """Hash of all weights, 16 hexadecimal digits. Of each file the size and both ends are hashed, which is fast."""
        digest = hashlib.sha256()
        parts = (self.base, self.ip_adapter, self.image_encoder, self.lora, self.controlnet, self.color_tokens)
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
    adapter, given_lora, given_encoder = map(_expanded, (sources.adapter, sources.lora, sources.image_encoder))

    def part(find: Callable[[], Path | None]) -> Path | None:
        try:
            return find()
        except (MissingWeightsError, SettingError) as error:
            faults.append(error)
            return None

    base = part(lambda: _base(sources))
    own = _own_folders(adapter, base)
    trained = own[:1] if adapter is not None else own  # the base's adapters were not trained with it
    part(lambda: _check_adapter(adapter))
    is_new = sources.ip_adapter == NEW
    ip_adapter = part(lambda: None if is_new else _ip_adapter(sources, own, is_base_known=base is not None))
    encoder = part(lambda: _image_encoder(given_encoder, base))
    lora = part(lambda: _existing(given_lora) or _first(LORA, trained))
    controlnet = part(lambda: _controlnet(sources, base))
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
        lora=lora,
        controlnet=controlnet,
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


def _image_encoder(given: Path | None, base: Path | None) -> Path | None:
    if given is not None:
        return _existing(given, _OFFICIAL)
    if base is None:
        return None
    return base / "image_encoder" if (base / "image_encoder").is_dir() else find_model(_OFFICIAL) / _OFFICIAL_ENCODER


def _existing(path: Path | None, released: str = "") -> Path | None:
    """The path if it exists; `released` names a model that can be used instead."""
    if path is not None and not path.exists():
        cure = f"Fetch the released one: wallpaint models pull {released}" if released else "Check the path."
        raise MissingWeightsError(path, f"there is no such file or folder. {cure}")
    return path


def _own_folders(adapter: Path | None, base: Path | None) -> list[Path]:
    beside = [] if base is None or is_single_file(base) else [base / "adapter", base]
    return beside if adapter is None else [adapter, *beside]


def _expanded(path: str | Path | None) -> Path | None:
    return None if path is None else Path(path).expanduser()


def _first(name: str, folders: list[Path]) -> Path | None:
    return next((folder / name for folder in folders if (folder / name).is_file()), None)


def _ip_adapter_file(source: str | Path) -> Path | None:
    if str(source) not in KNOWN_MODELS:
        return _existing(Path(source).expanduser(), _OFFICIAL)
    weights = KNOWN_MODELS[str(source)].files[0]  # the second file is its image encoder
    return find_model(str(source)) / weights


def _controlnet(sources: ModelSources, base: Path | None) -> Path | None:
    if sources.controlnet is None:
        return base / "controlnet" if base is not None and (base / "controlnet").is_dir() else None
    return resolve_path(sources.controlnet)


def _weights(part: Path) -> list[Path]:
    if part.is_file():
        return [part]
    kinds = (".safetensors", ".bin", ".ckpt")
    return sorted(path for path in part.rglob("*") if path.suffix in kinds and "zero_prompt" not in path.name)
