"""Check the guarantees on real photos: colour, shading, and bytes outside the mask, in six colours each.

    python benchmarks/photos.py FOLDER [--sheets OUT]

FOLDER holds photos NAME.jpg (or .png) with masks NAME.mask.png, white = wall. Exit code 1 if a guarantee is broken:
CIEDE2000 of the wall's median to the reference ≤ 0.5, shading correlation ≥ 0.95 (the truth of rendered rooms is as low
from blue to white), no byte changed beyond the edge band. --sheets writes a sheet of pictures per photo.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from wallpaint import Repainter
from wallpaint.sheet import contact_sheet, save_sheet, thumbnail

COLORS = ("#F2EFE6", "#B9A08C", "#2F4858", "#7A9E7E", "#C1440E", "#1B1B1B")


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--sheets", type=Path, help="folder for one sheet of pictures per photo")
    arguments = parser.parse_args()
    pairs = [
        (photo, photo.with_name(f"{photo.stem}.mask.png"))
        for photo in sorted(arguments.folder.glob("*"))
        if photo.suffix in {".jpg", ".jpeg", ".png"} and not photo.stem.endswith(".mask")
    ]
    pairs = [pair for pair in pairs if pair[1].exists()]
    if not pairs:
        print(f"{arguments.folder}: no photo with a mask beside it (NAME.jpg and NAME.mask.png); nothing was measured.")
        return 0
    broken = 0
    print("| photo | colour | ΔE2000 of median | shading correlation | largest change outside |\n|---|---|---|---|---|")
    for photo, mask in pairs:
        room = Repainter().open(photo, mask)
        pictures = [(photo.stem, thumbnail(room.pixels))]
        for color in COLORS:
            painted = room.paint(color)
            metrics = painted.metrics
            delta, shading, outside = (
                metrics[name] for name in ("delta_e_2000_median", "shading_correlation", "outside_max_change")
            )
            broken += not (delta <= 0.5 and shading >= 0.95 and outside == 0)
            print(f"| {photo.stem} | {color} | {delta:.2f} | {shading:.4f} | {outside} |")
            pictures.append((color, thumbnail(painted.image)))
        if arguments.sheets:
            save_sheet(contact_sheet(pictures, columns=4), arguments.sheets / f"{photo.stem}.png")
    print(f"\n{len(pairs) * len(COLORS)} paintings, {broken} with a broken guarantee")
    return int(broken > 0)


if __name__ == "__main__":
    sys.exit(main())
