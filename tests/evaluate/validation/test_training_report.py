import json
import re
from html.parser import HTMLParser

import numpy as np
import pytest

from wallpaint.errors import FileError, MissingFileError, OutputError, SettingError
from wallpaint.evaluate import Validation
from wallpaint.evaluate.validation.files import write_validation

report = pytest.importorskip("wallpaint.evaluate.validation.training_report", reason="needs matplotlib")

PAGE = np.random.default_rng(0).integers(0, 255, (40, 60, 3), np.uint8)
METRICS = ("lab_distance", "hue_error", "delta_e", "delta_e_2000", "delta_e_2000_truth")


class Page(HTMLParser):
    """What is on a page: its pictures, its rows, and whether all that opens is closed."""

    def __init__(self, path):
        super().__init__()
        self.pictures, self.rows, self.open = [], [], []
        self.feed(path.read_text())

    def handle_starttag(self, tag, attrs):
        if tag == "img":
            self.pictures.append(dict(attrs))
        elif tag != "meta":
            self.open.append(tag)
        if tag == "tr":
            self.rows.append([])

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        if self.rows and ("td" in self.open or "th" in self.open):
            self.rows[-1].append(data)


def validation(step, raw):
    values = {f"val/{metric}_mean": raw for metric in METRICS} | {f"val/{metric}_p95": 2 * raw for metric in METRICS}
    return Validation(step, {**values, **{f"val_locked/{metric}_mean": 0.5 for metric in METRICS}}, [])


@pytest.fixture
def folder(tmp_path):
    """What a training leaves: three validations of two sheets each, and a log."""
    run = tmp_path / "beige & sage"
    for step, raw in ((0, 46.4), (10000, 4.2), (500, 12.5)):
        write_validation(run / "validation_grids", validation(step, raw), [PAGE, PAGE])
    lines = [json.dumps({"step": step, "loss": 1 / step, "learning_rate": 1e-4}) for step in range(1, 40)]
    (run / "training_log.jsonl").write_text("\n".join(lines))
    return run


def test_a_page_shows_curves_figures_and_sheets_and_needs_no_other_file(folder):
    path = report.write_report(folder, folder / "report.html")
    page = Page(path)
    assert page.open == []
    assert all(picture["src"].startswith("data:image/") for picture in page.pictures)
    assert not re.search(r'(src|href)="(?!data:)', path.read_text())
    curves = [picture["alt"] for picture in page.pictures if "svg" in picture["src"][:20]]
    assert curves[0] == "training loss"
    assert len(curves) == 1 + len(METRICS)
    assert "beige &amp; sage" in path.read_text()


def test_the_last_validation_is_compared_with_the_first_and_with_the_targets(folder):
    rows = Page(report.write_report(folder, folder / "report.html")).rows
    assert rows[0][2:] == ["step 0", "step 10000", "step 10000, locked"]
    assert rows[1] == ["LAB distance to the reference", "< 15 / < 5", "46.40", "4.20", "excellent", "0.50"]
    assert rows[2][-2] == "good"
    assert [row[0] for row in rows[-3:]] == ["0", "500", "10000"]


def test_the_last_validation_shows_all_sheets_and_the_others_their_first(folder):
    pictures = Page(report.write_report(folder, folder / "report.html")).pictures
    sheets = [picture["alt"] for picture in pictures if "jpeg" in picture["src"][:20]]
    assert sheets == [
        "step_010000_grid_01.png",
        "step_010000_grid_02.png",
        "step_000500_grid_01.png",
        "step_000000_grid_01.png",
    ]


def test_metrics_alone_are_enough_and_so_is_a_log_alone(folder, tmp_path):
    metrics_only = Page(report.write_report(folder / "validation_grids", tmp_path / "a.html"))
    assert "training loss" not in {picture["alt"] for picture in metrics_only.pictures}
    for path in folder.rglob("*_metrics.json"):
        path.unlink()
    log_only = Page(report.write_report(folder, tmp_path / "new/b.html"))
    assert [picture["alt"] for picture in log_only.pictures] == ["training loss"]


def test_the_same_files_make_the_same_page(folder, tmp_path):
    one, two = (report.write_report(folder, tmp_path / name).read_bytes() for name in ("a.html", "b.html"))
    assert one == two


def test_a_validation_that_measured_little_is_shown_with_dashes(tmp_path):
    write_validation(tmp_path, Validation(5, {"val/lab_distance_mean": 3.0, "val/valid_samples": 2}, []))
    rows = Page(report.write_report(tmp_path, tmp_path / "report.html")).rows
    assert rows[2] == ["hue error, degrees", "< 10 / < 3", "–", "–", "not measured", "–"]


def test_what_cannot_be_reported_is_said_in_one_sentence(folder, tmp_path):
    (tmp_path / "empty").mkdir()
    with pytest.raises(MissingFileError, match="neither"):
        report.write_report(tmp_path / "empty", tmp_path / "report.html")
    with pytest.raises(OutputError, match="cannot be written"):
        report.write_report(folder, folder / "training_log.jsonl/report.html")
    (folder / "validation_grids/step_000001_metrics.json").write_text("{}")
    with pytest.raises(FileError, match="step_000001_metrics"):
        report.write_report(folder, tmp_path / "report.html")


def test_two_trainings_are_not_mixed(folder):
    write_validation(folder / "other", validation(0, 1.0))
    with pytest.raises(SettingError, match="one training"):
        report.write_report(folder, folder / "report.html")
