"""Evaluation against the physical truth: RepaintBench.

Read `cases` (what is painted and what the truth is), `baselines` (what others do), `scores`, `truth` (the run), then
`report`.
"""

from wallpaint.evaluate.baselines import BASELINES
from wallpaint.evaluate.cases import COLOR_PAIRS, TRACKS, Case, room_cases
from wallpaint.evaluate.report import markdown_table, worst_sheet
from wallpaint.evaluate.scores import Score, score
from wallpaint.evaluate.truth import METHODS, run_bench

__all__ = [
    "BASELINES",
    "COLOR_PAIRS",
    "METHODS",
    "TRACKS",
    "Case",
    "Score",
    "markdown_table",
    "room_cases",
    "run_bench",
    "score",
    "worst_sheet",
]
