"""``wallpaint paint``: paint one photo in one colour."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from wallpaint.cli import options
from wallpaint.cli.diffusion import DiffusionOptions, sampling_progress, takes_diffusion_options
from wallpaint.cli.outputs import beside, refuse_losses
from wallpaint.cli.terminal import print_json, say, show_metrics, step
from wallpaint.cli.wall_choice import WallOptions, takes_wall_options
from wallpaint.errors import SettingError


@takes_diffusion_options
@takes_wall_options
def paint(
    photo: options.Photo,
    color: Annotated[
        str | None,
        typer.Option(
            "--color", "-c", help='"#B9A08C", "185,160,140", "lab(67,7,14)", a CSS name or a name in a catalogue.'
        ),
    ] = None,
    texture: Annotated[
        Path | None, typer.Option(help="Picture of one repeat of a pattern, instead of a colour.")
    ] = None,
    output: Annotated[
        Path | None,
        typer.Option("--output", "-o", help="The painted photo; PHOTO-painted.png if not given."),
    ] = None,
    compare: Annotated[Path | None, typer.Option(help="Also write before and after side by side.")] = None,
    edges: options.Edges = "refined",
    edge_width: options.EdgeWidth = None,
    corners: Annotated[
        str | None,
        typer.Option(
            help="With --texture: an upright rectangle on the wall: x,y of top left, top right, bottom right and "
            'bottom left: "102,80 900,40 890,700 110,640". Estimated from the mask if not given.'
        ),
    ] = None,
    repeats: Annotated[
        float, typer.Option(help="With --texture: repeats between the left and the right corners.")
    ] = 4.0,
    catalog: options.Catalogs = None,
    raw: Annotated[
        Path | None, typer.Option(help="With --model: also write the picture before the colour lock.")
    ] = None,
    bounce: options.Bounce = False,
    as_json: options.AsJson = False,
    *,
    wall: WallOptions,
    diffusion: DiffusionOptions,
) -> None:
    """Repaint the wall of a photo.

    [bold]wallpaint paint room.jpg --color "#B9A08C" -o painted.png[/bold]

    finds the walls, and says how sure it is. One wall by a point on it, in pixels from the top left; or any wall by a
    mask, which wallpaint mask makes:

    [bold]wallpaint paint room.jpg --keep 420,180 --drop 400,640 --color "#B9A08C" --save-mask[/bold]

    [bold]wallpaint paint room.jpg --mask wall.png --color "#B9A08C" -o painted.png[/bold]

    The median of the wall becomes exactly this colour, its light and shadow stay the photo's, and no byte changes
    outside the mask (in PNG, WebP and TIFF files; JPEG compression changes bytes).

    With --model a diffusion model paints, conditioned by the colour alone, and the colour lock makes the median exact:

    [bold]wallpaint models pull sd15 ip-adapter-plus[/bold]  (4.7 GB, once)

    [bold]wallpaint paint room.jpg --color "#B9A08C" --model sd15[/bold]
    """
    if (color is None) == (texture is None):
        raise SettingError("give either --color or --texture to paint with.")
    with step("Loading"):
        from wallpaint.color import parse_color, read_catalog
        from wallpaint.photo import write_photo
        from wallpaint.reference import read_texture
        from wallpaint.sheet import before_and_after, save_sheet
    path = output or beside(photo, "-painted.png")
    if raw is not None and diffusion.chosen_model is None:
        raise SettingError("--raw needs a diffusion model: the albedo engine has no picture before the colour lock.")
    outputs = [path, *(extra for extra in (compare, raw, wall.mask_file(photo, path.parent)) if extra)]
    refuse_losses(outputs, [*wall.inputs(), *(extra for extra in (texture, diffusion.depth_map) if extra)])
    catalogs = [read_catalog(path) for path in catalog or []]
    reference = read_texture(texture) if texture else parse_color(color or "", catalogs)
    rectangle = parse_corners(corners) if corners else None
    with step("Loading the model" if diffusion.chosen_model else "Loading"):
        repainter = diffusion.repainter(edges, edge_width, bounce=bounce)
    room = wall.open(repainter, photo, path.parent, diffusion.depth_map)
    diffusion.require_use_of_depth(room)
    if repainter.engine.remark is not None:
        say(repainter.engine.remark, err=True)
    with sampling_progress(repainter, "Painting") as callback:
        painted = room.paint(reference, corners=rectangle, repeats=repeats, callback=callback)
    with step("Measuring and writing"):
        painted.save(path)
        if compare:
            save_sheet(before_and_after(painted), compare, source=photo)
        if raw and painted.raw is not None:
            write_photo(raw, painted.raw, metadata=painted.provenance(), source=photo)
    before_lock = {} if painted.raw_metrics is None else {"raw": painted.raw_metrics}
    report = wall.report(room, photo, path.parent, as_json)
    if as_json:
        print_json({"output": str(path), "reference": painted.color.hex, **painted.metrics, **before_lock, **report})
    else:
        show_metrics(painted.metrics, f"{path}: {painted.color}", painted.raw_metrics)


def parse_corners(text: str) -> list[tuple[float, float]]:
    """Four (x, y) points, in the order written."""
    try:
        numbers = [float(number) for number in text.replace(";", " ").replace(",", " ").split()]
    except ValueError:
        numbers = []
    if len(numbers) != 8:
        raise SettingError(f'--corners takes four points such as "102,80 900,40 890,700 110,640"; it was {text!r}.')
    return list(zip(numbers[::2], numbers[1::2], strict=True))
