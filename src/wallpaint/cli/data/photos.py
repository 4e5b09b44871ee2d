"""``wallpaint data folder`` and ``wallpaint data ade20k``: photos with masks into a dataset."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from wallpaint.cli.terminal import progress_bar, say

if TYPE_CHECKING:
    from wallpaint.data.tools.import_photos import ImportCounts, PhotoPair

Out = Annotated[
    Path, typer.Option("--out", "-o", help="Dataset to fill; a run that was stopped goes on there.", show_default=False)
]
MinQuality = Annotated[float, typer.Option(min=0, max=1, help="Masks below this quality are dropped.")]
MinArea = Annotated[float, typer.Option(min=0, max=1, help="So are photos with less wall than this share of them.")]
ShorterSide = Annotated[int, typer.Option(min=64, help="Pixels; larger photos are reduced to it.")]
Workers = Annotated[int, typer.Option(min=0, help="Processes; 0 is one a core.")]

_NOTES_SHOWN = 5


def folder(
    images: Annotated[Path, typer.Argument(help="Folder of photos.", show_default=False)],
    masks: Annotated[
        Path,
        typer.Argument(
            help="Folder of their masks, white = wall: attic.png, attic_mask.png or attic.mask.png for attic.jpg. "
            "May be the same folder.",
            show_default=False,
        ),
    ],
    out: Out,
    invert_masks: Annotated[bool, typer.Option("--invert-masks", help="In the masks, black is wall.")] = False,
    validation_share: Annotated[float, typer.Option(min=0, max=1, help="Share of the photos, never trained on.")] = 0.1,
    min_quality: MinQuality = 0.6,
    min_area: MinArea = 0.05,
    shorter_side: ShorterSide = 768,
    workers: Workers = 0,
) -> None:
    """Photos and masks whose names match. Kill it and run it again: nothing is lost.

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
        raise MissingFileError(masks, f"no mask here goes by the name of a photo in {images}. Rename them.")
    pairs = [
        PhotoPair(stem, image, mask, split_of(stem, validation_share)) for stem, (image, mask) in pairing.pairs.items()
    ]
    alone = [("photos without a mask", pairing.images_alone), ("masks without a photo", pairing.masks_alone)]
    for what, stems in alone:
        if stems:
            say(f"{len(stems)} {what}, {stems[0]} first", err=True)
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
    """Walls of ADE20K, its own splits kept. Kill it and run it again: nothing is lost.

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
        say(f"and {len(counts.notes) - _NOTES_SHOWN} notes more", err=True)
    for reason, count in counts.dropped.most_common():
        say(f"{count} dropped: {reason}", err=True)
    say(f"{counts.made} made, {counts.there} were there, in {out}", err=True)
