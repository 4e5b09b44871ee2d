"""Two processes are one, at the same effective batch."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
import torch
from tiny_training import tiny_words

ROOT = Path(__file__).parents[2]
TOLERANCE = 1e-4  #: of the loss, relative: sums over samples are taken in another order

pytestmark = pytest.mark.slow


def launched(count, words):
    own = {
        "ACCELERATE_USE_CPU": "true",
        "OMP_NUM_THREADS": "1",
        "PYTHONPATH": os.pathsep.join([f"{ROOT}/src", f"{ROOT}/tests"]),
    }
    spoken = [word for override in words for word in ("--set", override)]
    program = [sys.executable, "-m", "torch.distributed.run", f"--nproc_per_node={count}", "train_lora_inpainting.py"]
    return subprocess.run(
        [*program, *spoken], cwd=ROOT, env={**os.environ, **own}, capture_output=True, text=True, timeout=300
    )


@pytest.mark.parametrize(
    "more",
    [
        ["optimization.ema_decay=0.9"],
        [
            "model.train=[lora, controlnet]",
            "optimization.gradient_accumulation_steps=2",
            "optimization.learning_rate=1e-4",
        ],
    ],
)
def test_two_processes_train_as_one(tiny_model, tmp_path, final_weights, more):
    curves, weights = [], []
    for count in (1, 2):
        output = tmp_path / str(count)
        words = tiny_words(tiny_model, output, f"model.controlnet={tiny_model / 'controlnet'}", *more)
        finished = launched(count, [*words, f"optimization.batch_size={4 // count}", "checkpoints.every=3"])
        assert finished.returncode == 0, finished.stderr
        assert finished.stdout.strip() == f"6 steps: {output / 'final'}"
        curves.append([json.loads(line)["loss"] for line in (output / "training_log.jsonl").read_text().splitlines()])
        weights.append(final_weights(output))
    assert len(curves[0]) == 6
    assert curves[1] == pytest.approx(curves[0], rel=TOLERANCE)
    for name, value in weights[0].items():
        torch.testing.assert_close(weights[1][name], value, rtol=1e-2, atol=1e-3)


def test_a_sample_that_is_wrong_on_one_process_is_skipped_on_all(tiny_model, tmp_path):
    words = tiny_words(tiny_model, tmp_path / "run", "optimization.batch_size=1", walls="DamagedWalls")
    finished = launched(2, [*words, "optimization.gradient_accumulation_steps=2"])
    assert finished.returncode == 0, finished.stderr
    losses = [json.loads(line)["loss"] for line in (tmp_path / "run/training_log.jsonl").read_text().splitlines()]
    assert None in losses
    assert any(loss is not None for loss in losses[losses.index(None) + 1 :])
    assert finished.stderr.count("the loss of wall-3 is NaN or infinite") == losses.count(None)
