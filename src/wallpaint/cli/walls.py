"""``wallpaint walls``: paint several walls of one photo, each in its colour."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from wallpaint.cli import options
from wallpaint.cli.diffusion import DiffusionOptions, sampling_progress, takes_diffusion_options
from wallpaint.cli.outputs import beside, refuse_losses
from wallpaint.cli.terminal import print_json, say, step
from wallpaint.errors import FileError


@takes_diffusion_options
def walls(
    photo: options.Photo,
    layers: Annotated[
        Path,
        typer.Argument(
            help='ZIP archive or folder of masks and colours: "All walls" of the page, or the output of write_layers.',
            show_default=False,
        ),
    ],
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

    [bold]wallpaint walls room.jpg walls.zip -o painted.png[/bold]

    walls.zip contains one mask per wall, and layers.json:

    {"layers": [{"name": "north", "color": "#b9a08c", "mask": "1-north.png"}, …]}
    """
    with step("Loading"):
        from wallpaint.mask.select import read_layers
        from wallpaint.photo import read_photo, write_photo
    path = output or beside(photo, "-painted.png")
    refuse_losses([path], [layers])
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
