"""``wallpaint data``: make and check training data."""

from __future__ import annotations

import typer

from wallpaint.cli.data.check import check
from wallpaint.cli.data.depth import depth
from wallpaint.cli.data.photos import ade20k, folder
from wallpaint.cli.data.rooms import export
from wallpaint.cli.data.shards import shards

app = typer.Typer(help="Training data: rooms in random paints, or photos with masks.", no_args_is_help=True)

app.command("rooms")(export)
for command in (folder, ade20k, depth, check, shards):
    app.command()(command)
