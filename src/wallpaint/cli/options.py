"""Options that several commands share."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

Photo = Annotated[Path, typer.Argument(help="Photo of the room: JPEG, PNG, WebP, TIFF, …", show_default=False)]
Mask = Annotated[
    Path,
    typer.Option(
        "--mask", "-m", help="Mask of the wall, a picture of the photo's size: white is wall.", show_default=False
    ),
]
InvertMask = Annotated[bool, typer.Option("--invert-mask", help="In the mask, black is wall.")]
Edges = Annotated[
    str,
    typer.Option(
        help="[bold]refined[/bold]: unmix the pixels near the edge of a binary mask. "
        "[bold]hard[/bold]: change only the mask's white pixels."
    ),
]
EdgeWidth = Annotated[
    int | None,
    typer.Option(help="Pixels on either side of the edge that are refined; by default from the photo's size."),
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
        "--bounce",
        help="Also change ceiling, floor and furniture by the light that the new wall reflects: outside the mask.",
    ),
]
AsJson = Annotated[bool, typer.Option("--json", help="Print the metrics as JSON.")]
