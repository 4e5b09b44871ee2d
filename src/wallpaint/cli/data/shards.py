"""``wallpaint data shards``: write a dataset as a few large files."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from wallpaint.cli.terminal import progress_bar, say


def shards(
    dataset: Annotated[Path, typer.Argument(help="Folder of the dataset, in either layout.", show_default=False)],
    out: Annotated[Path, typer.Option("--out", "-o", help="Folder for the shards.", show_default=False)],
    per_shard: Annotated[
        int, typer.Option(min=1, help="Samples in each shard; make several shards for each worker that reads them.")
    ] = 500,
) -> None:
    """Write a dataset as tar shards (WebDataset), for disks that are slow with many small files.

    [bold]wallpaint data shards DATASET -o SHARDS[/bold]
    """
    from wallpaint.data.storage.flat import open_split, stored_splits
    from wallpaint.data.storage.shards import write_shards

    total = sum(len(open_split(dataset, split)) for split in stored_splits(dataset))
    with progress_bar() as progress:
        task = progress.add_task("samples", total=total)
        counts = write_shards(
            dataset,
            out,
            per_shard=per_shard,
            done=lambda _: progress.advance(task),
        )
    written = ", ".join(f"{count} of {split}" for split, count in counts.items())
    say(f"{written} written, in {out}", err=True)
