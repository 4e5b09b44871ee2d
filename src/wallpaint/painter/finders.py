"""Finders of walls by name: the ones that come with the package, and those that need transformers."""

from __future__ import annotations

from pathlib import Path

from wallpaint.errors import MissingWeightsError, SettingError, Source, WeightsError, quoted
from wallpaint.mask.select import EdgesFinder, Finder, RoomsFinder

FINDERS = ("auto", "rooms", "edges", "sam2", "ade")  #: names that `load_finder` takes
_SEMANTIC = ("upernet-ade", "oneformer-ade")  # known models whose licence allows commerce, the preferred one first
_SET = "wall-finder"  # of the catalogue: fetches "sam2" and the preferred semantic model


def load_finder(source: Source = "auto", device: str = "cpu") -> Finder:
    """Load a finder of walls.

    Parameters
    ----------
    source : path or str
        - "rooms", which is also "auto": the networks that come with the package.
        - "edges": no network; it needs clicks.
        - "sam2": SAM 2.1 for clicks; without clicks, and as a prior for clicks, the model of "ade" if it is on this
          machine, else "rooms".
        - "ade": without clicks a semantic model trained on ADE20K whose licence allows commerce (upernet-ade or
          oneformer-ade); with clicks "rooms", with that model as a prior.
        - a folder in transformers' format, another known name, or a hub id whose files are on this machine. A
          promptable model (SAM 1, 2 or 3) is used as "sam2" is, a semantic one with a class "wall" as "ade" is.
    device : str
        For models that need torch: "cpu", "cuda", "cuda:1", "mps".

    Returns
    -------
    Finder
        For `WallSelector`. Nothing is downloaded.

    Raises
    ------
    SettingError
        There is no finder of this name.
    MissingExtraError
        The model needs the extra ``wallpaint[diffusion]``.
    MissingWeightsError
        The model is not on this machine; the message has the command that fetches it.
    WeightsError
        The folder contains another kind of model, or its weights are damaged.
    """
    if source in ("auto", "rooms"):
        return RoomsFinder()
    if source == "edges":
        return EdgesFinder()
    return _from_transformers(_semantic_name() if source == "ade" else source, device)


def _from_transformers(source: Source, device: str) -> Finder:
    from wallpaint.diffusion import CombinedFinder, PromptableSegmenter, WallSegmenter
    from wallpaint.diffusion.hub.resolve_path import resolve_path
    from wallpaint.diffusion.vision.loading import model_type
    from wallpaint.diffusion.vision.promptable_segmentation import PROMPTABLE

    _require_source(source)
    folder = resolve_path(source)
    if not folder.is_dir():
        raise WeightsError(source, "it is a file. Name the folder of a model, in the format of transformers.")
    kind = model_type(folder, "finder", f"Models that are finders: wallpaint models pull {_SET}")
    if kind not in PROMPTABLE:
        return CombinedFinder(WallSegmenter(folder, device), RoomsFinder())
    prior = _semantic_here()
    return CombinedFinder(
        RoomsFinder() if prior is None else WallSegmenter(prior, device), PromptableSegmenter(folder, device)
    )


def _require_source(source: Source) -> None:
    """Raise `SettingError` if it is neither a path, a known model nor a hub id."""
    from wallpaint.diffusion import KNOWN_MODELS

    if not isinstance(source, str) or "/" in source or source in KNOWN_MODELS or (source and Path(source).exists()):
        return
    raise SettingError(
        f"finder cannot be {quoted(source)}: choose {', '.join(FINDERS)}, a folder, or a hub id (owner/name)."
    )


def _semantic_here() -> str | None:
    """The preferred semantic model on this machine."""
    from wallpaint.diffusion import find_model

    for name in _SEMANTIC:
        try:
            find_model(name)
        except MissingWeightsError:
            continue
        return name
    return None


def _semantic_name() -> str:
    """The preferred semantic model on this machine. Raises `MissingWeightsError` if there is none."""
    name = _semantic_here()
    if name is None:
        here = f"neither {' nor '.join(_SEMANTIC)} is on this machine"
        raise MissingWeightsError("ade", f"{here}. Fetch the first: wallpaint models pull {_SEMANTIC[0]}")
    return name
