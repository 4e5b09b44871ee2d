"""Wall selection in one photo: a finder, clicks with local effect, shapes drawn by hand, at the photo's resolution."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import cv2
import numpy as np

from wallpaint.errors import SettingError
from wallpaint.mask import EDGES, Edges, find_region
from wallpaint.mask.select.click import Click, check_clicks
from wallpaint.mask.select.drawing import Polygon, Stroke, draw
from wallpaint.mask.select.finders.edges import EdgesFinder
from wallpaint.mask.select.finders.finder import Finder, PhotoFinder
from wallpaint.mask.select.finders.rooms import RoomsFinder
from wallpaint.mask.select.full_resolution import at_full_resolution
from wallpaint.mask.select.local_changes import wall_after_click
from wallpaint.photo import as_photo

FINDERS = ("auto", "rooms", "edges")  #: names that `WallSelector` takes
LEAST_CONFIDENCE = 0.6  #: walls found automatically with less are not painted until a person has looked at them
_WORKING_SIDE = 640  # of a mask that clicks correct


@dataclass(frozen=True, eq=False)
class SelectedWall:
    """A selected wall.

    Attributes
    ----------
    mask : (H, W) float32
        [0, 1], 1 is wall; 0 everywhere if nothing was found.
    confidence : float
        Expected intersection over union with the wall meant, [0, 1]; 1 for what was drawn by hand alone.
    """

    mask: np.ndarray
    confidence: float

    @cached_property
    def share(self) -> float:
        """Share of the photo that is wall, [0, 1]."""
        return float((self.mask > 0.5).mean())


class WallSelector:
    """Wall selection in one photo; the photo is analysed once, at the first call that needs it.

    Parameters
    ----------
    pixels : (H, W, 3) uint8
        sRGB, upright.
    finder : Finder or {"auto", "rooms", "edges"}
        "rooms", which is also "auto", is the network that comes with the package. "edges" needs no network, and at
        least one keeping click. `wallpaint.load_finder` gives those that use other models.

    Raises
    ------
    UnreadableImageError
        `pixels` is not an (H, W, 3) uint8 array.
    SettingError
        There is no finder of this name.
    """

    def __init__(self, pixels: np.ndarray, finder: Finder | str = "auto") -> None:
        self.pixels = as_photo(pixels)
        self._finder = _named(finder) if isinstance(finder, str) else finder
        self._known: dict[tuple[bool, tuple[Click, ...]], np.ndarray] = {}  # after each click of the last call

    def look(self) -> None:
        """Analyse the photo now, so that the first selection is fast."""
        self._photo  # noqa: B018 - computed once

    def select(
        self,
        clicks: Sequence[Click] = (),
        strokes: Sequence[Stroke] = (),
        polygons: Sequence[Polygon] = (),
        *,
        initial_mask: np.ndarray | None = None,
        plane: bool = False,
        edges: Edges = "refined",
    ) -> SelectedWall:
        """Select a wall.

        Without input these are all walls that the finder sees. A first click that keeps selects the surfaces in its
        paint, a first click that removes corrects all walls; each further click adds or removes what it lies on and is
        connected to it. Without a keeping click, removing clicks correct what strokes and polygons add, where there are
        any. Strokes and polygons are drawn last.

        Parameters
        ----------
        clicks : sequence of Click
            In the order they were made.
        strokes, polygons : sequences of Stroke, of Polygon
        initial_mask : (H, W) float32, optional
            [0, 1], 1 is wall: a mask that the clicks correct.
        plane : bool
            Keep to the flat surfaces of the keeping clicks, up to their corners.
        edges : {"refined", "hard"}
            "refined" estimates the wall's share of each edge pixel, as painting does. "hard" gives only 0 and 1, which
            is many times faster on large photos; painting refines such a mask itself.

        Raises
        ------
        SettingError
            A click is outside the photo, `edges` has another value, nothing marks wall and the finder needs clicks, or
            `plane` has no keeping click.
        """
        if edges not in EDGES:
            raise SettingError(f"edges cannot be {edges!r}: choose {' or '.join(EDGES)}.")
        check_clicks(clicks, self.pixels.shape)
        shapes: list[Stroke | Polygon] = [*strokes, *polygons]
        keeps = any(click.keep for click in clicks)
        if plane and not keeps:
            raise SettingError("plane needs a point on the surface meant: keep at least one (--keep X,Y).")
        drawn = any(shape.keep for shape in shapes)
        if initial_mask is None and drawn and not keeps:
            initial_mask = draw(np.zeros(self.pixels.shape[:2], np.float32), shapes)
            shapes = [shape for shape in shapes if not shape.keep]
        mask, confidence = self._found(clicks, initial_mask, plane)
        mask = draw(mask, shapes)
        if edges == "refined" and 0 < np.count_nonzero(mask) < mask.size:
            mask = find_region(self.pixels, mask).alpha
        return SelectedWall(mask, confidence)

    def _found(self, clicks: Sequence[Click], initial_mask: np.ndarray | None, plane: bool) -> tuple[np.ndarray, float]:
        """(H, W) float32 without drawn shapes, and the confidence."""
        if initial_mask is not None:
            if not clicks:
                return initial_mask.astype(np.float32), 1.0
            return self._corrected(initial_mask, clicks, plane)
        if not (self._finder.automatic or any(click.keep for click in clicks)):
            raise SettingError(
                "this finder needs a click, and none marks wall: keep at least one point of it (--keep X,Y)."
            )
        probability = self._after(clicks, plane) if clicks else self._photo.wall()
        mask = at_full_resolution(self.pixels, probability)
        for click in clicks:
            mask[click.row, click.column] = click.keep
        return mask, expected_overlap(probability)

    def _after(self, clicks: Sequence[Click], plane: bool) -> np.ndarray:
        """(h, w) float32: probability after clicks; those that were in the last call too are not computed again."""
        probability = None if clicks[0].keep else self._unclicked()
        known, self._known = self._known, {}
        for count in range(1, len(clicks) + 1):
            key = plane, tuple(clicks[:count])
            if key in known:
                probability = known[key]
            else:
                probability = wall_after_click(self._photo, key[1], self.pixels.shape, probability, plane=plane)
            self._known[key] = probability
        assert probability is not None
        return probability

    def _unclicked(self) -> np.ndarray:
        """(h, w) float32: what a first removing click corrects."""
        return self._photo.wall() if self._finder.automatic else np.zeros((1, 1), np.float32)

    def _corrected(self, initial: np.ndarray, clicks: Sequence[Click], plane: bool) -> tuple[np.ndarray, float]:
        """A mask with the surfaces at clicks added or removed; it keeps its own values elsewhere."""
        scale = min(1.0, _WORKING_SIDE / max(initial.shape))
        size = max(1, round(initial.shape[1] * scale)), max(1, round(initial.shape[0] * scale))
        before = cv2.resize(initial.astype(np.float32), size, interpolation=cv2.INTER_AREA)
        after = before
        for count in range(1, len(clicks) + 1):
            after = wall_after_click(self._photo, clicks[:count], self.pixels.shape, after, plane=plane)
        before = cv2.resize(before, after.shape[::-1], interpolation=cv2.INTER_AREA)
        mask = initial.astype(np.float32)
        large = at_full_resolution(self.pixels, after)
        for keep, changed in ((True, (after > 0.5) & (before <= 0.5)), (False, (after <= 0.5) & (before > 0.5))):
            if changed.any():
                around = cv2.dilate(changed.astype(np.uint8), np.ones((3, 3), np.uint8))
                near = cv2.resize(around, mask.shape[::-1], interpolation=cv2.INTER_NEAREST) > 0
                mask[near & (large == keep)] = keep
        for click in clicks:
            mask[click.row, click.column] = click.keep
        return mask, expected_overlap(after)

    @cached_property
    def _photo(self) -> PhotoFinder:
        return self._finder.look(self.pixels)


def expected_overlap(probability: np.ndarray) -> float:
    """Expected intersection over union of {p > 0.5} with the true region, if p are true probabilities.

    It is approximated by the ratio of the two expectations: Σ p inside / (pixels inside + Σ p outside).
    """
    inside = probability > 0.5
    if not inside.any():
        return 0.0
    return float(probability[inside].sum() / (inside.sum() + probability[~inside].sum()))


def _named(name: str) -> Finder:
    if name in ("auto", "rooms"):
        return RoomsFinder()
    if name == "edges":
        return EdgesFinder()
    raise SettingError(
        f"finder cannot be {name!r}: choose {', '.join(FINDERS)}, or a finder from wallpaint.load_finder."
    )
