import json

import numpy as np
import pytest

from wallpaint.color import parse_color
from wallpaint.mask.select import Layer, write_layers
from wallpaint.photo import read_photo


@pytest.fixture
def layers(room_pixels):
    upper, lower = np.zeros((2, *room_pixels.shape[:2]), np.float32)
    upper[:61], lower[80:141] = 1, 1
    return [Layer("upper", upper, parse_color("navy")), Layer("lower", lower, parse_color("tan"))]


@pytest.mark.parametrize("name", ["walls.zip", "walls"])
def test_every_wall_has_its_colour_and_the_rest_is_the_photo(name, run, files, layers, tmp_path, room_pixels):
    write_layers(tmp_path / name, layers)
    finished = run("walls", files[0], tmp_path / name, "--edges", "hard", "-o", tmp_path / "both.png", "--json")
    assert finished.code == 0, finished.err
    painted = read_photo(tmp_path / "both.png")
    assert np.array_equal(painted[61:80], room_pixels[61:80])
    for layer in layers:
        assert tuple(np.median(painted[layer.mask > 0], axis=0)) == layer.color.rgb8
    told = json.loads(finished.out)["walls"]
    assert [(wall["name"], wall["delta_e_2000_median"]) for wall in told] == [("upper", 0), ("lower", 0)]


def test_a_wall_without_a_colour_is_named(run, files, layers, tmp_path):
    write_layers(tmp_path / "walls.zip", [layers[0], Layer("east", layers[1].mask)])
    finished = run("walls", files[0], tmp_path / "walls.zip")
    assert finished.code == 2
    assert "'east' has no colour" in finished.err


def test_the_walls_are_not_written_over(run, files, layers, tmp_path):
    write_layers(tmp_path / "walls.zip", layers)
    finished = run("walls", files[0], tmp_path / "walls.zip", "-o", tmp_path / "walls.zip")
    assert finished.code == 2
    assert "would be overwritten" in finished.err
