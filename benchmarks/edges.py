"""Accuracy of edges: closed-form matting, the edge network, and the mask as it is.

    python benchmarks/edges.py [FOLDER] [--network FOLDER] [--enlarge 2]
    python benchmarks/edges.py --photos FOLDER --sheet FILE [--color "#F4F1EA"] [--crops 4]

FOLDER holds snapshots from `wallpaint rooms render --kind varied --snapshots`, none that the network was trained on.
Each is given two paints, one for the photo and one for the truth, and enlarged, because edges in photos of full size
are softer than a render's. Tracks:

- clean: no camera; the mask is the true share of wall, above a half.
- camera: through a camera; the mask as a segmenter's, off by 1 to 3 pixels (`degrade_mask`).
- enlarged: through a camera; the mask made at a quarter of the size and enlarged by repetition.
- polygon: through a camera; the outline's corners placed with an error of up to 3 pixels.

Figures are means over the pixels within 8 pixels of the mask's edge or of a wall's: absolute error of alpha, and
CIEDE2000 of the picture painted by the albedo engine to the truth. "own" counts only the pixels that truly are mixed.
Seconds are for each megapixel within the refined width of the edge.
"""

from __future__ import annotations

import argparse
import time
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import cv2
import numpy as np
from PIL import Image

from wallpaint import Color
from wallpaint.albedo import AlbedoRoom
from wallpaint.color import delta_e_2000, parse_color, srgb_to_lab
from wallpaint.mask import edge_limits, find_region, is_wall, read_mask
from wallpaint.mask import region as region_module
from wallpaint.mask.edge_refinement import default_edge_width, refine_edges
from wallpaint.networks.edge import EdgeNetwork, shipped_edge_network
from wallpaint.photo import linear_to_bytes, read_photo
from wallpaint.reference import wall_median
from wallpaint.rooms import Camera, Snapshot, degrade_mask
from wallpaint.rooms.generate import stored_snapshots
from wallpaint.rooms.snapshots.clean_layers import clean_layers
from wallpaint.sheet import contact_sheet, save_sheet

TRACKS = ("clean", "camera", "enlarged", "polygon")
METHODS = ("mask", "matting", "network", "true alpha")
PAINTS = (
    ("#ECE8DF", "#2B3A55"),
    ("#3A3F45", "#F2EFE8"),
    ("#C9B79C", "#A4532F"),
    ("#F2EFE8", "#6B8F71"),
    ("#7A2E2E", "#EDE6D6"),
)  # of the photo, and of the truth
NEAR = 8  # pixels
ERROR = 3.0  # pixels; of a polygon's corners
TIMES = 4  # by which masks are enlarged


@dataclass(frozen=True, eq=False)
class Case:
    """A photo with a mask, the truth in another paint, and the true share of wall."""

    pixels: np.ndarray
    mask: np.ndarray
    truth: np.ndarray
    alpha: np.ndarray
    reference: Color


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path, nargs="?", help="snapshots")
    parser.add_argument("--network", type=Path, help="folder of edge.onnx; the shipped one by default")
    parser.add_argument("--enlarge", type=float, default=2.0, help="times by which snapshots are enlarged")
    parser.add_argument("--most", type=int, default=1000, help="largest number of snapshots")
    parser.add_argument("--method", action="append", choices=METHODS, help="may be repeated; all by default")
    parser.add_argument("--photos", type=Path, help="folder of photos NAME.jpg with masks NAME.mask.png")
    parser.add_argument("--sheet", type=Path, help="file for a sheet of crops of the photos")
    parser.add_argument("--color", action="append", help="colour for the sheet; may be repeated")
    parser.add_argument("--crops", type=int, default=4, help="crops for each photo")
    parser.add_argument("--side", type=int, default=96, help="side of a crop, pixels")
    arguments = parser.parse_args()
    methods = tuple(arguments.method or METHODS)
    network = None
    if "network" in methods or arguments.photos:
        network = EdgeNetwork(arguments.network) if arguments.network else shipped_edge_network()
    if arguments.folder:
        measure(stored_snapshots(arguments.folder)[: arguments.most], methods, network, arguments.enlarge)
    if arguments.photos and arguments.sheet:
        tiles = [
            tile
            for color in arguments.color or ["#F4F1EA"]
            for tile in crops(arguments.photos, parse_color(color), network, arguments.crops, arguments.side)
        ]
        save_sheet(contact_sheet(tiles, columns=len(METHODS[:3]) + 2), arguments.sheet)


