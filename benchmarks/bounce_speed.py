"""Cost of the interreflection network: opening a photo and each further colour, in three modes side by side.

    python benchmarks/bounce_speed.py

The modes: the closed form alone; the network on the wall (the default); bounced light outside the wall too. Each opens
the same photo of 12 megapixels once and paints it in six colours, in one run. Files and the matting of the edge, which
all modes share, are left out.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

import numpy as np
from albedo import COLORS, enlarged_example, seconds

from wallpaint import parse_color
from wallpaint.albedo.room import AlbedoRoom
from wallpaint.mask import as_mask, find_region


def main() -> None:
    pixels, mask = enlarged_example(12)
    region = find_region(pixels, as_mask(mask, pixels.shape[:2]), "hard")
    print(f"{pixels.shape[1]} × {pixels.shape[0]}, {region.is_wall.mean():.0%} wall")
    ways = [
        partial(AlbedoRoom.closed_form, pixels, region),
        partial(AlbedoRoom.of_photo, pixels, region),
        partial(AlbedoRoom.of_photo, pixels, region, bounce=True),
    ]
    print("| seconds (of the closed form's) | closed form | default | bounce |\n|---|---|---|---|")
    print(_line("opening the photo", [seconds(way) for way in ways]))
    rooms = [way() for way in ways]
    spent = []
    for name in COLORS:
        color = parse_color(name)
        for room in rooms:
            room.paint_wall(color)
        spent.append([seconds(partial(room.paint, color)) for room in rooms])
        print(_line(name, spent[-1]))
    print(_line("all six", np.sum(spent, axis=0)))


def _line(name: str, spent: Sequence[float]) -> str:
    return f"| {name} | " + " | ".join(f"{each:.3f} ({each / spent[0]:.2f})" for each in spent) + " |"


if __name__ == "__main__":
    main()
