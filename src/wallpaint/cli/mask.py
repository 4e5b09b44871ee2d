"""``wallpaint mask``: find the wall of a photo, by clicks, by outlines, or by a model."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, cast

import typer

from wallpaint.cli import options
from wallpaint.cli.outputs import beside
from wallpaint.cli.terminal import say, step
from wallpaint.errors import EmptyMaskError, FullMaskError, MissingExtraError, MissingWeightsError, SettingError

if TYPE_CHECKING:
    import numpy as np

    from wallpaint.mask import Edges
    from wallpaint.mask.select import Click, Polygon

_HOW = (
    "say where the wall is: --keep X,Y on the wall (and --drop X,Y on what is not), or --polygon; or fetch a model "
    "that finds walls by itself: wallpaint models pull wall-segmenter"
)


def mask(
    photo: options.Photo,
    output: Annotated[
        Path | None, typer.Option("--output", "-o", help="Where the mask goes; PHOTO-wall.png if not given.")
    ] = None,
    keep: Annotated[
        list[str] | None,
        typer.Option("--keep", "-k", help="X,Y of a point that is wall, in pixels from the top left. One or several."),
    ] = None,
    drop: Annotated[
        list[str] | None, typer.Option("--drop", "-d", help="X,Y of a point that is not. One or several.")
    ] = None,
    polygon: Annotated[
        list[str] | None,
        typer.Option(help='Corners of an area that is wall, whatever it looks like: "10,20 300,20 300,200".'),
    ] = None,
    cut: Annotated[list[str] | None, typer.Option(help="Corners of an area that is not wall, likewise.")] = None,
    model: Annotated[
        str | None,
        typer.Option(
            help="Start from what a model takes for walls: wall-segmenter, a folder or a hub id. Without clicks and "
            "polygons, wall-segmenter if it is on this machine."
        ),
    ] = None,
    edges: options.Edges = "refined",
    preview: Annotated[
        Path | None, typer.Option(help="Also write a picture to check by: the wall as it is, the rest dimmed.")
    ] = None,
) -> None:
    """Find the wall of a photo: white in the mask that is written.

    [bold]wallpaint mask room.jpg --keep 420,180 -o wall.png --preview look.png[/bold]

    Look at the preview. What is missing, keep; what is too much, drop; three to five points do for most rooms:

    [bold]wallpaint mask room.jpg --keep 420,180 700,220 --drop 400,640 -o wall.png --preview look.png[/bold]

    Or let a model begin (pip install 'wallpaint\\[diffusion]'; wallpaint models pull wall-segmenter), and mend it:

    [bold]wallpaint mask room.jpg --model wall-segmenter --drop 400,640 -o wall.png[/bold]
    """
    with step("Loading"):
        import numpy as np

        from wallpaint.mask.select import Click, Polygon, overlay, parse_corners, parse_point
        from wallpaint.photo import mask_picture, read_photo, write_photo

    points, areas = ((True, keep), (False, drop)), ((True, polygon), (False, cut))
    clicks = [Click(*parse_point(text), kept) for kept, texts in points for text in texts or []]
    shapes = [Polygon(parse_corners(text), kept) for kept, texts in areas for text in texts or []]
    path = output or beside(photo, "-wall.png")
    pixels = read_photo(photo)
    with step("Looking for the wall", compiles=edges == "refined"):
        found = _found(pixels, clicks, shapes, model)
        wall = _with_edges(pixels, found, cast("Edges", edges), photo)  # finding the region refuses others
    write_photo(path, np.repeat(mask_picture(wall)[..., None], 3, axis=-1), source=photo)
    if preview:
        write_photo(preview, overlay(pixels, wall, clicks), source=photo)
    say(f"{path}: {(wall > 0.5).mean():.1%} of the photo is wall")


def _found(pixels: np.ndarray, clicks: list[Click], shapes: list[Polygon], model: str | None) -> np.ndarray:
    """(H, W) float32, 0 or 1."""
    from wallpaint.mask.select import WallSelector, find_wall

    by_hand = any(click.keep for click in clicks) or any(shape.keep for shape in shapes)
    begun = None if model is None and by_hand else _segmented(pixels, model)
    return find_wall(WallSelector(pixels), clicks, shapes, begun)


def _segmented(pixels: np.ndarray, model: str | None) -> np.ndarray:
    try:
        from wallpaint.diffusion import WallSegmenter

        return WallSegmenter(model or "wall-segmenter").segment(pixels)
    except (MissingWeightsError, MissingExtraError):
        if model:
            raise
        raise SettingError(_HOW) from None


def _with_edges(pixels: np.ndarray, wall: np.ndarray, edges: Edges, photo: Path) -> np.ndarray:
    from wallpaint.mask import find_region

    covered = wall > 0.5
    if not covered.any():
        raise EmptyMaskError(photo, "no wall was found. Keep a point of it: --keep X,Y.")
    if covered.all():
        raise FullMaskError(photo, "everything was taken for wall. Drop a point that is not: --drop X,Y.")
    return find_region(pixels, wall, edges).alpha
