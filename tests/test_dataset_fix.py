"""The workflow's module name."""

from __future__ import annotations

import runpy
from pathlib import Path

import wallpaint.data
import wallpaint.reference


def test_the_workflows_names_are_ours():
    names = runpy.run_path(str(Path(__file__).parents[1] / "dataset_fix.py"))
    assert names["WallInpaintingDataset"] is wallpaint.data.WallInpaintingDataset
    assert names["extract_dominant_color"] is wallpaint.reference.extract_dominant_color
    assert names["create_solid_color_reference"] is wallpaint.reference.create_solid_color_reference
