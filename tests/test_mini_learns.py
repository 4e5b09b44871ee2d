"""From the base that is shipped, a short training brings the colour nearer: no random model can show that."""

from __future__ import annotations

import pytest

from wallpaint.evaluate import read_validation
from wallpaint.evaluate.validation.files import METRICS_FILES
from wallpaint.train import load_config
from wallpaint.train.loop import train

pytestmark = pytest.mark.slow

STEPS = 200


def test_two_hundred_steps_take_a_fifth_off_the_distance_in_cielab(tmp_path):
    folder = tmp_path / "validation"
    config = load_config(
        None,
        [
            f"output={tmp_path / 'run'}",
            f"validation.folder={folder}",
            f"optimization.max_steps={STEPS}",
            "data.rooms.per_room=40",
            "validation.every=1",
            "validation.num_validation_samples=20",
        ],
    )
    before = config.model_copy(update={"optimization": config.optimization.model_copy(update={"max_steps": 1})})
    train(before.model_copy(update={"output": tmp_path / "one"}))
    after = config.model_copy(update={"validation": config.validation.model_copy(update={"every": STEPS})})
    train(after)
    first, last = (read_validation(path) for path in sorted(folder.glob(METRICS_FILES)))
    assert (first.step, last.step) == (1, STEPS)
    assert last.value("lab_distance") <= 0.8 * first.value("lab_distance")
