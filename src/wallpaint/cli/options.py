"""Options that several commands take, worded once."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

Photo = Annotated[Path, typer.Argument(help="The room: JPEG, PNG, WebP, TIFF, …", show_default=False)]
Mask = Annotated[
    Path, typer.Option("--mask", "-m", help="A picture of the photo's size: white is wall.", show_default=False)
]
InvertMask = Annotated[bool, typer.Option("--invert-mask", help="In the mask, black is wall.")]
Edges = Annotated[
    str,
    typer.Option(
        help="[bold]refined[/bold]: unmix the pixels within a few of a binary mask's edge. "
        "[bold]hard[/bold]: touch nothing but the mask's white pixels."
    ),
]
EdgeWidth = Annotated[
    int | None,
    typer.Option(help="How many pixels to either side of the edge may be refined; by the photo's size if not given."),
]
Catalogs = Annotated[
    list[Path] | None,
    typer.Option(
        "--catalog",
        help="A CSV file of named colours, with columns name and hex; paints.csv#Label,HTML for columns of other "
        "names. May be given more than once.",
    ),
]
Bounce = Annotated[
    bool,
    typer.Option(
        "--bounce", help="Also paint what the wall's new light does to ceiling, floor and furniture: outside the mask."
    ),
]
AsJson = Annotated[bool, typer.Option("--json", help="Print the metrics as JSON.")]
