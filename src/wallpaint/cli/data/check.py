"""``wallpaint data check``: look through a dataset before training on it."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from wallpaint.cli.terminal import print_json, progress_bar, say, show

if TYPE_CHECKING:
    from wallpaint.data.tools.check import DatasetCheck

_LISTED = 20
_BAR = 40  # characters


def check(
    dataset: Annotated[Path, typer.Argument(help="Folder of the dataset, in either layout.", show_default=False)],
    out: Annotated[
        Path | None, typer.Option("--out", "-o", help="Folder for the pictures; DATASET/check if not given.")
    ] = None,
    near: Annotated[int, typer.Option(min=0, max=31, help="Maximum bits of 64 in which near-duplicates differ.")] = 8,
    as_json: Annotated[bool, typer.Option("--json", help="Print the result as JSON.")] = False,
    workers: Annotated[int, typer.Option(min=0, help="Number of processes; 0: one per core.")] = 0,
) -> None:
    """Check a dataset: faulty files, near-duplicates, leaks between splits, wall colours, mask qualities, worst masks.

    [bold]wallpaint data check DATASET[/bold]

    Exit code 0: no faults; 1: faults; 2: not a dataset.
    """
    from wallpaint.data.storage.flat import open_split, stored_splits
    from wallpaint.data.tools.check import check_dataset
    from wallpaint.data.tools.check_pictures import histogram_figure, worst_sheet
    from wallpaint.photo import write_photo
    from wallpaint.rooms.generate import usable_cores

    total = sum(len(open_split(dataset, split)) for split in stored_splits(dataset))
    with progress_bar() as progress:
        task = progress.add_task("samples", total=total)
        found = check_dataset(
            dataset, near=near, workers=workers or usable_cores(), done=lambda _: progress.advance(task)
        )
    pictures = [("histograms.png", histogram_figure(found)), ("worst.png", worst_sheet(dataset, found))]
    folder = out or dataset / "check"
    for name, picture in pictures:
        if picture is not None:
            write_photo(folder / name, picture)
    if as_json:
        print_json(_summary(found))
    else:
        _show(found, folder)
    if found.faults:
        raise typer.Exit(1)


def _summary(found: DatasetCheck) -> dict[str, object]:
    return {
        "counts": found.counts,
        "sizes": [{"width": width, "height": height, "count": n} for (width, height), n in found.sizes.items()],
        "faults": found.faults,
        "notes": [note for look in found.looks for note in look.notes],
        "near_duplicates": [vars(pair) for pair in found.near_duplicates],
        "samples": [
            {"split": look.split, "name": look.name, "quality": look.quality, "color": _listed(look.color)}
            for look in found.looks
        ],
    }


def _listed(color: tuple[int, int, int] | None) -> list[int] | None:
    return None if color is None else list(color)


def _show(found: DatasetCheck, folder: Path) -> None:
    from wallpaint.data.tools.check_pictures import wall_labs

    labs = wall_labs(found.looks)
    _show_histogram("L* of the wall", list(labs[:, 0]), 10, 100)
    _show_histogram("quality of the mask", [look.quality for look in found.looks if look.quality is not None], 10, 1)
    counts = ", ".join(f"{count} {split}" for split, count in found.counts.items())
    with_depth = sum(look.has_depth for look in found.looks)
    sizes = [f"{count} of {width} × {height}" for (width, height), count in found.sizes.items()]
    say(f"{counts}; {with_depth} with depth; {_shortened(sizes, 5)}")
    duplicates = [f"{pair.one} and {pair.other} ({pair.distance} bits)" for pair in found.near_duplicates]
    _list("near-duplicates", duplicates)
    _list("notes", [note for look in found.looks for note in look.notes])
    _list("faults", found.faults)
    say(f"{folder / 'histograms.png'}, {folder / 'worst.png'}")


def _show_histogram(title: str, values: Sequence[float], bins: int, top: float) -> None:
    import numpy as np
    from rich.table import Table

    counts, edges = np.histogram(values, bins, (0, top))
    table = Table(title, "samples", "")
    table.columns[1].justify = "right"
    for count, low, high in zip(counts, edges, edges[1:], strict=False):
        table.add_row(f"{low:g} – {high:g}", str(count), "█" * round(_BAR * count / max(1, counts.max())))
    show(table)


def _list(what: str, lines: Sequence[str]) -> None:
    say(f"{len(lines)} {what}{':' if lines else ''}")
    for line in lines[:_LISTED]:
        say(f"  {line}")
    if len(lines) > _LISTED:
        say(f"  and {len(lines) - _LISTED} more: --json has all")


def _shortened(words: Sequence[str], most: int) -> str:
    more = [f"{len(words) - most} sizes more"] if len(words) > most else []
    return ", ".join([*words[:most], *more])
