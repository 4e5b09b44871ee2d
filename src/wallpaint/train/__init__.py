"""Training: LoRA and adapters that make a model follow a reference.

Read `sections` (what can be set), `config` (how it is read), `ablations`, `draws` (timesteps and noise), `losses`, and
`validation` (what is painted on the way); the last three need torch.
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
