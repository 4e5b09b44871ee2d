import json

import numpy as np
from bad_inputs import room

from wallpaint.photo import read_photo


def test_each_colour_gets_a_picture_equal_to_painting_it_alone(run, tmp_path):
    photo, mask = room(tmp_path)
    finished = run("palette", photo, "#B9A08C", "navy", "-m", mask, "-o", tmp_path / "palette", "--json")
    results = json.loads(finished.out)["results"]
    assert [result["reference"] for result in results] == ["#b9a08c", "#000080"]
    assert (tmp_path / "palette" / "sheet.png").exists()
    run("paint", photo, "-m", mask, "-c", "navy", "-o", tmp_path / "alone.png")
    together = read_photo(tmp_path / "palette" / "02-navy.png")
    np.testing.assert_array_equal(together, read_photo(tmp_path / "alone.png"))


def test_one_bad_colour_stops_before_any_work(run, tmp_path):
    photo, mask = room(tmp_path)
    finished = run("palette", photo, "navy", "nope", "-m", mask, "-o", tmp_path / "palette")
    assert finished.code == 2
    assert not (tmp_path / "palette").exists()
