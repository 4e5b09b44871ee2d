"""``wallpaint measure``: colour error of a painted picture."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from wallpaint.cli import options
from wallpaint.cli.terminal import print_json, show_metrics, step


def measure(
    reference: Annotated[str, typer.Argument(help="A colour, or the file of a swatch.", show_default=False)],
    output: Annotated[Path, typer.Argument(help="The painted picture.", show_default=False)],
    mask: Annotated[Path, typer.Argument(help="The wall's mask; white is wall.", show_default=False)],
    source: Annotated[
        Path | None, typer.Option(help="The photo before painting, to compare shading and surroundings too.")
    ] = None,
    edges: options.Edges = "refined",
    edge_width: options.EdgeWidth = None,
    invert_mask: options.InvertMask = False,
    catalog: options.Catalogs = None,
    as_json: options.AsJson = False,
) -> None:
    """Measure the colour of a wall against a reference, on masked pixels only.

    [bold]wallpaint measure "#B9A08C" painted.png wall.png --source room.jpg[/bold]

    With --source, a byte counts as outside if painting with these --edges and --edge-width cannot change it.
    """
    with step("Measuring"):
        from wallpaint.color import Color, parse_color, read_catalog
        from wallpaint.errors import ColorError, FileError
        from wallpaint.mask import read_mask
        from wallpaint.metrics import measure_painting
        from wallpaint.photo import read_photo
        from wallpaint.reference import TextureSample, read_texture

        pixels = read_photo(output)
        alpha = read_mask(mask, pixels.shape[:2], invert=invert_mask)
        catalogs = [read_catalog(path) for path in catalog or []]
        try:
            asked: Color | TextureSample = parse_color(reference, catalogs)
        except ColorError:
            if not Path(reference).is_file():
                raise
            asked = read_texture(reference)
        before = read_photo(source) if source else None
        if before is not None and before.shape != pixels.shape:
            sizes = ["{1} × {0} pixels".format(*picture.shape) for picture in (before, pixels)]
            raise FileError(source, f"has {sizes[0]}, {output} has {sizes[1]}. Give the photo it was painted from.")
        metrics = measure_painting(asked, pixels, alpha, before, edges, edge_width)  # type: ignore[arg-type]
    if as_json:
        print_json({"output": str(output), "reference": reference, **metrics})
    else:
        show_metrics(metrics, f"{output} against {reference}")
