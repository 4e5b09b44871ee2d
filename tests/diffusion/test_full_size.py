"""A repaint at Stable Diffusion 1.5's exact size: result and memory."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import inference
import pytest
from random_sd15 import write_random_sd15

pytestmark = pytest.mark.slow

# In a process of its own: its peak is that of this painting alone.
PAINT = """
import json, sys
import numpy as np
from inference import example_square, peak_gigabytes
from wallpaint import Repainter

photo, mask = example_square()
near = np.linspace(0, 1, photo.shape[0], dtype=np.float32)[:, None].repeat(photo.shape[1], axis=1)
repainter = Repainter.from_pretrained(sys.argv[1], steps=2, depth=sys.argv[2] == "depth", device="cpu")
room = repainter.open(photo, mask, depth=near)
calls = []
painted = room.paint("#7A9E7E", callback=lambda step, steps: calls.append(f"{step}/{steps}"))
print(json.dumps({
    "pixels": list(room.engine_room.photo.shape[-2:]),
    "steps": calls,
    "engine": room.engine_room.describe(),
    "metrics": painted.metrics,
    "is_painted": bool((painted.raw != photo).any()),
    "gigabytes": peak_gigabytes(),
}))
"""


@pytest.fixture(scope="module")
def model_folder(tmp_path_factory):
    """4.2 GB, deleted after the tests."""
    folder = write_random_sd15(tmp_path_factory.mktemp("full-size"), controlnet=True)
    yield folder
    shutil.rmtree(folder)


@pytest.mark.parametrize("depth", ["depth", "no"])
def test_a_repaint_at_512_pixels_stays_within_12_gib(model_folder, depth):
    paths = [str(Path(inference.__file__).parent), *filter(None, [os.environ.get("PYTHONPATH")])]
    done = subprocess.run(
        [sys.executable, "-c", PAINT, str(model_folder), depth],
        env={**os.environ, "PYTHONPATH": os.pathsep.join(paths), "CUDA_VISIBLE_DEVICES": ""},
        stdout=subprocess.PIPE,
        text=True,
        check=True,
    )
    result = json.loads(done.stdout)
    assert result["pixels"] == [512, 512]
    assert result["steps"] == ["1/2", "2/2"]
    assert result["engine"]["depth"] == ("yes" if depth == "depth" else "no")
    assert result["is_painted"]
    assert result["metrics"]["delta_e_2000_median"] <= 0.5
    assert result["metrics"]["outside_max_change"] == 0
    assert result["gigabytes"] * 1e9 <= 12 * 2**30
