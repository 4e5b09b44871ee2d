"""``wallpaint data folder`` and ``wallpaint data ade20k``: make a dataset from photos with masks."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from wallpaint.cli.terminal import progress_bar, say

if TYPE_CHECKING:
    from wallpaint.data.tools.import_photos import ImportCounts, PhotoPair

Out = Annotated[
    Path, typer.Option("--out", "-o", help="Folder of the dataset; a stopped run continues there.", show_default=False)
]
MinQuality = Annotated[float, typer.Option(min=0, max=1, help="Photos whose mask has a lower quality are dropped.")]
MinArea = Annotated[float, typer.Option(min=0, max=1, help="Photos with a smaller share of wall are dropped.")]
ShorterSide = Annotated[
    int, typer.Option(min=64, help="Larger photos are reduced to this many pixels on the shorter side.")
]
Workers = Annotated[int, typer.Option(min=0, help="Number of processes; 0: one per core.")]

_NOTES_SHOWN = 5


def folder(
    images: Annotated[Path, typer.Argument(help="Folder of photos.", show_default=False)],
    masks: Annotated[
        Path,
        typer.Argument(
            help="Folder of their masks, white is wall: attic.png, attic_mask.png or attic.mask.png for attic.jpg. "
            "May be the same folder.",
            show_default=False,
        ),
    ],
    out: Out,
    invert_masks: Annotated[bool, typer.Option("--invert-masks", help="Black is wall in the masks.")] = False,
    validation_share: Annotated[
        float, typer.Option(min=0, max=1, help="Share of the photos in the validation split.")
    ] = 0.1,
    min_quality: MinQuality = 0.6,
    min_area: MinArea = 0.05,
    shorter_side: ShorterSide = 768,
    workers: Workers = 0,
) -> None:
    """Make a dataset from photos and masks whose names match. It may be stopped and run again.

    [bold]wallpaint data folder photos masks -o DATASET[/bold]
    """
    from functools import partial

    from wallpaint.data.storage.file_pairs import pair_by_stem
    from wallpaint.data.storage.layout import split_of
    from wallpaint.data.tools.import_photos import Admission, PhotoPair
    from wallpaint.errors import MissingFileError
    from wallpaint.mask import read_mask

    pairing = pair_by_stem(images, masks)
    if not pairing.pairs:
        raise MissingFileError(masks, f"no mask here has the name of a photo in {images}. Rename them.")
    pairs = [
        PhotoPair(stem, image, mask, split_of(stem, validation_share)) for stem, (image, mask) in pairing.pairs.items()
    ]
    alone = [("photos without a mask", pairing.images_alone), ("masks without a photo", pairing.masks_alone)]
    for what, stems in alone:
        if stems:
            say(f"{len(stems)} {what}, such as {stems[0]}", err=True)
    _import(
        pairs,
        out,
        workers,
        read_wall=partial(read_mask, invert=invert_masks),
        admission=Admission(min_quality, min_area, shorter_side),
        settings={"invert_masks": invert_masks, "validation_share": validation_share},
    )


def ade20k(
    source: Annotated[
        Path, typer.Argument(help="ADEChallengeData2016, the scene parsing release, unpacked.", show_default=False)
    ],
    out: Out,
    min_quality: MinQuality = 0.6,
    min_area: MinArea = 0.05,
    shorter_side: ShorterSide = 768,
    workers: Workers = 0,
) -> None:
    """Make a dataset from the walls of ADE20K, with its own splits. It may be stopped and run again.

    [bold]wallpaint data ade20k ADEChallengeData2016 -o DATASET[/bold]
    """
    from wallpaint.data.tools.ade20k import ade20k_pairs, read_ade20k_wall
    from wallpaint.data.tools.import_photos import Admission

    admission = Admission(min_quality, min_area, shorter_side)
    _import(ade20k_pairs(source), out, workers, origin="ade20k", read_wall=read_ade20k_wall, admission=admission)


def _import(pairs: Sequence[PhotoPair], out: Path, workers: int, **how: Any) -> None:
    from wallpaint.data.tools.import_photos import import_photos
    from wallpaint.rooms.generate import usable_cores

    with progress_bar() as progress:
        task = progress.add_task("photos", total=len(pairs))
        counts = import_photos(
            pairs, out, workers=workers or usable_cores(), done=lambda _: progress.advance(task), **how
        )
    _tell(counts, out)


def _tell(counts: ImportCounts, out: Path) -> None:
    for note in counts.notes[:_NOTES_SHOWN]:
        say(f"note: {note}", err=True)
    if len(counts.notes) > _NOTES_SHOWN:
        say(f"and {len(counts.notes) - _NOTES_SHOWN} more notes", err=True)
    for reason, count in counts.dropped.most_common():
        say(f"{count} dropped: {reason}", err=True)
    say(f"{counts.made} made, {counts.there} existed, in {out}", err=True)
