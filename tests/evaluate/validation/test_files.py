import json
import math
import re

import numpy as np
import pytest

from wallpaint.errors import FileError, OutputError
from wallpaint.evaluate import Validation, read_validation
from wallpaint.evaluate.validation.files import sheets_of, write_validation
from wallpaint.metrics import METRICS

PAGE = np.full((8, 8, 3), 200, np.uint8)

# word for word as the workflow has it
SNIPPET = """
import json
from pathlib import Path

metrics_files = sorted(Path("validation_grids").glob("*_metrics.json"))
for f in metrics_files:
    data = json.load(open(f))
    step = data["step"]
    lab = data["aggregated_metrics"]["val/lab_distance_mean"]
    print(f"Step {step}: LAB={lab:.2f}")
"""


def record(value, locked=1.0, valid=True, **more):
    about = {"name": "room-7a9e7e", "reference": "#7a9e7e", "num_pixels": 100, "valid": valid}
    return {
        **about,
        **dict.fromkeys(METRICS, value),
        **more,
        "locked": {**dict.fromkeys(METRICS, locked), "valid": valid},
    }


@pytest.fixture
def validation():
    return Validation.of_samples(500, [record(10.0, hue_error=math.nan), record(20.0), record(0.0, valid=False)])


def test_plain_names_are_before_the_lock_and_others_after_it(validation):
    assert validation.aggregated_metrics["val/lab_distance_mean"] == 15
    assert validation.aggregated_metrics["val_locked/lab_distance_mean"] == 1
    assert validation.value("lab_distance") == 15
    assert validation.value("lab_distance", "max") == 20
    assert validation.value("lab_distance", prefix="val_locked") == 1


def test_samples_without_a_wall_count_for_nothing(validation):
    assert validation.aggregated_metrics["val/valid_samples"] == 2
    assert validation.aggregated_metrics["val_locked/valid_samples"] == 2
    assert validation.value("lab_distance", "min") == 10


def test_every_summary_of_every_metric_is_there(validation):
    for metric in METRICS:
        for summary in ("mean", "std", "p95", "min", "max", "count"):
            assert f"val/{metric}_{summary}" in validation.aggregated_metrics


def test_what_was_not_measured_is_nan(validation):
    assert math.isnan(validation.value("delta_e_2000_truth"))
    assert math.isnan(validation.value("anything"))
    assert validation.value("hue_error", "count") == 1


def test_what_is_written_can_be_read_back(validation, tmp_path):
    path = write_validation(tmp_path / "new/grids", validation, [PAGE, PAGE])
    assert path == tmp_path / "new/grids/step_000500_metrics.json"
    read = read_validation(path)
    assert (read.step, len(read.samples)) == (500, 3)
    assert read.aggregated_metrics == pytest.approx(dict(validation.aggregated_metrics), nan_ok=True)
    assert [sheet.name for sheet in sheets_of(path)] == ["step_000500_grid_01.png", "step_000500_grid_02.png"]


def test_the_file_is_json_for_everybody(validation, tmp_path):
    text = write_validation(tmp_path, validation).read_text()
    content = json.loads(text, parse_constant=lambda word: pytest.fail(f"{word} is no JSON"))
    assert set(content) == {"step", "aggregated_metrics", "samples"}
    assert content["samples"][0]["hue_error"] is None
    assert content["samples"][0]["locked"]["lab_distance"] == 1


def test_validating_a_step_again_leaves_no_sheet_of_before(validation, tmp_path):
    path = write_validation(tmp_path, validation, [PAGE] * 3)
    write_validation(tmp_path, Validation(5001, {}, []), [PAGE] * 2)
    write_validation(tmp_path, validation, [PAGE])
    assert [sheet.name for sheet in sheets_of(path)] == ["step_000500_grid_01.png"]
    assert len(list(tmp_path.glob("step_005001_grid_*.png"))) == 2


def test_the_workflows_own_snippet_reads_them(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    for step, value in ((0, 46.42), (500, 9.671), (10500, 8.0)):
        write_validation("validation_grids", Validation.of_samples(step, [record(value)]), [PAGE])
    exec(SNIPPET, {})
    assert capsys.readouterr().out == "Step 0: LAB=46.42\nStep 500: LAB=9.67\nStep 10500: LAB=8.00\n"


@pytest.mark.parametrize(
    "text",
    [
        "",
        "[]",
        "{",
        '{"step": 1}',
        '{"step": 1, "aggregated_metrics": []}',
        '{"step": "x", "aggregated_metrics": {}}',
        '{"step": 1, "aggregated_metrics": {"val/lab_distance_mean": "far"}}',
    ],
)
def test_other_files_are_refused(tmp_path, text):
    path = tmp_path / "step_000001_metrics.json"
    path.write_text(text)
    with pytest.raises(FileError, match=re.escape(f"{path}: it is not a metrics file")):
        read_validation(path)


def test_a_place_that_cannot_be_written_is_named(validation, tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(OutputError, match="Choose another folder"):
        write_validation(tmp_path / "file", validation)
