"""``wallpaint palette``: paint one photo in many colours."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from wallpaint.cli import options
from wallpaint.cli.diffusion import DiffusionOptions, takes_diffusion_options
from wallpaint.cli.outputs import beside, cut_to_bytes, refuse_losses
from wallpaint.cli.terminal import print_json, progress_bar, say, step
from wallpaint.cli.wall_choice import WallOptions, takes_wall_options

_LONGEST_NAME = 120  # bytes of a colour's name in the name of its file


@takes_diffusion_options
@takes_wall_options
def palette(
    photo: options.Photo,
    colors: Annotated[
        list[str], typer.Argument(help="Colours, in any notation of `paint --color`.", show_default=False)
    ],
    output: Annotated[
        Path | None, typer.Option("--output", "-o", help="Folder for the pictures; PHOTO-palette if not given.")
    ] = None,
    edges: options.Edges = "refined",
    edge_width: options.EdgeWidth = None,
    catalog: options.Catalogs = None,
    bounce: options.Bounce = False,
    as_json: options.AsJson = False,
    *,
    wall: WallOptions,
    diffusion: DiffusionOptions,
) -> None:
    """Paint one photo in many colours: one picture per colour, and a sheet of all.

    [bold]wallpaint palette room.jpg "#B9A08C" darkseagreen "lab(40,30,20)" -o palette[/bold]

    The wall is found, or chosen as in paint: --keep 420,180, or --mask wall.png. The photo is opened once, so each
    further colour costs little.

    With [bold]--model sd15[/bold] a diffusion model paints --batch-size colours at once. Download it once:

    [bold]wallpaint models pull sd15 ip-adapter-plus[/bold]
    """
    with step("Loading"):
        from wallpaint.color import parse_color, read_catalog
        from wallpaint.sheet import contact_sheet, save_sheet, thumbnail
    catalogs = [read_catalog(path) for path in catalog or []]
    references = [parse_color(color, catalogs) for color in colors]
    folder = output or beside(photo, "-palette")
    if (mask := wall.mask_file(photo, folder)) is not None:
        refuse_losses([mask], wall.inputs())
    with step("Loading the model" if diffusion.chosen_model else "Loading"):
        repainter = diffusion.repainter(edges, edge_width, bounce=bounce)
    room = wall.open(repainter, photo, folder, diffusion.depth_map)
    diffusion.require_use_of_depth(room)
    if repainter.engine.remark is not None:
        say(repainter.engine.remark, err=True)
    results: list[dict[str, object]] = []
    thumbnails = [(f"photo {room.color.hex}", thumbnail(room.pixels))]
    together = repainter.engine.batch_size
    batches = [references[first : first + together] for first in range(0, len(references), together)]
    with progress_bar() as progress:
        task = progress.add_task("Painting", total=len(references))
        for batch in batches:
            before = len(results)

            def advance(step: int, steps: int, before: int = before, count: int = len(batch)) -> None:
                progress.update(task, completed=before + count * step / steps)

            for painted in room.palette(batch, callback=advance):
                number = len(results) + 1
                name = painted.color.name or painted.color.hex.removeprefix("#")
                path = painted.save(folder / f"{number:02d}-{_file_name(name)}.png")
                caption = f"{painted.color}  CIEDE2000 {painted.metrics['delta_e_2000_median']:.2f}"
                thumbnails.append((caption, thumbnail(painted.image)))
                results.append({"output": str(path), "reference": painted.color.hex, **painted.metrics})
            progress.update(task, completed=len(results))
    sheet = save_sheet(contact_sheet(thumbnails), folder / "sheet.png", source=photo)
    report = wall.report(room, photo, folder, as_json)
    if as_json:
        print_json({"sheet": str(sheet), "results": results, **report})
    else:
        say(f"{len(results)} pictures and {sheet}")


def _file_name(name: str) -> str:
    return cut_to_bytes("".join(character if character.isalnum() else "-" for character in name), _LONGEST_NAME)
