"""Paint options of a request, and the engines that a service has."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from wallpaint.color import Catalog
from wallpaint.diffusion.sampling.settings import DEFAULT_SAMPLING, SamplingSettings
from wallpaint.errors import MissingExtraError, MissingWeightsError, SettingError
from wallpaint.mask import Edges
from wallpaint.painter import Repainter

if TYPE_CHECKING:
    from wallpaint.diffusion import DiffusionEngine
    from wallpaint.mask.select import Finder

_USUAL_MODEL = "sd15"
SERVICE_LIMITS = {"steps": 100, "seed": 2**32 - 1, "reference_strength": 10}  #: maxima for requests
NOT_OFFERED = frozenset({"batch_size"})  #: sampling settings that requests do not have: the service chooses it


@dataclass(frozen=True)
class PaintOptions:
    """Options of one painting.

    Attributes
    ----------
    engine : str
        One of `Engines.names`.
    edges : {"refined", "hard"}
    sampling : SamplingSettings
        Of the diffusion engine. If `strength` is None, the engine's own is used.
    bounce : bool
        Also paint what the wall's new light does to the rest of the room; of the albedo engine.
    """

    engine: str = "albedo"
    edges: Edges = "refined"
    sampling: SamplingSettings = DEFAULT_SAMPLING
    bounce: bool = False

    def __post_init__(self) -> None:
        for name, most in SERVICE_LIMITS.items():
            if (value := getattr(self.sampling, name)) > most:
                raise SettingError(f"{name} cannot be {value}: choose {most:,} or less.")


class Engines:
    """Engines of a service: always the albedo engine, and a diffusion model if one was loaded.

    Parameters
    ----------
    catalogs : iterable of Catalog
        Colour catalogues, searched before the CSS names.
    diffusion : DiffusionEngine, optional
        Requests change its sampling settings, except those in `NOT_OFFERED`.
    finder : Finder or str
        What finds walls, as in `WallSelector`.
    """

    def __init__(
        self,
        catalogs: Iterable[Catalog] = (),
        diffusion: DiffusionEngine | None = None,
        finder: Finder | str = "auto",
    ) -> None:
        self.catalogs = tuple(catalogs)
        self.finder = finder
        self._diffusion = diffusion

    @classmethod
    def load(
        cls,
        catalogs: Iterable[Catalog] = (),
        model: str | None = None,
        adapter: Path | None = None,
        finder: Finder | str = "auto",
    ) -> Engines:
        """Load the named diffusion model, or sd15 if it is on this machine.

        Raises
        ------
        MissingWeightsError, WeightsError, MissingExtraError
            The model cannot be loaded, or a file or package that it needs is missing.
        """
        if model is None and adapter is None and not _is_here(_USUAL_MODEL):
            return cls(catalogs, finder=finder)
        from wallpaint.diffusion import load_engine

        return cls(catalogs, load_engine(model or _USUAL_MODEL, adapter=adapter), finder)

    @property
    def names(self) -> tuple[str, ...]:
        return ("albedo",) if self._diffusion is None else ("albedo", "diffusion")

    def repainter(self, options: PaintOptions) -> Repainter:
        """Repainter for these options.

        Raises
        ------
        SettingError
            This service does not have the engine.
        """
        if options.engine not in self.names:
            raise SettingError(
                f"there is no engine {options.engine!r} here: choose {' or '.join(self.names)}. "
                "A diffusion model is loaded by wallpaint serve --model sd15."
            )
        if options.engine == "albedo":
            return Repainter(edges=options.edges, catalogs=self.catalogs, bounce=options.bounce)
        assert self._diffusion is not None  # its name is only there with it
        changes = options.sampling.model_dump(exclude=set(NOT_OFFERED), exclude_none=True)
        engine = self._diffusion.sampled(**changes)
        return Repainter(engine, edges=options.edges, catalogs=self.catalogs, bounce=options.bounce)


def _is_here(model: str) -> bool:
    """Whether a known model and the packages it needs are on this machine."""
    from wallpaint.diffusion import find_model

    try:
        find_model(model)
    except (MissingWeightsError, MissingExtraError):
        return False
    return True
