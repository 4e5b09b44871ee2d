"""``wallpaint palette``: one photo, many colours."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from wallpaint.cli import options
from wallpaint.cli.terminal import print_json, progress_bar, step


def palette(
    photo: options.Photo,
    colors: Annotated[
        list[str], typer.Argument(help="Colours, in any form `paint --color` takes.", show_default=False)
    ],
    mask: options.Mask,
    output: Annotated[
        Path | None, typer.Option("--output", "-o", help="Folder for the pictures; PHOTO-palette if not given.")
    ] = None,
    edges: options.Edges = "refined",
    edge_width: options.EdgeWidth = None,
    invert_mask: options.InvertMask = False,
    catalog: options.Catalogs = None,
    as_json: options.AsJson = False,
) -> None:
    """Try many colours on one photo: a picture each, and a sheet of all.

    [bold]wallpaint palette room.jpg "#B9A08C" darkseagreen "lab(40,30,20)" --mask wall.png -o palette[/bold]

    The photo is looked at once, so each further colour costs little.
    """
    with step("Loading"):
        from wallpaint.color import parse_color, read_catalog
        from wallpaint.painter import Repainter
        from wallpaint.sheet import contact_sheet, save_sheet, thumbnail
    catalogs = [read_catalog(path) for path in catalog or []]
    references = [parse_color(color, catalogs) for color in colors]
    folder = output or photo.with_name(f"{photo.stem}-palette")
    with step("Looking at the photo", compiles=True):
        room = Repainter(edges=edges, edge_width=edge_width).open(photo, mask, invert_mask=invert_mask)  # type: ignore[arg-type]
    results, thumbnails = [], [(f"photo {room.color.hex}", thumbnail(room.pixels))]
    with progress_bar() as progress:
        for number, reference in enumerate(progress.track(references, description="Painting"), start=1):
            painted = room.paint(reference)
            name = reference.name or reference.hex.removeprefix("#")
            path = painted.save(folder / f"{number:02d}-{_file_name(name)}.png")
            thumbnails.append(
                (f"{reference}  CIEDE2000 {painted.metrics['delta_e_2000_median']:.2f}", thumbnail(painted.image))
            )
            results.append({"output": str(path), "reference": reference.hex, **painted.metrics})
    sheet = save_sheet(contact_sheet(thumbnails), folder / "sheet.png", source=photo)
    if as_json:
        print_json({"sheet": str(sheet), "results": results})
    else:
        typer.echo(f"{len(results)} pictures and {sheet}")


def _file_name(name: str) -> str:
    return "".join(character if character.isalnum() else "-" for character in name)
