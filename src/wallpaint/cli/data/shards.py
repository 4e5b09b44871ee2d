"""``wallpaint data shards``: a dataset into a few large files."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, cast

import typer
from rich.console import Console

from wallpaint.cli.terminal import progress_bar


def shards(
    dataset: Annotated[Path, typer.Argument(help="Dataset, in either layout.", show_default=False)],
    out: Annotated[Path, typer.Option("--out", "-o", help="Folder for the shards.", show_default=False)],
    shard_format: Annotated[str, typer.Option("--format", help="webdataset (tar files) or parquet.")] = "webdataset",
    per_shard: Annotated[
        int, typer.Option(min=1, help="Samples; let there be several shards for each worker that reads them.")
    ] = 500,
) -> None:
    """Write a dataset into shards, for disks that are slow with many small files.

    [bold]wallpaint data shards DATASET -o SHARDS[/bold]
    """
    from wallpaint.data.storage.flat import open_split, stored_splits
    from wallpaint.data.storage.shards import ShardFormat, write_shards

    total = sum(len(open_split(dataset, split)) for split in stored_splits(dataset))
    with progress_bar() as progress:
        task = progress.add_task("samples", total=total)
        counts = write_shards(
            dataset,
            out,
            cast(ShardFormat, shard_format),
            per_shard=per_shard,
            done=lambda _: progress.advance(task),
        )
    written = ", ".join(f"{count} of {split}" for split, count in counts.items())
    Console(stderr=True).print(f"{written} written, in {out}")