def measure(paths: list[Path], methods: tuple[str, ...], network: EdgeNetwork | None, enlarge: float) -> None:
    """Print the table."""
    results: dict[tuple[str, str], list[tuple[float, ...]]] = defaultdict(list)
    for number, path in enumerate(paths):
        snapshot = Snapshot.load(path)
        if not 0.02 < (snapshot.alpha > 0.5).mean() < 0.98:
            continue
        for track in TRACKS:
            case = make_case(snapshot, track, enlarge, PAINTS[number % len(PAINTS)])
            for method in methods:
                results[track, method].append(figures(case, method, network))
    print(f"{len(results['clean', methods[0]])} snapshots\n")
    print("| track | method | alpha error | own | CIEDE2000 | own | s / megapixel of band |")
    print("|---|---|---|---|---|---|---|")
    for (track, method), rows in results.items():
        *errors, _, _ = np.nanmean(rows, axis=0)
        seconds, band = np.sum(rows, axis=0)[4:]
        shown = [f"{errors[0]:.4f}", f"{errors[1]:.4f}", f"{errors[2]:.2f}", f"{errors[3]:.2f}"]
        print(f"| {track} | {method} | {' | '.join(shown)} | {seconds / band * 1e6:.2f} |")


def make_case(snapshot: Snapshot, track: str, enlarge: float, paints: tuple[str, str]) -> Case:
    """One photo of a snapshot; the same for every method."""
    random = np.random.default_rng([snapshot.seed, TRACKS.index(track)])
    size = tuple(round(length * enlarge) for length in snapshot.alpha.shape[::-1])
    rest, wall, alpha = (
        cv2.resize(layer, size, interpolation=cv2.INTER_LINEAR) for layer in (*clean_layers(snapshot), snapshot.alpha)
    )
    own = np.median(wall[alpha > 0.99], axis=0) if (alpha > 0.99).any() else wall.sum((0, 1)) / alpha.sum()
    level = float(own.mean()) / 0.6  # the light on the wall is kept, about
    old, new = (wall * (np.array(parse_color(each).linear) * level / np.maximum(own, 0.01)) for each in paints)
    exposure = min(1.0, 0.75 / max(float(np.quantile(rest + new, 0.8)), float(np.quantile(rest + old, 0.8)), 1e-3))
    before, after = ((rest + each) * exposure for each in (old, new))
    mask = (alpha > 0.5).astype(np.float32)
    if track == "clean":
        pixels, truth = linear_to_bytes(before), linear_to_bytes(after)
    else:
        camera = replace(Camera.draw(random), jpeg_quality=90)
        quiet = replace(camera, full_well=np.inf, read_noise=0.0, jpeg_quality=None)
        pixels, truth = camera.apply(before, random), quiet.apply(after, random)
        mask = _wrong(track, alpha, random)
        alpha = cv2.GaussianBlur(alpha, (0, 0), camera.blur, borderType=cv2.BORDER_REFLECT)
    reference = Color.from_rgb8(round(float(channel)) for channel in wall_median(truth, is_wall(alpha)))
    return Case(pixels, mask, truth, alpha, reference)


