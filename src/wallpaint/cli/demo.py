"""``wallpaint demo``: paint the sample room."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path
from typing import Annotated

import typer

from wallpaint.cli.terminal import say, show_metrics, step
from wallpaint.errors import MissingExtraError

_PALETTE = ("#F2EFE6", "#B9A08C", "#7A9E7E", "#2F4858", "#C1440E", "#1B1B1B", "#D9B44A", "#8C6FB0")


def demo(
    color: Annotated[str, typer.Option("--color", "-c", help="Colour of the sample room.")] = "#7A9E7E",
    output: Annotated[Path, typer.Option("--output", "-o", help="Folder for the pictures.")] = Path("demo"),
) -> None:
    """Paint the sample room: the picture, before and after, a palette, and the metrics.

    Also paints a rendered room whose repainted truth is known, with each engine, and shows the error of each. The small
    diffusion model takes part if wallpaint[diffusion] is installed.
    """
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
    story = _story(output / "story.png")
    show_metrics(painted.metrics, f"{path}: {painted.color}")
    for name, place in {"before and after": compared, "palette": palette, "against physics": story}.items():
        say(f"{name}: {place}")


def _story(path: Path) -> Path:
    with step("Painting a room whose truth is known"):
        from wallpaint.evaluate.repaintbench.benchmark import METHODS
        from wallpaint.evaluate.repaintbench.demo_figure import demo_case, demo_sheet
        from wallpaint.evaluate.repaintbench.diffusion_methods import diffusion_methods
        from wallpaint.sheet import save_sheet

        methods = {"albedo": METHODS["wallpaint albedo"]}
        with suppress(MissingExtraError):
            mini = diffusion_methods("mini")
            methods |= {"mini, raw": mini["mini raw"], "mini, locked": mini["mini"]}
        return save_sheet(demo_sheet(demo_case(), methods), path)
