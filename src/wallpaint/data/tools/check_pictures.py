"""Figures of a dataset check: histograms of wall colours and mask quality, and a sheet of the worst masks."""

from __future__ import annotations

import io
import warnings
from collections.abc import Sequence

import cv2
import numpy as np
from PIL import Image

from wallpaint.color import srgb_to_lab
from wallpaint.data.storage.flat import open_split
from wallpaint.data.storage.layout import SampleFolder
from wallpaint.data.tools.check import DatasetCheck
from wallpaint.data.tools.inspect_sample import Look
from wallpaint.errors import Source, WallpaintWarning
from wallpaint.mask import is_wall
from wallpaint.optional import needs_extra
from wallpaint.sheet import Captioned, contact_sheet, thumbnail

with needs_extra("train", "Figures"):
    from matplotlib.figure import Figure

_OUTLINE = (255, 0, 255)  # magenta, a rare wall colour


def wall_labs(looks: Sequence[Look]) -> np.ndarray:
    """(N, 3) CIELAB of the walls' colours."""
    colors = [look.color for look in looks if look.color is not None]
    return srgb_to_lab(np.array(colors, np.float64).reshape(-1, 3) / 255)


def histogram_figure(check: DatasetCheck) -> np.ndarray:
    """Lightness, chromaticity and quality of all samples; (H, W, 3) uint8."""
    labs = wall_labs(check.looks)
    colors = np.array([look.color for look in check.looks if look.color is not None]).reshape(-1, 3) / 255
    figure = Figure(figsize=(13, 4), layout="constrained")
    lightness, chromaticity, quality = figure.subplots(1, 3)
    lightness.hist(labs[:, 0], bins=20, range=(0, 100), color="grey")
    lightness.set(xlabel="L* of the wall", ylabel="samples")
    chromaticity.scatter(labs[:, 1], labs[:, 2], c=colors, s=14, edgecolors="black", linewidths=0.2)
    chromaticity.axhline(0, linewidth=0.5, color="grey")
    chromaticity.axvline(0, linewidth=0.5, color="grey")
    chromaticity.set(xlabel="a* of the wall", ylabel="b* of the wall", xlim=(-80, 80), ylim=(-80, 80), aspect="equal")
    quality.hist([look.quality for look in check.looks if look.quality is not None], bins=20, range=(0, 1))
    quality.set(xlabel="quality of the mask", ylabel="samples")
    buffer = io.BytesIO()
    figure.savefig(buffer, format="png", dpi=100)
    return np.asarray(Image.open(buffer).convert("RGB"))


def worst_sheet(root: Source, check: DatasetCheck, count: int = 16) -> np.ndarray | None:
    """The samples of lowest quality with the outlines of their masks, worst first; (H, W, 3) uint8, or None."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", WallpaintWarning)  # already reported by the check
        folders = {split: open_split(root, split) for split in check.counts}
        pictures = [_captioned(look, folders[look.split]) for look in check.worst(count)]
    return contact_sheet(pictures) if pictures else None


def _captioned(look: Look, folder: SampleFolder) -> Captioned:
    shown = folder.read(next(entry for entry in folder.entries if entry.name == look.name))
    return f"{look.quality:.2f}  {look.split}/{look.name}"[:40], _outlined(shown.image, shown.mask)


def _outlined(image: np.ndarray, mask: np.ndarray) -> Image.Image:
    small = np.array(thumbnail(image, 320))
    coverage = cv2.resize(mask, (small.shape[1], small.shape[0]), interpolation=cv2.INTER_AREA)
    outline, _ = cv2.findContours(is_wall(coverage).astype(np.uint8), cv2.RETR_CCOMP, cv2.CHAIN_APPROX_NONE)
    cv2.drawContours(small, outline, -1, _OUTLINE, 1)
    return Image.fromarray(small)