def _wrong(track: str, alpha: np.ndarray, random: np.random.Generator) -> np.ndarray:
    """(H, W) float32 mask, 0 or 1, with the track's errors."""
    if track == "camera":
        return degrade_mask(alpha, random)
    hard = (alpha > 0.5).astype(np.uint8)
    if track == "enlarged":
        small = cv2.resize(alpha, tuple(length // TIMES for length in alpha.shape[::-1]), interpolation=cv2.INTER_AREA)
        large = cv2.resize((small > 0.5).astype(np.float32), alpha.shape[::-1], interpolation=cv2.INTER_NEAREST)
        return large
    contours, _ = cv2.findContours(hard, cv2.RETR_CCOMP, cv2.CHAIN_APPROX_NONE)
    corners = [cv2.approxPolyDP(contour, ERROR, True) for contour in contours]
    drawn = cv2.fillPoly(np.zeros_like(hard), [each for each in corners if len(each) > 2], 1)
    return drawn.astype(np.float32)


def figures(case: Case, method: str, network: EdgeNetwork | None) -> tuple[float, ...]:
    """Errors near edges, seconds, and pixels of the refined band."""
    alpha, seconds, band = _alpha(case, method, network)
    soft = case.alpha if method == "true alpha" else alpha
    picture = _painted(case.pixels, soft, case.reference)
    near = [
        inner != outer for inner, outer in (edge_limits(wall, NEAR) for wall in (case.mask > 0.5, case.alpha > 0.5))
    ]
    near = near[0] | near[1]
    mixed = (case.alpha > 0.02) & (case.alpha < 0.98)
    error = np.abs(alpha - case.alpha)
    color = delta_e_2000(srgb_to_lab(picture / 255.0), srgb_to_lab(case.truth / 255.0))
    return (
        *(float(each[where].mean()) if where.any() else np.nan for each in (error, color) for where in (near, mixed)),
        seconds,
        band,
    )


def _alpha(case: Case, method: str, network: EdgeNetwork | None) -> tuple[np.ndarray, float, float]:
    """Alpha by a method, the seconds it took, and the pixels of its band."""
    if method in ("mask", "true alpha"):
        return case.mask if method == "mask" else case.alpha, 0.0, 1.0
    wall = case.mask > 0.5
    width = default_edge_width(case.mask, "matting" if method == "matting" else "network")
    start = time.perf_counter()
    alpha = refine_edges(case.pixels, wall, width, "matting" if method == "matting" else "network", network)
    seconds = time.perf_counter() - start
    inner, outer = edge_limits(wall, width)
    return alpha, seconds, float((inner != outer).sum())


def _painted(pixels: np.ndarray, alpha: np.ndarray, color: Color) -> np.ndarray:
    """The photo painted by the albedo engine without its network."""
    rows, columns, radiance = region_module.estimate_wall_radiance(pixels, alpha)
    removed = region_module.removed_wall(pixels, alpha, rows, columns, radiance)
    plain = find_region(pixels, (alpha > 0.5).astype(np.float32), "hard")
    mixed = region_module.MixedPixels(rows, columns, alpha[rows, columns], radiance, removed)
    region = replace(plain, alpha=alpha, window=region_module._bounding_window(alpha > 0), mixed=mixed)
    return AlbedoRoom.closed_form(pixels, region).paint_wall(color)


def crops(
    folder: Path, color: Color, network: EdgeNetwork | None, count: int, side: int
) -> Iterator[tuple[str, Image.Image]]:
    """Crops along the outlines of photos: the photo, its mask, and the picture painted with each method."""
    for file in sorted(folder.glob("*.mask.png")):
        name = file.name.removesuffix(".mask.png")
        pixels = read_photo(folder / f"{name}.jpg")
        mask = read_mask(file, pixels.shape[:2])
        wall = is_wall(mask)
        pictures = {}
        for method in METHODS[:3]:
            alpha = mask
            if method != "mask":
                alpha = refine_edges(pixels, wall, default_edge_width(mask, method), method, network)  # type: ignore[arg-type]
            pictures[method] = _painted(pixels, alpha, color)
        for row, column in _places(wall, count, side):
            cut = slice(row, row + side), slice(column, column + side)
            shown = {name: pixels[cut], "given mask": np.repeat(np.uint8(255) * wall[cut][..., None], 3, -1)}
            shown |= {method: picture[cut] for method, picture in pictures.items()}
            for label, crop in shown.items():
                yield label, Image.fromarray(crop).resize((3 * side, 3 * side), Image.Resampling.NEAREST)


def _places(wall: np.ndarray, count: int, side: int) -> list[tuple[int, int]]:
    """Corners of crops spread along the mask's edge."""
    inner, outer = edge_limits(wall, 1)
    rows, columns = np.nonzero(inner != outer)
    order = np.random.default_rng(0).permutation(len(rows))
    chosen: list[tuple[int, int]] = []
    for index in order:
        corner = tuple(
            int(np.clip(at - side // 2, 0, length - side))
            for at, length in zip((rows[index], columns[index]), wall.shape, strict=True)
        )
        if all(max(abs(corner[0] - r), abs(corner[1] - c)) > side for r, c in chosen):
            chosen.append((corner[0], corner[1]))
        if len(chosen) == count:
            break
    return chosen


if __name__ == "__main__":
    main()
