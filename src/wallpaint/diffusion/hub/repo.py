"""The repository of a model on the hub, its revision, and the files that are needed."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

from huggingface_hub import HfApi, constants, snapshot_download
from huggingface_hub.errors import LocalEntryNotFoundError

from wallpaint.diffusion.hub.catalog import KNOWN_MODELS, MODEL_SETS
from wallpaint.diffusion.hub.errors import explained
from wallpaint.diffusion.hub.repo_files import missing_files, network_weights, wanted_files
from wallpaint.errors import SettingError, WeightsError

_HUB_ID = re.compile(r"(?P<repo>[\w.-]+/[\w.-]+)(@(?P<revision>[\w./-]+))?(:(?P<part>[^:]+))?")
_PEFT = "adapter_model."  # its configuration beside it has alpha
HUB_IDS = "owner/name, owner/name@revision, or with a file of it, owner/name:file"


@dataclass(frozen=True)
class Listing:
    """The hub's listing of the needed files.

    Attributes
    ----------
    commit : str
    sizes : dict
        Bytes by path.
    checksums : dict
        SHA-256 by path, of large files.
    """

    commit: str
    sizes: dict[str, int]
    checksums: dict[str, str]


@dataclass(frozen=True)
class ModelSource:
    """The repository of a model.

    Attributes
    ----------
    name : str
        The name that the user gave.
    repo : str
        ``owner/name``.
    revision : str or None
        A branch, tag or commit; None is the main branch.
    files : tuple of str, or None
        Paths of the needed files; if None, `wanted_files` chooses them.
    part : str or None
        Path of the only needed file or folder in the repository.
    """

    name: str
    repo: str
    revision: str | None
    files: tuple[str, ...] | None
    part: str | None = None

    def snapshot(self) -> Path | None:
        """Its folder in the cache, complete or not. No connection is made."""
        with explained(self.name, self.repo, self.revision):
            try:
                # no file is requested: `missing_from` finds the missing ones
                return Path(
                    snapshot_download(self.repo, revision=self.revision, local_files_only=True, allow_patterns=[])
                )
            except LocalEntryNotFoundError:
                return None

    def missing_from(self, folder: Path) -> list[str]:
        """The missing files of the folder, as paths or patterns."""
        if self.part is not None:
            inside = folder / self.part
            if not inside.is_dir():
                return [] if inside.is_file() else [self.part]
            return [f"{self.part}/{path}" for path in missing_files(inside)]
        if self.files is None:
            return missing_files(folder)
        return [path for path in self.files if not (folder / path).is_file()]

    def place_in(self, folder: Path) -> Path:
        """The named file or folder in a snapshot, or the snapshot."""
        return folder if self.part is None else folder / self.part

    def needs(self, path: str) -> bool:
        """Whether a file of the snapshot belongs to this model; several models may share a snapshot."""
        if self.part is not None:
            return path == self.part or path.startswith(f"{self.part}/")
        return self.files is None or path in self.files

    def listing(self) -> Listing:
        """Request the listing from the hub.

        Raises
        ------
        SettingError, WeightsError
            As `explained`; or a needed file is not in the repository.
        """
        with explained(self.name, self.repo, self.revision):
            info = HfApi().model_info(self.repo, revision=self.revision, files_metadata=True)
        files = {sibling.rfilename: sibling for sibling in info.siblings or []}
        wanted = self._choose(list(files))
        large = {path: lfs for path in wanted if (lfs := files[path].lfs)}
        return Listing(
            commit=info.sha or "",
            sizes={path: files[path].size or 0 for path in wanted},
            checksums={path: lfs.sha256 for path, lfs in large.items()},
        )

    def _choose(self, paths: list[str]) -> list[str]:
        if self.part is not None:
            return self._choose_part(self.part, paths)
        wanted = wanted_files(paths) if self.files is None else list(self.files)
        absent = [path for path in wanted if path not in paths]
        if absent:
            raise WeightsError(
                self.name, f"{self.repo} at {constants.ENDPOINT} lacks {enumerated(absent)}. Check HF_ENDPOINT."
            )
        if wanted:
            return wanted
        files = _weights(paths)
        if files:
            raise WeightsError(
                self.name,
                f"the repository has {len(files)} files of weights, {enumerated(files)}. Name one: "
                f"{self.name}:{files[0]}",
            )
        raise WeightsError(
            self.name,
            "the repository contains no weights that wallpaint can use. Use one in diffusers' layout, or one with "
            "a LoRA or an IP-Adapter as the only .safetensors file at the top.",
        )

    def _choose_part(self, part: str, paths: list[str]) -> list[str]:
        if part in paths:
            folder, _, name = part.rpartition("/")
            start = f"{folder}/" if folder else ""
            beside = [f"{start}adapter_config.json"] if name.startswith(_PEFT) else []
            beside += [f"{start}config.json"] if network_weights([name]) else []
            return [part, *(path for path in beside if path in paths)]
        inside = [path.removeprefix(f"{part}/") for path in paths if path.startswith(f"{part}/")]
        wanted = [f"{part}/{path}" for path in wanted_files(inside)]
        if not wanted:
            files = _weights(paths)
            others = f" It has {enumerated(files)}." if files else ""
            raise WeightsError(self.name, f"{self.repo} has no {part}.{others} Check the name after the colon.")
        return wanted


def source_of(name_or_repo: str) -> ModelSource:
    """The repository of a known model, or of a hub id: ``owner/name``, ``owner/name@revision``, ``owner/name:file``.

    Raises
    ------
    SettingError
        It is neither.
    """
    known = KNOWN_MODELS.get(name_or_repo)
    if known:
        return ModelSource(known.name, known.repo, known.revision, known.files)
    if name_or_repo in MODEL_SETS:
        raise SettingError(f"{name_or_repo!r} is a set of models: name one of {', '.join(MODEL_SETS[name_or_repo])}.")
    match = _HUB_ID.fullmatch(name_or_repo)
    if not match:
        raise SettingError(
            f"{name_or_repo!r} is neither a known model ({', '.join(KNOWN_MODELS)}) nor a hub id ({HUB_IDS})."
        )
    part = match["part"] and match["part"].strip("/")
    return ModelSource(name_or_repo, match["repo"], match["revision"], None, part)


def names_part(source: str) -> bool:
    """Whether a text names a file or folder in a repository: ``owner/name:file`` or ``owner/name@revision:file``.

    >>> names_part("h94/IP-Adapter:models/ip-adapter_sd15.safetensors"), names_part("C:/walls.safetensors")
    (True, False)
    """
    match = _HUB_ID.fullmatch(source)
    return match is not None and match["part"] is not None


def _weights(paths: list[str]) -> list[str]:
    return sorted(path for path in paths if path.endswith((".safetensors", ".bin", ".ckpt", ".pt", ".pth")))


def enumerated(names: list[str]) -> str:
    """The first few of some names."""
    return ", ".join(names[:3]) + (f" and {len(names) - 3} more" if len(names) > 3 else "")
