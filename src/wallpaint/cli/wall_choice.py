"""Choice of the wall: a mask, points, or neither, with options that are the same in every command that paints."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, fields, replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, get_type_hints

import typer

from wallpaint.cli.outputs import beside, refuse_losses
from wallpaint.cli.sampling import with_parameters
from wallpaint.cli.terminal import say, step
from wallpaint.errors import MaskError, SettingError, Source

if TYPE_CHECKING:
    import numpy as np

    from wallpaint.mask.select import Click, Finder, SelectedWall
    from wallpaint.painter import Repainter, Room

_PANEL = "The wall: without these options it is found"

Keep = Annotated[
    list[str] | None,
    typer.Option(
        "--keep",
        "-k",
        help="X,Y of one or several points on the wall, in pixels from the top left.",
        rich_help_panel=_PANEL,
    ),
]
Drop = Annotated[
    list[str] | None,
    typer.Option("--drop", "-d", help="X,Y of one or several points that are not wall.", rich_help_panel=_PANEL),
]
FinderName = Annotated[
    str,
    typer.Option(
        "--finder",
        help="[bold]rooms[/bold]: the network that comes with wallpaint, also called [bold]auto[/bold]. "
        "[bold]edges[/bold]: no network, needs --keep. [bold]sam2[/bold], [bold]ade[/bold], a folder or a hub id: "
        "models of wallpaint\\[diffusion].",
        rich_help_panel=_PANEL,
    ),
]
Plane = Annotated[
    bool,
    typer.Option(
        "--plane", help="Only the flat surfaces at the --keep points, not around corners.", rich_help_panel=_PANEL
    ),
]


@dataclass(frozen=True)
class WallOptions:
    """Options that say which wall to paint."""

    mask: Annotated[
        Path | None,
        typer.Option(
            "--mask",
            "-m",
            help="Mask of the photo's size; white is wall. --keep and --drop correct it.",
            show_default=False,
            rich_help_panel=_PANEL,
        ),
    ] = None
    invert_mask: Annotated[
        bool, typer.Option("--invert-mask", help="Black is wall in the mask.", rich_help_panel=_PANEL)
    ] = False
    keep: Keep = None
    drop: Drop = None
    plane: Plane = False
    finder: FinderName = "auto"
    save_mask: Annotated[
        str | None,
        typer.Option(
            "--save-mask",
            metavar="[FILE]",
            help="Also write the mask; without FILE as PHOTO-wall.png beside the result.",
            rich_help_panel=_PANEL,
        ),
    ] = None

    def inputs(self) -> list[Path]:
        """Files that are read."""
        return [self.mask] if self.mask else []

    def mask_file(self, photo: Path, folder: Path) -> Path | None:
        """File for the mask; None if it is not written."""
        if self.save_mask is None:
            return None
        return Path(self.save_mask) if self.save_mask else beside(folder / photo.name, "-wall.png")

    def open(self, repainter: Repainter, photo: Path, folder: Path, depth: Source | None = None) -> Room:
        """Open a photo with the wall of these options.

        Parameters
        ----------
        repainter : Repainter
        photo : Path
        folder : Path
            Where the result goes, and with it the mask, or a preview of a wall that is not certain.
        depth : path, optional
            See `Repainter.open`.

        Raises
        ------
        MaskError
            No wall was found, or its confidence is too low and no point was given.
        SettingError
            Options contradict each other.
        """
        clicks = parse_clicks(self.keep, self.drop)
        self._refuse_unused(clicks)
        if self.mask is not None and not clicks:
            with step("Looking at the photo", compiles=True):
                return repainter.open(photo, self.mask, invert_mask=self.invert_mask, depth=depth)
        with step("Finding the wall"):
            from wallpaint.mask.select import WallSelector
            from wallpaint.mask.turn import read_mask_of_photo
            from wallpaint.photo import read_photo

            pixels = read_photo(photo)
            given = None
            if self.mask is not None:
                given = read_mask_of_photo(self.mask, photo, pixels, invert=self.invert_mask)
            selector = WallSelector(pixels, finder_of(self.finder))
            found = selector.select(clicks, initial_mask=given, plane=self.plane, edges="hard")
        preview = beside(folder / photo.name, "-wall-preview.png")
        wall = certain_wall(found, photo, pixels, clicks, preview, self.inputs())
        if path := self.mask_file(photo, folder):
            write_mask(path, wall, photo)
        with step("Looking at the photo", compiles=True):
            room = repainter.open(pixels, wall, depth=depth)
        return replace(room, source=photo, found=found)

    def report(self, room: Room, photo: Path, folder: Path, as_json: bool) -> dict[str, object]:
        """Print the share and the confidence of a wall that was found, or return them for JSON."""
        if room.found is None:
            return {}
        path = self.mask_file(photo, folder)
        if as_json:
            mask = None if path is None else str(path)
            return {"wall": {"share": room.found.share, "confidence": room.found.confidence, "mask": mask}}
        say(f"wall found: {described(room.found)}" + (f", mask: {path}" if path else ""))
        return {}

    def _refuse_unused(self, clicks: Sequence[Click]) -> None:
        if self.mask is None and self.invert_mask:
            raise SettingError("there is no mask to invert: leave out --invert-mask, or give --mask.")
        chosen = {"--plane": self.plane, "--finder": self.finder != "auto", "--save-mask": self.save_mask is not None}
        unused = [flag for flag, given in chosen.items() if given]
        if self.mask is not None and not clicks and unused:
            raise SettingError(
                f"{', '.join(unused)}: of no use with a finished mask. Leave out --mask, or correct it by --keep X,Y."
            )


def takes_wall_options(command: Callable[..., None]) -> Callable[..., None]:
    """Give a command whose parameter `wall` is a `WallOptions` one option for each of its fields."""
    hints = get_type_hints(WallOptions, include_extras=True)
    parameters: dict[str, tuple[Any, Any]] = {
        field.name: (hints[field.name], field.default) for field in fields(WallOptions)
    }
    return with_parameters(command, "wall", parameters, lambda given: WallOptions(**given))


def parse_clicks(keep: Sequence[str] | None, drop: Sequence[str] | None) -> list[Click]:
    """Clicks of the options --keep and --drop, "X,Y" each. Raises `SettingError`."""
    from wallpaint.mask.select import Click, parse_point

    return [Click(*parse_point(text), kept) for texts, kept in ((keep, True), (drop, False)) for text in texts or []]


def finder_of(name: str) -> Finder | str:
    """The finder of this name, loaded where it needs a model."""
    from wallpaint.mask.select.selector import FINDERS

    if name in FINDERS:
        return name
    from wallpaint import load_finder

    return load_finder(name)


def certain_wall(
    found: SelectedWall, photo: Path, pixels: np.ndarray, clicks: Sequence[Click], preview: Path, inputs: Sequence[Path]
) -> np.ndarray:
    """The mask of a selection that can be painted, see `require_wall`; otherwise a preview is written.

    Raises
    ------
    MaskError
        Its message names the preview.
    """
    from wallpaint.mask.select import overlay, require_wall
    from wallpaint.photo import write_photo

    try:
        return require_wall(found, photo, automatic=not clicks)
    except MaskError as error:
        refuse_losses([preview], inputs)
        write_photo(preview, overlay(pixels, found.mask, clicks), source=photo)
        raise type(error)(photo, f"{error.message} {preview} shows what was found.") from None


def write_mask(path: Path, wall: np.ndarray, photo: Path) -> None:
    """Write a mask, (H, W) float32 in [0, 1], as a grey picture in which white is wall."""
    import numpy as np

    from wallpaint.photo import mask_picture, write_photo

    write_photo(path, np.repeat(mask_picture(wall)[..., None], 3, axis=-1), source=photo)


def described(found: SelectedWall) -> str:
    """Share and confidence in words."""
    return f"{found.share:.1%} of the photo, confidence {found.confidence:.2f}"
