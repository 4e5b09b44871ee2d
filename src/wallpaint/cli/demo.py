"""``wallpaint demo``: the whole thing on the room that comes with the package."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from wallpaint.cli.terminal import show_metrics, step

_PALETTE = ("#F2EFE6", "#B9A08C", "#7A9E7E", "#2F4858", "#C1440E", "#1B1B1B", "#D9B44A", "#8C6FB0")


def demo(
    color: Annotated[str, typer.Option("--color", "-c", help="What to paint the example room.")] = "#7A9E7E",
    output: Annotated[Path, typer.Option("--output", "-o", help="Folder for the pictures.")] = Path("demo"),
) -> None:
    """Paint the room that comes with wallpaint: a picture, a before and after, a palette, and the metrics."""
    with step("Loading"):
        from wallpaint.color import parse_color
        from wallpaint.example import example_room
        from wallpaint.painter import Repainter
        from wallpaint.sheet import before_and_after, contact_sheet, save_sheet, thumbnail

        reference = parse_color(color)
    with step("Looking at the photo", compiles=True):
        room = Repainter().open(*example_room())
    with step("Painting"):
        painted = room.paint(reference)
        path = painted.save(output / "painted.png")
        compared = save_sheet(before_and_after(painted), output / "before-after.png")
        others = [(str(each.color), thumbnail(each.image, 320)) for each in room.palette(_PALETTE)]
        palette = save_sheet(contact_sheet(others, columns=4), output / "palette.png")
    show_metrics(painted.metrics, f"{path}: {painted.color}")
    typer.echo(f"before and after: {compared}\npalette: {palette}")
