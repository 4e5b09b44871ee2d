"""``wallpaint colors``: find a colour's name, or the names near a colour."""

from __future__ import annotations

import math
from typing import Annotated

import typer

from wallpaint.cli import options
from wallpaint.cli.terminal import show
from wallpaint.errors import CatalogError


def colors(
    words: Annotated[
        list[str] | None, typer.Argument(help="Words in the name; all colours if not given.", show_default=False)
    ] = None,
    near: Annotated[
        str | None, typer.Option(help="Show the colours nearest to this one instead, by CIEDE2000.")
    ] = None,
    count: Annotated[int, typer.Option(min=1, help="How many to show with --near.")] = 8,
    catalog: options.Catalogs = None,
) -> None:
    """Search the CSS colours and your own catalogues.

    [bold]wallpaint colors green[/bold]   [bold]wallpaint colors --near "#B9A08C" --catalog my-paints.csv[/bold]
    """
    from rich.table import Table
    from rich.text import Text

    from wallpaint.color import css_colors, nearest_of_all, parse_color, read_catalog

    catalogs = [*(read_catalog(path) for path in catalog or []), css_colors()]
    if near is not None:
        wanted = parse_color(near, catalogs)
        found = nearest_of_all(catalogs, wanted, count)
    else:
        found = [(each.title, color, math.nan) for each in catalogs for color in each.search(" ".join(words or []))]
    if not found:
        raise CatalogError(f"no colour name contains {' '.join(words or [])!r}. Try one word, or --near with a colour.")
    table = Table("", "name", "hex", "rgb", "L*, a*, b*", "ΔE2000" if near else "", "catalogue", box=None)
    for title, color, delta in found:
        lab = ", ".join(f"{value:.1f}" for value in color.lab)
        rgb = ",".join(str(channel) for channel in color.rgb8)
        swatch = Text("    ", style=f"on {color.hex}")
        table.add_row(swatch, color.name, color.hex, rgb, lab, f"{delta:.2f}" if near else "", title)
    show(table)
