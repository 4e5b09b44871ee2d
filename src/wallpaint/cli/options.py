"""Options shared by several commands."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

Photo = Annotated[Path, typer.Argument(help="Photo of the room: JPEG, PNG, WebP, TIFF, …", show_default=False)]
InvertMask = Annotated[bool, typer.Option("--invert-mask", help="Black is wall in the mask.")]
Edges = Annotated[
    str,
    typer.Option(
        help="[bold]refined[/bold]: unmix the pixels near a binary mask's edge. "
        "[bold]hard[/bold]: change only the mask's white pixels."
    ),
]
EdgeWidth = Annotated[
    int | None,
    typer.Option(
        help="Pixels to either side of the edge that may be refined; depends on the photo's size if not given."
    ),
]
Catalogs = Annotated[
    list[Path] | None,
    typer.Option(
        "--catalog",
        help="CSV file of named colours with the columns name and hex; paints.csv#Label,HTML for columns with other "
        "names. Can be repeated.",
    ),
]
Bounce = Annotated[
    bool,
    typer.Option(
        "--bounce", help="Also change the light that the wall throws on ceiling, floor and furniture, outside the mask."
    ),
]
AsJson = Annotated[bool, typer.Option("--json", help="Print the metrics as JSON.")]
