"""Draw docs/bounce.jpg: the starter rooms where bounced light has the smallest and largest error, beside the truth.

python benchmarks/bounce.py docs/bounce.jpg
"""

from __future__ import annotations

import sys
from pathlib import Path

from PIL import Image

from wallpaint import Repainter
from wallpaint.evaluate.repaintbench.benchmark_cases import room_cases
from wallpaint.evaluate.repaintbench.scores import score
from wallpaint.rooms import starter_rooms
from wallpaint.sheet import contact_sheet, save_sheet

PAIRS = ("white → terracotta", "blue → white")


def main(target: Path) -> None:
    found = []
    for room in starter_rooms():
        for case in room_cases(room, ("clean",)):
            if case.pair in PAIRS:
                plain, lit = (
                    Repainter(bounce=asked).open(case.source, case.mask).paint(case.reference).image
                    for asked in (False, True)
                )
                before, after = (score(case, picture, 0.0).outside for picture in (plain, lit))
                found.append((after / before, case, (plain, before), (lit, after)))
    found.sort(key=lambda one: one[0])
    cells = []
    for _, case, (plain, before), (lit, after) in [*found[:2], *found[-2:]]:
        captions = (f"room {case.room}, {case.pair}", f"albedo: out {before:.2f}", f"bounce: out {after:.2f}", "truth")
        pictures = (case.source, plain, lit, case.truth)
        cells += [(words, Image.fromarray(each)) for words, each in zip(captions, pictures, strict=True)]
    print(save_sheet(contact_sheet(cells, columns=4), target))


if __name__ == "__main__":
    main(Path(sys.argv[1]))
