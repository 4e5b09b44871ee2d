"""``wallpaint mask``: find the wall of a photo, or select it by clicks and outlines."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, cast

import typer

from wallpaint.cli import options
from wallpaint.cli.outputs import beside, refuse_losses
from wallpaint.cli.page_on_photo import open_page_on
from wallpaint.cli.terminal import say, step
from wallpaint.cli.wall_choice import Drop, FinderName, Keep, Plane, described, finder_of, parse_clicks, write_mask
from wallpaint.errors import SettingError

if TYPE_CHECKING:
    from wallpaint.mask import Edges


def mask(
    photo: options.Photo,
    output: Annotated[
        Path | None, typer.Option("--output", "-o", help="File for the mask; PHOTO-wall.png if not given.")
    ] = None,
    preview: Annotated[
        Path | None, typer.Option(help="Also write a picture for checking: the wall as it is, the rest dimmed.")
    ] = None,
    interactive: Annotated[
        bool,
        typer.Option(
            "--interactive", "-i", help="Open the photo on the page of wallpaint serve, and click there. Extra: web."
        ),
    ] = False,
    keep: Keep = None,
    drop: Drop = None,
    plane: Plane = False,
    polygon: Annotated[
        list[str] | None,
        typer.Option(help='Corners of an area that is wall in any case: "10,20 300,20 300,200".'),
    ] = None,
    cut: Annotated[list[str] | None, typer.Option(help="Corners of an area that is not wall in any case.")] = None,
    given: Annotated[
        Path | None,
        typer.Option("--mask", "-m", help="Mask to correct by the other options; white is wall.", show_default=False),
    ] = None,
    finder: FinderName = "auto",
    model: Annotated[str | None, typer.Option(hidden=True, help="The name of --finder before.")] = None,
    edges: options.Edges = "refined",
) -> None:
    """Find the wall of a photo, and write a mask in which it is white.

    [bold]wallpaint mask room.jpg -o wall.png --preview look.png[/bold]

    finds all walls. Or click on the page that opens, and download the mask there:

    [bold]wallpaint mask --interactive room.jpg[/bold]

    Or give points, in pixels from the top left. The first --keep selects the wall in that paint, without the other
    walls. Look at the preview, and add --keep where wall is missing and --drop where there is too much:

    [bold]wallpaint mask room.jpg --keep 420,180 700,220 --drop 400,640 -o wall.png --preview look.png[/bold]

    With --mask the points correct a mask:

    [bold]wallpaint mask room.jpg --mask wall.png --drop 400,640 -o better.png[/bold]
    """
    finder = model or finder
    clicks = parse_clicks(keep, drop)
    if interactive:
        if clicks or polygon or cut or given or output or preview or plane:
            raise SettingError("--interactive: points and files are chosen on the page. Leave out the other options.")
        open_page_on(photo, finder_of(finder))
        return
    with step("Loading"):
        from wallpaint.mask.select import LEAST_CONFIDENCE, Polygon, WallSelector, overlay, parse_corners, require_wall
        from wallpaint.mask.turn import read_mask_of_photo
        from wallpaint.photo import read_photo, write_photo
    areas = ((True, polygon), (False, cut))
    shapes = [Polygon(parse_corners(text), kept) for kept, texts in areas for text in texts or []]
    path = output or beside(photo, "-wall.png")
    refuse_losses([path, *([preview] if preview else [])], [])
    pixels = read_photo(photo)
    with step("Finding the wall", compiles=edges == "refined"):
        initial = None if given is None else read_mask_of_photo(given, photo, pixels)
        found = WallSelector(pixels, finder_of(finder)).select(
            clicks,
            polygons=shapes,
            initial_mask=initial,
            plane=plane,
            edges=cast("Edges", edges),  # the selector refuses others
        )
    wall = require_wall(found, photo, automatic=False)
    write_mask(path, wall, photo)
    if preview:
        write_photo(preview, overlay(pixels, wall, clicks), source=photo)
    say(f"{path}: the wall is {described(found)}")
    if not clicks and not shapes and found.confidence < LEAST_CONFIDENCE:
        say(f"note: check it: a confidence below {LEAST_CONFIDENCE:.2f} is low. Add --keep X,Y on the wall.", err=True)
