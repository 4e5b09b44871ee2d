import json

import pytest
from bad_inputs import room, room_pixels
from PIL import Image


def test_a_swatch_file_and_its_colour_measure_the_same(run, tmp_path):
    photo, mask = room(tmp_path)
    Image.new("RGB", (40, 30), (200, 180, 150)).save(tmp_path / "swatch.png")
    by_file = json.loads(run("measure", tmp_path / "swatch.png", photo, mask, "--json").out)
    by_color = json.loads(run("measure", "200,180,150", photo, mask, "--json").out)
    for metric in ("delta_e_2000", "lab_distance", "delta_e_2000_p95", "delta_e_2000_median"):
        assert by_file[metric] == pytest.approx(by_color[metric], abs=1e-9)


def test_the_hue_of_a_grey_is_null_in_json(run, tmp_path):
    photo, mask = room(tmp_path)
    assert json.loads(run("measure", "grey", photo, mask, "--json").out)["hue_error"] is None


def test_a_changed_pixel_far_from_the_wall_is_found(run, tmp_path):
    photo, mask = room(tmp_path)
    pixels = room_pixels()
    pixels[90, 5] += 7
    Image.fromarray(pixels).save(tmp_path / "changed.png")
    finished = run("measure", "beige", tmp_path / "changed.png", mask, "--source", photo, "--json")
    assert json.loads(finished.out)["outside_max_change"] == 7


def test_a_source_of_another_size_is_refused(run, tmp_path):
    photo, mask = room(tmp_path)
    Image.new("RGB", (10, 10)).save(tmp_path / "small.png")
    finished = run("measure", "beige", photo, mask, "--source", tmp_path / "small.png")
    assert finished.code == 2
    assert "10 × 10 pixels" in finished.err


def test_the_table_says_what_each_figure_means(run, tmp_path):
    photo, mask = room(tmp_path)
    assert "95 % of the wall's pixels do not exceed" in " ".join(run("measure", "beige", photo, mask).out.split())
