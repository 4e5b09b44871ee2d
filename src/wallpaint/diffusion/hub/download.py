"""Public checkpoints: found on this machine, or fetched from the hub and checked.

Storage is huggingface_hub's own cache, shared with every other tool; ``HF_HOME``, ``HF_ENDPOINT``, ``HF_HUB_OFFLINE``
and a token from ``hf auth login`` mean what they mean there. A connection that drops is taken up where it broke off; a
pull that is killed keeps its whole files and begins again with the file it was at.
"""

from __future__ import annotations

import shutil
from pathlib import Path

from wallpaint.diffusion.hub.catalog import KNOWN_MODELS
from wallpaint.diffusion.hub.checksums import cached_checksums, forget, mismatches
from wallpaint.diffusion.hub.repo_files import INDEX, missing_files, read_configuration
from wallpaint.errors import MissingWeightsError, OutputError, WeightsError
from wallpaint.optional import needs_extra

with needs_extra("diffusion", "Fetching public models"):
    from huggingface_hub import constants, snapshot_download

    from wallpaint.diffusion.hub.errors import explained
    from wallpaint.diffusion.hub.progress import ByteCounter, Progress
    from wallpaint.diffusion.hub.repo import Listing, ModelSource, enumerated, source_of


def find_model(name_or_repo: str) -> Path:
    """The folder a model was fetched into: its snapshot in the cache. Nothing is fetched, no connection made.

    Parameters
    ----------
    name_or_repo : str
        One of `KNOWN_MODELS`, or a hub id, ``owner/name`` or ``owner/name@revision``.

    Raises
    ------
    SettingError
        It is neither.
    MissingWeightsError
        Some of it is not on this machine; the message says what, and how to fetch it.
    """
    source = source_of(name_or_repo)
    folder = source.snapshot()
    missing = source.missing_from(folder) if folder else []
    if folder is None or missing:
        lack = (
            f"it is not whole on this machine: {enumerated(missing)} missing"
            if missing
            else "it is not on this machine"
        )
        raise MissingWeightsError(source.name, f"{lack}. Fetch it: wallpaint models pull {source.name}")
    return folder


def pull_model(name_or_repo: str, progress: Progress = lambda here, total: None) -> Path:
    """Fetch what is missing of a model, check every large file's SHA-256, and say where it is.

    Parameters
    ----------
    name_or_repo : str
        As for `find_model`. Of a hub id only what inpainting needs is fetched (`wanted_files`).
    progress : callable
        Told, from any thread, the bytes that are here and the bytes in all.

    Raises
    ------
    SettingError
        `name_or_repo` is neither a name nor a hub id.
    WeightsError
        The hub does not have it or does not give it, cannot be reached, or sent other bytes than it published: these
        are removed, so that the next pull fetches them again.
    MissingWeightsError
        ``HF_HUB_OFFLINE`` is set and it is not here.
    OutputError
        The disk is full, or may not be written to.
    """
    source = source_of(name_or_repo)
    if constants.HF_HUB_OFFLINE:
        return _find_offline(source)
    listing = source.listing()
    counter = ByteCounter(sum(listing.sizes.values()), _bytes_here(source, listing), progress)
    _require_room(counter.missing)
    with explained(source.name, source.repo, source.revision):
        snapshot = snapshot_download(
            source.repo,
            revision=source.revision,
            allow_patterns=list(listing.sizes),
            tqdm_class=counter.bar_class(),
        )
    counter.finish()
    folder = Path(snapshot)
    _sweep(folder)
    # A branch that moved between the listing and the download has other checksums: those of the cache are its own.
    _require_published(source, folder, listing.checksums if folder.name == listing.commit else cached_checksums(folder))
    return folder


