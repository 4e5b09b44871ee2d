"""Public checkpoints: find them on this machine, or download and check them.

Files are stored in huggingface_hub's own cache, which other tools use too; ``HF_HOME``, ``HF_ENDPOINT``,
``HF_HUB_OFFLINE`` and a token from ``hf auth login`` have their usual meaning. A dropped connection is resumed where it
broke off. A pull that was killed keeps its complete files, and starts the incomplete file again.
"""

from __future__ import annotations

import shlex
import shutil
from glob import escape
from pathlib import Path

from wallpaint.diffusion.hub.catalog import KNOWN_MODELS
from wallpaint.diffusion.hub.checksums import cached_checksums, delete_cached, mismatches
from wallpaint.diffusion.hub.repo_files import INDEX, missing_files, read_configuration
from wallpaint.errors import MissingWeightsError, OutputError, WeightsError
from wallpaint.optional import needs_extra

with needs_extra("diffusion", "Fetching public models"):
    from huggingface_hub import constants, snapshot_download

    from wallpaint.diffusion.hub.errors import explained
    from wallpaint.diffusion.hub.progress import ByteCounter, Progress
    from wallpaint.diffusion.hub.repo import Listing, ModelSource, enumerated, source_of


def find_model(name_or_repo: str) -> Path:
    """Find a model in the cache. Nothing is downloaded.

    Parameters
    ----------
    name_or_repo : str
        One of `KNOWN_MODELS`, or a hub id: ``owner/name``, ``owner/name@revision``, or with a file or folder of the
        repository, ``owner/name:file``.

    Returns
    -------
    Path
        The snapshot's folder, or the named file or folder in it.

    Raises
    ------
    SettingError
        It is neither.
    MissingWeightsError
        The model or a part of it is not on this machine; the message gives the command that fetches it.
    """
    source = source_of(name_or_repo)
    return source.place_in(_complete_snapshot(source))


def pull_model(name_or_repo: str, progress: Progress = lambda fetched, total: None) -> Path:
    """Download the missing files of a model, and check the SHA-256 of every large file.

    Parameters
    ----------
    name_or_repo : str
        As for `find_model`. Of a hub id only what inpainting needs is fetched (`wanted_files`).
    progress : callable
        ``progress(fetched, total)`` is called from any thread, in bytes.

    Returns
    -------
    Path
        The model's folder, or the named file or folder.

    Raises
    ------
    SettingError
        `name_or_repo` is neither a name nor a hub id.
    WeightsError
        The hub does not have the model or refuses it, cannot be reached, or sent other bytes than it published. Those
        are deleted, so that the next pull fetches them again.
    MissingWeightsError
        ``HF_HUB_OFFLINE`` is set and the model is not on this machine.
    OutputError
        The disk is full or not writable.
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
            allow_patterns=[escape(path) for path in listing.sizes],
            tqdm_class=counter.bar_class(),
        )
    counter.finish()
    folder = Path(snapshot)
    _sweep(folder)
    # if a branch moved between the listing and the download, only the cache has the right checksums
    published = listing.checksums if folder.name == listing.commit else cached_checksums(folder)
    _require_published(source, folder, {path: digest for path, digest in published.items() if source.needs(path)})
    return source.place_in(folder)


def verify_model(name_or_repo: str) -> list[str]:
    """Compare a fetched model's large files with their published SHA-256.

    It is read from the cache, or if that has no links, from the hub, unless ``HF_HUB_OFFLINE`` is set.

    Returns
    -------
    list of str
        The compared files, relative to the snapshot's folder.

    Raises
    ------
    SettingError, MissingWeightsError
        As `find_model`.
    WeightsError
        A file is damaged; it was deleted, so that the next pull fetches it again.
    """
    source = source_of(name_or_repo)
    folder = _complete_snapshot(source)
    published = cached_checksums(folder)
    if not published and not constants.HF_HUB_OFFLINE:
        published = source.listing().checksums
    published = {path: digest for path, digest in published.items() if source.needs(path)}
    _require_published(source, folder, published)
    return list(published)


def bytes_on_disk(name_or_repo: str) -> int:
    """Size of a model's files in the cache; files shared by models count for each. Raises as `find_model`."""
    source = source_of(name_or_repo)
    folder = _complete_snapshot(source)
    files = [path for path in folder.rglob("*") if path.is_file()]
    return sum(path.stat().st_size for path in files if source.needs(path.relative_to(folder).as_posix()))


def cached_pipelines() -> dict[str, str]:
    """Complete diffusers pipelines in the cache that are not known models: class names by hub id."""
    known = {(model.repo, model.revision) for model in KNOWN_MODELS.values()}
    pipelines = {}
    for index in sorted(Path(constants.HF_HUB_CACHE).glob(f"models--*--*/snapshots/*/{INDEX}")):
        commit, storage = index.parent.name, index.parents[2]
        repo = storage.name.removeprefix("models--").replace("--", "/", 1)
        if (repo, commit) not in known and not missing_files(index.parent):
            hub_id = repo if _main_commit(storage) == commit else f"{repo}@{commit}"
            pipelines[hub_id] = str(read_configuration(index).get("_class_name", ""))
    return pipelines


def _complete_snapshot(source: ModelSource) -> Path:
    folder = source.snapshot()
    missing = source.missing_from(folder) if folder else []
    if folder is None or missing:
        fault = (
            f"it is incomplete on this machine: {enumerated(missing)} missing"
            if missing
            else "it is not on this machine"
        )
        raise MissingWeightsError(source.name, f"{fault}. Fetch it: wallpaint models pull {shlex.quote(source.name)}")
    return folder


def _main_commit(storage: Path) -> str:
    main = storage / "refs" / constants.DEFAULT_REVISION
    return main.read_text(encoding="utf-8").strip() if main.is_file() else ""


def _find_offline(source: ModelSource) -> Path:
    try:
        folder = find_model(source.name)
    except MissingWeightsError:
        raise MissingWeightsError(
            source.name,
            "it is incomplete on this machine, and HF_HUB_OFFLINE forbids downloads. Unset it and pull again.",
        ) from None
    verify_model(source.name)
    return folder


def _bytes_here(source: ModelSource, listing: Listing) -> int:
    folder = source.snapshot()
    return sum(size for path, size in listing.sizes.items() if folder and (folder / path).is_file())


def _sweep(snapshot: Path) -> None:
    """Delete partial files that killed downloads left and that are complete by now."""
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
            f"{needed / 1e9:.2f} GB are needed and {free / 1e9:.2f} GB are free here. Free some space, or set HF_HOME "
            "to a folder on another disk.",
        )


def _require_published(source: ModelSource, folder: Path, published: dict[str, str]) -> None:
    damaged = mismatches(folder, published)
    for mismatch in damaged:
        delete_cached(mismatch.path)
    if damaged:
        first = damaged[0]
        path = first.path.relative_to(folder).as_posix()
        more = f" (and {len(damaged) - 1} more)" if len(damaged) > 1 else ""
        raise WeightsError(
            source.name,
            f"{path}{more} is damaged: its SHA-256 is {first.actual[:12]}…, the published one is "
            f"{first.published[:12]}…. It was deleted. Fetch it again: wallpaint models pull {source.name}",
        )
