"""Ablation of the albedo engine: the whole engine, then without one step, on the starter rooms.

    python benchmarks/albedo_steps.py

CIEDE2000 to the physical truth, means over 13 rooms × 8 colour changes, on RepaintBench's clean and camera tracks.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from unittest import mock

import cv2
import numpy as np

from wallpaint import Repainter
from wallpaint.albedo.tone_response import ClosedFormInterreflection
from wallpaint.evaluate import room_cases, score
from wallpaint.evaluate.repaintbench.benchmark_cases import Case
from wallpaint.mask import Edges
from wallpaint.rooms import starter_rooms

TRACKS = ("clean", "camera")


@contextlib.contextmanager
def without(*patches: object) -> Iterator[None]:
    with contextlib.ExitStack() as stack:
        for patch in patches:
            stack.enter_context(patch)  # type: ignore[arg-type]
        yield


NO_NETWORK = mock.patch("wallpaint.albedo.room.predict_interreflection", return_value=None)
STEPS = {
    "whole engine": without(),
    "interreflection estimated from shading alone": without(NO_NETWORK),
    "walls do not light each other": without(
        NO_NETWORK,
        mock.patch(
            "wallpaint.albedo.light.ClosedFormInterreflection.of_region",
            return_value=ClosedFormInterreflection(0.0, 0.0),
        ),
    ),
    "light has no colour": without(mock.patch("wallpaint.albedo.light._MAX_TINT", 1e-9)),
    "mixed pixels scaled, not unmixed": without(
        mock.patch("wallpaint.mask.matting._wall_radiance", lambda linear, alpha: linear)
    ),
    "noise left in": without(mock.patch("wallpaint.albedo.painting.smoothing_share", return_value=0.0)),
    "contrast never reduced": without(mock.patch("wallpaint.albedo.painting.contrast_factor", return_value=1.0)),
}


def measure(cases: list[Case], edges: Edges) -> str:
    cells = []
    for track in TRACKS:
        scores = []
        for case in cases:
            if case.track == track:
                painted = Repainter(edges=edges).open(case.source, case.mask).paint(case.reference)
                scores.append(score(case, painted.image, 0.0))
        names = ("inside", "inside_p95", "edge")
        cells += [f"{np.nanmean([getattr(each, name) for each in scores]):.2f}" for name in names]
    return " | ".join(cells)


def main() -> None:
    cv2.setNumThreads(1)
    cases = [case for room in starter_rooms() for case in room_cases(room, TRACKS)]
    print("| | clean: in | in p95 | edge | camera: in | in p95 | edge |\n|---|---|---|---|---|---|---|")
    for name, step in STEPS.items():
        with step:
            print(f"| {name} | {measure(cases, 'refined')} |", flush=True)
    print(f"| edges as the mask has them (--edges hard) | {measure(cases, 'hard')} |")


if __name__ == "__main__":
    main()
