"""Training: LoRA and adapters that make a model follow a reference.

Read `config` (settings), `batches` (what a step reads), `losses`, `models`, `trainer` (one step and what surrounds it),
then `loop`. `faults` reports what can go wrong, `ablation` compares settings, `mini` and `networks` train the small
models that come with the package.
"""

from wallpaint.train.ablation.ablations import Ablation, load_ablations
from wallpaint.train.config.configuration import TrainingConfig, dump, find_config, load_config, shipped_configs

__all__ = [
    "Ablation",
    "TrainingConfig",
    "dump",
    "find_config",
    "load_ablations",
    "load_config",
    "shipped_configs",
]