def verify_model(name_or_repo: str) -> list[str]:
    """Compare a fetched model's large files with their published SHA-256.

    The cache knows these; where it has no links, the hub is asked, unless ``HF_HUB_OFFLINE`` is set.

    Returns
    -------
    list of str
        The files compared, relative to `find_model`'s folder.

    Raises
    ------
    SettingError, MissingWeightsError
        As `find_model`.
    WeightsError
        A file is damaged; it has been removed, so that the next pull fetches it again.
    """
    source = source_of(name_or_repo)
    folder = find_model(name_or_repo)
    published = cached_checksums(folder)
    if not published and not constants.HF_HUB_OFFLINE:
        published = source.listing().checksums
    published = {path: digest for path, digest in published.items() if source.wants(path)}
    _require_published(source, folder, published)
    return list(published)


def bytes_on_disk(name_or_repo: str) -> int:
    """Bytes of a model's files in the cache; files that models share count for each. Raises as `find_model`."""
    source = source_of(name_or_repo)
    folder = find_model(name_or_repo)
    files = [path for path in folder.rglob("*") if path.is_file()]
    return sum(path.stat().st_size for path in files if source.wants(path.relative_to(folder).as_posix()))


def cached_pipelines() -> dict[str, str]:
    """Diffusers pipelines in the cache that are whole and no known models: classes by hub id."""
    known = {(model.repo, model.revision) for model in KNOWN_MODELS.values()}
    pipelines = {}
    for index in sorted(Path(constants.HF_HUB_CACHE).glob(f"models--*--*/snapshots/*/{INDEX}")):
        commit, storage = index.parent.name, index.parents[2]
        repo = storage.name.removeprefix("models--").replace("--", "/", 1)
        if (repo, commit) not in known and not missing_files(index.parent):
            hub_id = repo if _main_commit(storage) == commit else f"{repo}@{commit}"
            pipelines[hub_id] = str(read_configuration(index).get("_class_name", ""))
    return pipelines


def _main_commit(storage: Path) -> str:
    main = storage / "refs" / constants.DEFAULT_REVISION
    return main.read_text(encoding="utf-8").strip() if main.is_file() else ""


def _find_offline(source: ModelSource) -> Path:
    try:
        folder = find_model(source.name)
    except MissingWeightsError:
        raise MissingWeightsError(
            source.name,
            "it is not whole on this machine, and HF_HUB_OFFLINE forbids fetching it. Unset that and pull again.",
        ) from None
    verify_model(source.name)
    return folder


def _bytes_here(source: ModelSource, listing: Listing) -> int:
    folder = source.snapshot()
    return sum(size for path, size in listing.sizes.items() if folder and (folder / path).is_file())


def _sweep(snapshot: Path) -> None:
    """Remove what killed downloads left of files that have come since."""
    blobs = snapshot.parents[1] / "blobs"
    for partial in blobs.glob("*.incomplete"):
        if (blobs / partial.name.partition(".")[0]).exists():
            partial.unlink(missing_ok=True)


def _require_room(needed: int) -> None:
    cache = Path(constants.HF_HUB_CACHE).absolute()
    there = next(folder for folder in (cache, *cache.parents) if folder.is_dir())
    free = shutil.disk_usage(there).free
    if free < needed:
        raise OutputError(
            cache,
            f"{needed / 1e9:.2f} GB are to be fetched and {free / 1e9:.2f} GB are free here. Make room, or set HF_HOME "
            "to a folder on another disk.",
        )


def _require_published(source: ModelSource, folder: Path, published: dict[str, str]) -> None:
    damaged = mismatches(folder, published)
    for mismatch in damaged:
        forget(mismatch.path)
    if damaged:
        first = damaged[0]
        path = first.path.relative_to(folder).as_posix()
        more = f" (and {len(damaged) - 1} more)" if len(damaged) > 1 else ""
        raise WeightsError(
            source.name,
            f"{path}{more} is damaged: its SHA-256 is {first.actual[:12]}…, published was {first.published[:12]}…. It "
            f"was removed; fetch it again: wallpaint models pull {source.name}",
        )
