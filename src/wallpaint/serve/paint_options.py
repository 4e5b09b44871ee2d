"""Paint options of a request, and the engines that a service has."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from wallpaint.color import Catalog
from wallpaint.errors import MissingExtraError, MissingWeightsError, SettingError
from wallpaint.mask import Edges
from wallpaint.painter import Repainter

if TYPE_CHECKING:
    from wallpaint.diffusion import DiffusionEngine, WallSegmenter

_USUAL_MODEL, _SEGMENTER = "sd15", "wall-segmenter"
MAX_STEPS = 100
MAX_SEED = 2**32 - 1


@dataclass(frozen=True)
class PaintOptions:
    """Options of one painting.

    Attributes
    ----------
    engine : str
        One of `Engines.names`.
    edges : {"refined", "hard"}
    seed, steps : int
        Of the diffusion engine.
    bounce : bool
        Also paint what the wall's new light does to the rest of the room; of the albedo engine.
    """

    engine: str = "albedo"
    edges: Edges = "refined"
    seed: int = 0
    steps: int = 20
    bounce: bool = False

    def __post_init__(self) -> None:
        if not 1 <= self.steps <= MAX_STEPS:
            raise SettingError(f"steps cannot be {self.steps}: choose 1 to {MAX_STEPS}.")
        if not 0 <= self.seed <= MAX_SEED:
            raise SettingError(f"the seed cannot be {self.seed}: choose 0 to {MAX_SEED}.")


class Engines:
    """Engines of a service: always the albedo engine, and a diffusion model if one was loaded.

    Parameters
    ----------
    catalogs : iterable of Catalog
        Colour catalogues, searched before the CSS names.
    diffusion : DiffusionEngine, optional
        Recipes change its steps and seed, and nothing else.
    segmenter : WallSegmenter, optional
        Model that finds walls without clicks.
    """

    def __init__(
        self,
        catalogs: Iterable[Catalog] = (),
        diffusion: DiffusionEngine | None = None,
        segmenter: WallSegmenter | None = None,
    ) -> None:
        self.catalogs = tuple(catalogs)
        self.segmenter = segmenter
        self._diffusion = diffusion

    @classmethod
    def load(cls, catalogs: Iterable[Catalog] = (), model: str | None = None, adapter: Path | None = None) -> Engines:
        """Load the named diffusion model, or sd15 if it is on this machine; also the wall segmenter if it is.

        Raises
        ------
        MissingWeightsError, WeightsError, MissingExtraError
            The model cannot be loaded, or a file or package that it needs is missing.
        """
        segmenter = None
        if _is_here(_SEGMENTER):
            from wallpaint.diffusion import WallSegmenter

            segmenter = WallSegmenter(_SEGMENTER)
        if model is None and adapter is None and not _is_here(_USUAL_MODEL):
            return cls(catalogs, segmenter=segmenter)
        from wallpaint.diffusion import load_engine

        return cls(catalogs, load_engine(model or _USUAL_MODEL, adapter=adapter), segmenter)

    @property
    def names(self) -> tuple[str, ...]:
        return ("albedo",) if self._diffusion is None else ("albedo", "diffusion")

    def repainter(self, recipe: PaintOptions) -> Repainter:
        """Repainter for these options.

        Raises
        ------
        SettingError
            This service does not have the engine.
        """
        if recipe.engine not in self.names:
            raise SettingError(
                f"the engine cannot be {recipe.engine!r}: here is {' or '.join(self.names)}. "
                "A diffusion model is loaded by wallpaint serve --model sd15."
            )
        if recipe.engine == "albedo":
            return Repainter(edges=recipe.edges, catalogs=self.catalogs, bounce=recipe.bounce)
        assert self._diffusion is not None  # its name is only there with it
        engine = self._diffusion.sampled(steps=recipe.steps, seed=recipe.seed)
        return Repainter(engine, edges=recipe.edges, catalogs=self.catalogs, bounce=recipe.bounce)


def _is_here(model: str) -> bool:
    """Whether a known model and the packages it needs are on this machine."""
    from wallpaint.diffusion import find_model

    try:
        find_model(model)
    except (MissingWeightsError, MissingExtraError):
        return False
    return True
