"""``wallpaint mask``: select the wall of a photo by clicks, outlines or a model."""

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
    "no wall is given: use --keep X,Y on the wall (and --drop X,Y on what is not), or --polygon; or fetch a model that "
    "segments walls: wallpaint models pull wall-segmenter"
)


def mask(
    photo: options.Photo,
    output: Annotated[
        Path | None, typer.Option("--output", "-o", help="File for the mask; PHOTO-wall.png if not given.")
    ] = None,
    keep: Annotated[
        list[str] | None,
        typer.Option("--keep", "-k", help="X,Y of one or several points on the wall, in pixels from the top left."),
    ] = None,
    drop: Annotated[
        list[str] | None, typer.Option("--drop", "-d", help="X,Y of one or several points that are not wall.")
    ] = None,
    polygon: Annotated[
        list[str] | None,
        typer.Option(help='Corners of an area that is wall in any case: "10,20 300,20 300,200".'),
    ] = None,
    cut: Annotated[list[str] | None, typer.Option(help="Corners of an area that is not wall in any case.")] = None,
    model: Annotated[
        str | None,
        typer.Option(
            help="Start from the walls that a model segments: wall-segmenter, a folder or a hub id. Without clicks and "
            "polygons: wall-segmenter, if it is on this machine."
        ),
    ] = None,
    edges: options.Edges = "refined",
    preview: Annotated[
        Path | None, typer.Option(help="Also write a picture for checking: the wall as it is, the rest dimmed.")
    ] = None,
) -> None:
    """Select the wall of a photo, and write a mask in which it is white.

    [bold]wallpaint mask room.jpg --keep 420,180 -o wall.png --preview look.png[/bold]

    Check the preview. Add --keep points where wall is missing and --drop points where there is too much; three to five
    points are enough for most rooms:

    [bold]wallpaint mask room.jpg --keep 420,180 700,220 --drop 400,640 -o wall.png --preview look.png[/bold]

    Or start from a model's mask (pip install 'wallpaint\\[diffusion]'; wallpaint models pull wall-segmenter), and
    correct it:

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
    with step("Selecting the wall", compiles=edges == "refined"):
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
    initial = None if model is None and by_hand else _segmented(pixels, model)
    return find_wall(WallSelector(pixels), clicks, shapes, initial)


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
        raise EmptyMaskError(photo, "no wall was found. Give a point on it: --keep X,Y.")
    if covered.all():
        raise FullMaskError(photo, "the whole photo was selected. Give a point that is not wall: --drop X,Y.")
    return find_region(pixels, wall, edges).alpha
