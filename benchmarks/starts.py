"""Start of sampling (what lies under the noise, and how much noise): error of the mini for each.

    python benchmarks/starts.py [--samples 50] [--rooms FOLDER]

The base alone and with its adapter, on rooms of the validation split: of the starter rooms, or of a folder of rooms.
Colour is measured before the lock, light after it.
"""

from __future__ import annotations

import argparse
import warnings
from pathlib import Path

import numpy as np

from wallpaint.diffusion import DiffusionEngine, SamplingSettings, load_engine
from wallpaint.errors import WallpaintWarning
from wallpaint.evaluate import ValidationSample
from wallpaint.evaluate.validation.painted_samples import paint_samples
from wallpaint.painter import Repainter
from wallpaint.train import load_config
from wallpaint.train.trainer.validation_settings import validation_samples

STARTS = {
    "noise": SamplingSettings(init="noise"),
    "noise, reference strength 1.4": SamplingSettings(init="noise", reference_strength=1.4),
    **{f"reference, {share:.0%} noise": SamplingSettings(strength=share) for share in (1.0, 0.8, 0.6, 0.5, 0.4)},
    "albedo, 50% noise": SamplingSettings(init="albedo"),
}
RAW = ("lab_distance", "hue_error", "delta_e_2000", "delta_e_2000_truth")
LOCKED = ("delta_e_2000_truth", "shading_correlation")


def measured(engine: DiffusionEngine, samples: list[ValidationSample]) -> list[float]:
    """Means of the metrics."""
    painted = list(paint_samples(Repainter(engine), samples))
    columns = [[each.raw_metrics.get(name) for each in painted] for name in RAW]
    columns += [[each.locked_metrics.get(name) for each in painted] for name in LOCKED]
    return [float(np.nanmean([np.nan if value is None else value for value in column])) for column in columns]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--samples", type=int, default=50)
    parser.add_argument("--rooms", type=Path, help="a folder of 'wallpaint rooms render'")
    options = parser.parse_args()
    warnings.simplefilter("ignore", WallpaintWarning)
    rooms = [] if options.rooms is None else [f"data.path={options.rooms}"]
    samples = validation_samples(load_config(None, [f"num_validation_samples={options.samples}", *rooms]))
    print("| start | LAB | hue | CIEDE2000 | to truth | locked, to truth | shading |\n|---|---|---|---|---|---|---|")
    for name, settings in (("base alone", {"ip_adapter": "new", "lora_scale": 0.0}), ("with adapter", {})):
        model = load_engine("mini", **settings).model
        for start, sampling in STARTS.items():
            values = " | ".join(f"{value:.2f}" for value in measured(DiffusionEngine(model, sampling), samples))
            print(f"| {name}: {start} | {values} |", flush=True)


if __name__ == "__main__":
    main()
