"""The sections of a training configuration; the defaults are for Stable Diffusion 1.5 on a GPU.

The files in ``configs/`` give the reasons for their values.
"""

from wallpaint.train.config.sections.data import DataSection, RoomsSection
from wallpaint.train.config.sections.model import LoraSection, ModelSection, TrainedPart
from wallpaint.train.config.sections.optimization import CachingSection, OptimizationSection
from wallpaint.train.config.sections.progress import CheckpointsSection, ValidationSection
from wallpaint.train.config.sections.section import Section
from wallpaint.train.config.sections.training import ObjectiveSection, ReferenceSection, TrainingSection

__all__ = [
    "CachingSection",
    "CheckpointsSection",
    "DataSection",
    "LoraSection",
    "ModelSection",
    "ObjectiveSection",
    "OptimizationSection",
    "ReferenceSection",
    "RoomsSection",
    "Section",
    "TrainedPart",
    "TrainingSection",
    "ValidationSection",
]
