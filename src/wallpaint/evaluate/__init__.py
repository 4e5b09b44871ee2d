"""Evaluation: `repaintbench` compares engines with the physical truth, `validation` measures models during training."""

from wallpaint.evaluate.repaintbench.baselines import BASELINES
from wallpaint.evaluate.repaintbench.benchmark import METHODS, run_bench
from wallpaint.evaluate.repaintbench.benchmark_cases import COLOR_PAIRS, TRACKS, Case, room_cases
from wallpaint.evaluate.repaintbench.report import markdown_table, worst_sheet
from wallpaint.evaluate.repaintbench.scores import Score, score
from wallpaint.evaluate.validation.depth_map import normalize_depth_map
from wallpaint.evaluate.validation.files import Validation, read_validation
from wallpaint.evaluate.validation.grid import validation_grid
from wallpaint.evaluate.validation.painted_samples import PaintedSample
from wallpaint.evaluate.validation.samples import ValidationPhoto, ValidationSample, photo_samples, room_samples
from wallpaint.evaluate.validation.targets import TARGETS
from wallpaint.evaluate.validation.validate import validate

__all__ = [
    "BASELINES",
    "COLOR_PAIRS",
    "METHODS",
    "TARGETS",
    "TRACKS",
    "Case",
    "PaintedSample",
    "Score",
    "Validation",
    "ValidationPhoto",
    "ValidationSample",
    "markdown_table",
    "normalize_depth_map",
    "photo_samples",
    "read_validation",
    "room_cases",
    "room_samples",
    "run_bench",
    "score",
    "validate",
    "validation_grid",
    "worst_sheet",
]
