"""Settings kept beside what was made with them."""

from __future__ import annotations

import pytest

from wallpaint.data.storage.dataset_settings import agree_on_settings
from wallpaint.errors import FileError, OutputError, SettingError


@pytest.fixture
def record(tmp_path):
    agree_on_settings(tmp_path / "set/made.json", {"size": 64, "recipe": {"crop": 0.5}})
    return tmp_path / "set/made.json"


def test_the_same_settings_go_on(record):
    before = record.read_bytes()
    agree_on_settings(record, {"size": 64, "recipe": {"crop": 0.5}})
    assert record.read_bytes() == before


@pytest.mark.parametrize(
    ("settings", "says"),
    [
        ({"size": 96, "recipe": {"crop": 0.5}}, "another size: size was 64"),
        ({"size": 64}, "another recipe"),
        ({"size": 64, "recipe": {"crop": 0.5}, "seed": 1}, "another seed: seed was null"),
    ],
)
def test_others_are_refused_by_name(record, settings, says):
    with pytest.raises(SettingError, match=says):
        agree_on_settings(record, settings)


@pytest.mark.parametrize("content", ["{", "3"])
def test_a_damaged_record_is_named(record, content):
    record.write_text(content)
    with pytest.raises(FileError, match=r"made\.json: this file is damaged"):
        agree_on_settings(record, {"size": 64})


def test_a_folder_that_cannot_be_made_is_named(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(OutputError, match="cannot be written to"):
        agree_on_settings(tmp_path / "file/set/made.json", {})
