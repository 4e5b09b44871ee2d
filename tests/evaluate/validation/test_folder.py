"""Each run keeps its validations apart, and the workflow's script reads those of the last."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from wallpaint.errors import SettingError, WallpaintWarning
from wallpaint.evaluate.validation.files import Validation, write_validation
from wallpaint.evaluate.validation.folder import link_workflow_folder, refuse_other_run

SCRIPT = """
import json
from pathlib import Path

for f in sorted(Path("validation_grids").glob("*_metrics.json")):
    data = json.load(open(f))
    print(data["step"], data["aggregated_metrics"]["val/lab_distance_mean"])
"""


@pytest.fixture(autouse=True)
def here(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)


def validated(folder, **lab_distances):
    """Validations of a run by step, each with one figure."""
    for step, value in lab_distances.items():
        measured = {"val/lab_distance_mean": value}
        write_validation(folder, Validation(int(step.removeprefix("step")), measured, []))
    link_workflow_folder(Path(folder))


def read_by_the_workflow():
    done = subprocess.run([sys.executable, "-c", SCRIPT], capture_output=True, text=True, check=True)
    return [tuple(map(float, line.split())) for line in done.stdout.splitlines()]


def test_the_workflows_script_reads_the_last_run_and_no_other():
    validated("out/a/validation", step0=50.0, step500=20.0)
    assert read_by_the_workflow() == [(0, 50), (500, 20)]
    validated("out/b/validation", step500=30.0)
    assert read_by_the_workflow() == [(500, 30)]
    assert json.loads(Path("out/a/validation/step_000500_metrics.json").read_text())["step"] == 500
    validated("out/a/validation", step1000=10.0)
    assert read_by_the_workflow() == [(0, 50), (500, 20), (1000, 10)]


def test_the_link_goes_along_when_the_project_is_moved(tmp_path, monkeypatch):
    Path("project").mkdir()
    monkeypatch.chdir("project")
    validated("out/a/validation", step500=20.0)
    (tmp_path / "project").rename(tmp_path / "moved")
    monkeypatch.chdir(tmp_path / "moved")
    assert read_by_the_workflow() == [(500, 20)]


def test_a_folder_of_that_name_with_files_is_unchanged_with_a_warning():
    write_validation("validation_grids", Validation(500, {"val/lab_distance_mean": 77.0}, []))
    with pytest.warns(WallpaintWarning, match=r"validation_grids: this folder is not a link.*out/a/validation"):
        validated("out/a/validation", step500=20.0)
    assert read_by_the_workflow() == [(500, 77)]
    assert Path("out/a/validation/step_000500_metrics.json").is_file()


def test_an_empty_folder_and_a_link_to_nowhere_are_replaced():
    Path("validation_grids").mkdir()
    validated("out/a/validation", step500=20.0)
    os.rename("out", "away")
    validated("out/b/validation", step500=30.0)
    assert read_by_the_workflow() == [(500, 30)]
    assert not list(Path().glob(".*.part"))


def test_a_run_that_writes_to_that_folder_itself_needs_no_link():
    validated("validation_grids", step500=20.0)
    assert not Path("validation_grids").is_symlink()
    assert read_by_the_workflow() == [(500, 20)]


def test_if_links_are_not_supported_a_warning_names_the_folder(monkeypatch):
    def refused(*_, **__):
        raise OSError(1314, "A required privilege is not held by the client")

    monkeypatch.setattr(Path, "symlink_to", refused)
    with pytest.warns(
        WallpaintWarning, match=r"the link cannot be created \(A required.*validations are in out/a/validation"
    ):
        validated("out/a/validation", step500=20.0)


def test_a_baseline_may_be_there_before_a_run_and_a_trained_model_may_not():
    refuse_other_run(Path("out/a/validation"))
    validated("out/a/validation", step0=50.0)
    refuse_other_run(Path("out/a/validation"))
    validated("out/a/validation", step500=20.0, step1000=10.0)
    with pytest.raises(
        SettingError, match=r"holds validations of an earlier run \(2, step_000500_metrics\.json first\)"
    ):
        refuse_other_run(Path("out/a/validation"))
