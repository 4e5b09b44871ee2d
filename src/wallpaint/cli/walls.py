"""``wallpaint walls``: paint several walls of one photo, each in its colour."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from wallpaint.cli import options
from wallpaint.cli.diffusion import DiffusionOptions, sampling_progress, takes_diffusion_options
from wallpaint.cli.outputs import beside, refuse_losses
from wallpaint.cli.terminal import print_json, say, step
from wallpaint.cli.wall_choice import FinderName, certain_wall, described, finder_of, parse_clicks
from wallpaint.errors import FileError, SettingError, quoted

if TYPE_CHECKING:
    import numpy as np

    from wallpaint.color import Color
    from wallpaint.mask.select import Click, Layer


@takes_diffusion_options
def walls(
    photo: options.Photo,
    layers: Annotated[
        Path | None,
        typer.Argument(
            help='ZIP archive or folder of masks and colours: "All walls" of the page, or written by --save-walls.',
            show_default=False,
        ),
    ] = None,
    wall: Annotated[
        list[str] | None,
        typer.Option(
            "--wall", "-w", help='Instead of LAYERS, once per wall: a point on it and its colour, "420,180=#B9A08C".'
        ),
    ] = None,
    plane: Annotated[
        bool, typer.Option("--plane", help="With --wall: only the flat surface at the point, not around corners.")
    ] = False,
    finder: FinderName = "auto",
    save_walls: Annotated[
        Path | None, typer.Option(help="With --wall: also write LAYERS, a ZIP archive or a folder.")
    ] = None,
    output: Annotated[
        Path | None,
        typer.Option("--output", "-o", help="The painted photo; PHOTO-painted.png if not given."),
    ] = None,
    edges: options.Edges = "refined",
    edge_width: options.EdgeWidth = None,
    bounce: options.Bounce = False,
    as_json: options.AsJson = False,
    *,
    diffusion: DiffusionOptions,
) -> None:
    """Repaint several walls of a photo, each in its colour; where they overlap, the later one wins.

    [bold]wallpaint walls room.jpg --wall "420,180=#B9A08C" --wall 900,200=navy --plane -o painted.png[/bold]

    Each --wall has points on it ("420,180 500,200=tan") and its colour. Or, with masks:

    [bold]wallpaint walls room.jpg walls.zip -o painted.png[/bold]

    walls.zip contains one mask per wall, and layers.json:

    {"layers": [{"name": "north", "color": "#b9a08c", "mask": "1-north.png"}, …]}
    """
    with step("Loading"):
        from wallpaint.mask.select import read_layers, write_layers
        from wallpaint.photo import read_photo, write_photo
    path = output or beside(photo, "-painted.png")
    if (layers is None) == (not wall):
        raise SettingError('say which walls: either an archive of masks, or --wall "X,Y=COLOR" once per wall.')
    if layers is not None and (plane or finder != "auto" or save_walls):
        raise SettingError("--plane, --finder and --save-walls need --wall: leave them out with an archive of masks.")
    refuse_losses([path, *([save_walls] if save_walls else [])], [layers] if layers else [])
    if layers is None:
        marked = [_marked(text) for text in wall or []]
        pixels = read_photo(photo)
        wanted = _found(marked, photo, pixels, finder, plane, as_json)
        if save_walls:
            write_layers(save_walls, wanted)
    else:
        pixels = read_photo(photo)
        wanted = read_layers(layers, pixels.shape[:2])
    for layer in wanted:
        if layer.color is None:
            raise FileError(layers, f"the wall {layer.name!r} has no colour. Give it one in its layers.json.")
    with step("Loading the model" if diffusion.chosen_model else "Loading"):
        repainter = diffusion.repainter(edges, edge_width, bounce=bounce)
    results: list[dict[str, object]] = []
    for layer in wanted:
        with step(f"Looking at {layer.name}", compiles=True):
            room = repainter.open(pixels, layer.mask, depth=diffusion.depth_map)
        diffusion.require_use_of_depth(room)
        with sampling_progress(repainter, f"Painting {layer.name}") as callback:
            assert layer.color is not None
            painted = room.paint(layer.color, callback=callback)
        pixels = painted.image
        results.append({"name": layer.name, "reference": layer.color.hex, **painted.metrics})
    write_photo(path, pixels, metadata=painted.provenance(), source=photo)
    if as_json:
        print_json({"output": str(path), "walls": results})
    else:
        for result in results:
            say(f"{result['name']}: {result['reference']}, CIEDE2000 {result['delta_e_2000_median']:.2f}")
        say(path)


def _marked(text: str) -> tuple[list[Click], Color]:
    """Clicks and colour of "X,Y X,Y=COLOR"."""
    from wallpaint.color import parse_color

    points, _, color = text.partition("=")
    if not points.strip() or not color.strip():
        raise SettingError(f'--wall takes points and a colour, such as "420,180=#B9A08C"; it was {quoted(text)}.')
    return parse_clicks(points.split(), None), parse_color(color.strip())


def _found(
    marked: Sequence[tuple[list[Click], Color]], photo: Path, pixels: np.ndarray, finder: str, plane: bool, quiet: bool
) -> list[Layer]:
    """The walls at some clicks, with their colours."""
    from wallpaint.mask.select import Layer, WallSelector

    layers = []
    with step("Finding the walls"):
        selector = WallSelector(pixels, finder_of(finder))
        selections = [selector.select(clicks, plane=plane, edges="hard") for clicks, _ in marked]
    for number, ((clicks, color), found) in enumerate(zip(marked, selections, strict=True), 1):
        mask = certain_wall(found, photo, pixels, clicks, beside(photo, "-wall-preview.png"), [])
        layers.append(Layer(f"wall {number}", mask, color))
        if not quiet:
            say(f"wall {number} found: {described(found)}")
    return layers
