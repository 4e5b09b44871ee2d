"""What bounced light costs: opening a photo and each further colour, side by side with the albedo engine alone.

    python benchmarks/bounce_speed.py

Both look at the same 12-megapixel photo once and paint it in six colours, in one run; neither reads nor writes files,
and what both need (matting the wall's edge) is left out.
"""

from __future__ import annotations

from functools import partial

from albedo import COLORS, enlarged_example, seconds

from wallpaint import parse_color
from wallpaint.photo import as_mask, find_region
from wallpaint.repaint.room import AlbedoRoom


def main() -> None:
    pixels, mask = enlarged_example(12)
    region = find_region(pixels, as_mask(mask, pixels.shape[:2]), "hard")
    print(f"{pixels.shape[1]} × {pixels.shape[0]}, {region.is_wall.mean():.0%} wall")
    plain, lit = (AlbedoRoom.of_photo(pixels, region, bounce=asked) for asked in (False, True))
    opening = [seconds(partial(AlbedoRoom.of_photo, pixels, region, bounce=asked)) for asked in (False, True)]
    print(f"looking at the photo    albedo {opening[0]:.3f} s    bounce {opening[1]:.3f} s")
    spent = []
    for name in COLORS:
        color = parse_color(name)
        for room in (plain, lit):
            room.paint(color)
        spent.append([seconds(partial(room.paint, color)) for room in (plain, lit)])
        print(f"{name}    {_side_by_side(*spent[-1])}")
    alone, both = map(sum, zip(*spent, strict=True))
    print(f"all six    {_side_by_side(alone, both)}")


def _side_by_side(alone: float, both: float) -> str:
    return f"albedo {alone:.3f} s    bounce {both:.3f} s    {both / alone:.2f} ×"


if __name__ == "__main__":
    main()
