"""The workflow's own commands, as a person types them at the root of the repository.

Weights of Stable Diffusion 1.5 and photos are not at hand, so after the workflow's own words others name a folder of
tiny random models and a few made-up photos, and fewer steps.
"""

from __future__ import annotations

import json
import os
import shlex
import subprocess
import sys
from pathlib import Path

import pytest
import synthetic_room
from PIL import Image

ROOT = Path(__file__).parents[1]
LAUNCH = "accelerate launch --mixed_precision=fp16 train_lora_inpainting.py --config configs/lora_training.yaml"
WITH_CLASS = f"{LAUNCH} --dataset-class dataset_fix.WallInpaintingDataset"
BASELINE = "python validate.py --checkpoint none --samples 50"
THOUSAND = "accelerate launch train_lora_inpainting.py --max-steps 1000"

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def model(tmp_path_factory):
    tiny_models = pytest.importorskip("tiny_models")
    return tiny_models.save_tiny_model(tmp_path_factory.mktemp("workflow") / "model")


@pytest.fixture(scope="module")
def photos(tmp_path_factory):
    """``images/`` and ``masks/`` as the workflow has them: eight photos of one wall in eight paints."""
    folder = tmp_path_factory.mktemp("workflow") / "dataset"
    for kind in ("images", "masks"):
        (folder / kind).mkdir(parents=True)
    mask = Image.fromarray(((synthetic_room.wall_alpha() > 0.5) * 255).astype("uint8"))
    for place in range(8):
        paint = (0.1 + 0.1 * place, 0.5, 0.8 - 0.09 * place)
        Image.fromarray(synthetic_room.room(paint)).save(folder / f"images/{place:03d}.png")
        mask.save(folder / f"masks/{place:03d}.png")
    return folder


def command_line(command, *more):
    """Of this interpreter's own ``python`` and ``accelerate``; the command's words stay as they are, others follow."""
    program, *words = shlex.split(command)
    found = sys.executable if program == "python" else str(Path(sys.executable).with_name(program))
    return [found, *words, *map(str, more)]


def run(command, *more, tmp_path):
    own = {
        "PYTHONPATH": str(ROOT / "src"),
        "OMP_NUM_THREADS": "1",
        "HF_HUB_OFFLINE": "1",
        "HF_HOME": str(tmp_path / "hub"),
    }
    words = command_line(command, *more)
    return subprocess.run(words, cwd=ROOT, env={**os.environ, **own}, capture_output=True, text=True, timeout=300)


def sets(**values):
    return [word for key, value in values.items() for word in ("--set", f"{key.replace('__', '.')}={value}")]


def small(model, tmp_path):
    return [
        *("--max-steps", 2, "--output", tmp_path / "run"),
        *sets(model__base=model, model__color_tokens="false", data__size=64, optimization__batch_size=2),
        *sets(validation__folder=tmp_path / "grids", validation__num_validation_samples=2, validation__steps=1),
    ]


@pytest.mark.parametrize("command", [LAUNCH, WITH_CLASS])
def test_training_on_photos_works_as_written(command, model, photos, tmp_path):
    photographs = sets(data__path=photos, data__quality_threshold=0, data__validation_share=0.4, data__workers=1)
    encoder = sets(model__ip_adapter="null", optimization__warmup_steps=1)
    finished = run(command, *small(model, tmp_path), *photographs, *encoder, tmp_path=tmp_path)
    assert finished.returncode == 0, finished.stderr
    assert (tmp_path / "run/final/pytorch_lora_weights.safetensors").is_file()
    assert (tmp_path / "grids/step_000002_metrics.json").is_file()
    assert finished.stderr.count("fp16 is far slower than fp32 on a CPU") == 1


def test_a_thousand_steps_are_a_matter_of_time(model, tmp_path):
    finished = run(THOUSAND, *small(model, tmp_path), tmp_path=tmp_path)
    assert finished.returncode == 0, finished.stderr
    assert (tmp_path / "run/final/README.md").is_file()
    assert finished.stdout.strip() == f"2 steps: {tmp_path / 'run/final'}"


def test_the_baseline_can_be_recorded_and_compared_over_steps(model, tmp_path):
    words = ["--model", model, "--samples", 2, "--size", 64, "--steps", 1, "--output", tmp_path / "grids"]
    finished = run(BASELINE, *words, tmp_path=tmp_path)
    assert finished.returncode == 0, finished.stderr
    run(THOUSAND, *small(model, tmp_path), tmp_path=tmp_path)
    contents = [json.loads(file.read_text()) for file in sorted((tmp_path / "grids").glob("*_metrics.json"))]
    assert [content["step"] for content in contents] == [0, 2]
    assert all(content["aggregated_metrics"]["val/lab_distance_mean"] > 0 for content in contents)


def test_on_the_shipped_mini_they_work_as_written(tmp_path):
    """Where nothing names another model: the baseline is far from the references, and a training runs."""
    grids = tmp_path / "grids"
    finished = run(BASELINE, "--output", grids, tmp_path=tmp_path)
    assert finished.returncode == 0, finished.stderr
    measured = json.loads((grids / "step_000000_metrics.json").read_text())
    assert len(measured["samples"]) == 50
    assert measured["aggregated_metrics"]["val/lab_distance_mean"] > 40
    short = ["--max-steps", 2, "--output", tmp_path / "run", *sets(validation__every=0, optimization__batch_size=4)]
    finished = run(THOUSAND, *short, tmp_path=tmp_path)
    assert finished.returncode == 0, finished.stderr
    assert (tmp_path / "run/final/pytorch_lora_weights.safetensors").is_file()


@pytest.mark.parametrize("command", [LAUNCH, WITH_CLASS])
def test_without_weights_each_ends_with_one_line_and_what_to_do(command, tmp_path):
    """accelerate's launcher has more to say, before it and after."""
    finished = run(command, tmp_path=tmp_path)
    [ours] = [line for line in finished.stderr.splitlines() if "wallpaint models pull sd15" in line]
    assert finished.returncode != 0
    by_itself = command.replace("accelerate launch --mixed_precision=fp16", "python").replace(
        "accelerate launch", "python"
    )
    alone = run(by_itself, tmp_path=tmp_path)
    assert alone.returncode == 2
    assert alone.stderr.splitlines() == [ours]
