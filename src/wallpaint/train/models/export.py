"""Export of a finished run: adapters for diffusers and for tools that read kohya's format, and a model card."""

from __future__ import annotations

from collections.abc import Mapping
from importlib.metadata import version
from pathlib import Path

from wallpaint.diffusion.adapters.kohya import export_kohya
from wallpaint.photo import write_files
from wallpaint.train.config.configuration import FINAL, TrainingConfig, dump
from wallpaint.train.faults.write_errors import writing
from wallpaint.train.models.training_models import TrainingModels
from wallpaint.train.trainer.checkpoint import save_adapters

KOHYA = "kohya_lora.safetensors"
CARD = "README.md"
_ROWS = ("lab_distance", "hue_error", "delta_e_2000", "delta_e_2000_truth")


def export_run(
    models: TrainingModels, config: TrainingConfig, steps: int, measured: Mapping[str, float | None] | None
) -> Path:
    """Write ``OUTPUT/final/``: the adapters, a kohya file, and a model card.

    Parameters
    ----------
    models : TrainingModels
        The models, with the weights to export.
    config : TrainingConfig
        The configuration of the run.
    steps : int
        Optimizer steps done.
    measured : mapping, optional
        Aggregated metrics of the last validation.

    Raises
    ------
    OutputError
        The folder cannot be written.
    """
    folder = config.output / FINAL
    with writing(folder, lambda: "Free disk space, and export again with --resume latest."):
        folder.mkdir(parents=True, exist_ok=True)
        save_adapters(models, config, folder)
        if "lora" in config.model.train:
            export_kohya(models.unet, folder / KOHYA, base_model_version=_base_version(config))
        write_files({folder / CARD: _card(config, steps, measured).encode()})
    return folder


def _base_version(config: TrainingConfig) -> str:
    return "sd_v1" if config.model.base == "sd15" else Path(config.model.base).name


def _card(config: TrainingConfig, steps: int, measured: Mapping[str, float | None] | None) -> str:
    lines = [
        f"# Wall colour for {config.model.base}",
        "",
        f"Trained by wallpaint {version('wallpaint')}, {steps:,} steps of "
        f"{config.optimization.batch_size * config.optimization.gradient_accumulation_steps} samples on each process, "
        f"seed {config.seed}: {', '.join(config.model.train)}.",
        "",
        "```bash",
        f"wallpaint paint room.jpg --mask wall.png --color '#B9A08C' {_parts(config)}",
        "```",
        "",
        *_table(measured),
        "## Configuration",
        "",
        "```yaml",
        dump(config).rstrip(),
        "```",
        "",
    ]
    return "\n".join(lines)


def _parts(config: TrainingConfig) -> str:
    """Command line options for the trained parts and for the models they were trained on."""
    model, options = config.model, [f"--model {config.model.base}"]
    if model.trains_color_tokens or set(model.train) - {"controlnet"}:
        options.append("--adapter THIS_FOLDER")
    elif model.adapter is not None:
        options.append(f"--adapter {model.adapter}")
    if "controlnet" in model.train:
        options.append("--controlnet THIS_FOLDER/controlnet")
    return " ".join(options)


def _table(measured: Mapping[str, float | None] | None) -> list[str]:
    if measured is None:
        return ["Not validated: set validation.every, or run wallpaint validate.", ""]
    rows = []
    for name in _ROWS:
        painted, locked = (_written(measured.get(f"{prefix}/{name}_mean")) for prefix in ("val", "val_locked"))
        rows.append(f"| {name} | {painted} | {locked} |")
    head = ["| mean over validation samples | as painted | after the colour lock |", "|---|---|---|"]
    return ["## Measured", "", *head, *rows, ""]


def _written(value: float | None) -> str:
    return "–" if value is None else f"{value:.2f}"
