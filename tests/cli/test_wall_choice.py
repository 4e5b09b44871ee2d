"""Painting without a finished mask: the wall is found, or chosen by points in the same command."""

import json

import numpy as np
import pytest
from PIL import Image

from wallpaint.mask.select import LEAST_CONFIDENCE, read_layers
from wallpaint.photo import read_photo


@pytest.fixture(autouse=True)
def finder(finder_sees, wall_alpha):
    return finder_sees(wall_alpha > 0.5, 0.83)


def grey(path):
    return np.asarray(Image.open(path).convert("L"))


def test_without_a_mask_the_wall_is_found_and_its_confidence_is_said(run, files, tmp_path, wall_alpha):
    finished = run("paint", files[0], "-c", "navy")
    assert finished.code == 0, finished.err
    assert finished.out.startswith("wall found: ")
    assert "% of the photo, confidence 0.83" in finished.out
    painted, photo = read_photo(tmp_path / "room-painted.png"), read_photo(files[0])
    assert (painted != photo).any(axis=-1)[wall_alpha == 1].mean() > 0.98
    assert not (painted != photo).any(axis=-1)[150:].any()


def test_the_mask_that_is_saved_paints_the_same(run, files, tmp_path):
    photo, out = files[0], tmp_path / "out"
    run("paint", photo, "-c", "navy", "-o", out / "a.png", "--save-mask")
    again = run("paint", photo, "-c", "navy", "-o", tmp_path / "b.png", "--mask", out / "room-wall.png")
    assert again.code == 0, again.err
    assert "wall found" not in again.out
    np.testing.assert_array_equal(read_photo(out / "a.png"), read_photo(tmp_path / "b.png"))


def test_the_saved_mask_goes_where_it_is_asked_to(run, files, tmp_path):
    finished = run("paint", files[0], "-c", "navy", "--save-mask", tmp_path / "m" / "mine.png")
    assert f"mask: {tmp_path / 'm' / 'mine.png'}" in finished.out
    assert (tmp_path / "m" / "mine.png").exists()


def test_json_has_the_share_the_confidence_and_the_mask(run, files, tmp_path):
    wall = json.loads(run("paint", files[0], "-c", "navy", "--json", "--save-mask").out)["wall"]
    assert wall["share"] == pytest.approx((grey(tmp_path / "room-wall.png") > 127).mean())
    assert wall["confidence"] == pytest.approx(0.83)
    assert wall["mask"] == str(tmp_path / "room-wall.png")


@pytest.mark.parametrize("confidence", [0.0, LEAST_CONFIDENCE - 0.02])
@pytest.mark.parametrize("command", [("paint", "-c", "navy", "-o", "out/x.png"), ("palette", "navy", "-o", "out")])
def test_a_wall_that_is_not_certain_stops_with_a_preview(command, confidence, run, files, finder_sees, wall_alpha):
    finder_sees(wall_alpha > 0.5, confidence)
    folder = files[0].parent / "out"
    name, *words = [str(folder / word[4:]) if word.startswith("out") else word for word in command]
    finished = run(name, files[0], *words)
    assert finished.code == 2
    assert finished.err.count("\n") == 1
    assert f"confidence {confidence:.2f}" in finished.err
    assert "--keep X,Y" in finished.err
    assert str(folder / "room-wall-preview.png") in finished.err
    assert [path.name for path in folder.iterdir()] == ["room-wall-preview.png"]
    assert read_photo(folder / "room-wall-preview.png").shape == read_photo(files[0]).shape


def test_with_a_point_it_paints_whatever_the_confidence(run, files, tmp_path, finder_sees, wall_alpha):
    finder_sees(wall_alpha > 0.5, 0.1)
    words = ("--keep", "60,20", "220,20", "--drop", "60,150")
    finished = run("paint", *words, files[0], "-c", "navy", "--save-mask")
    assert finished.code == 0, finished.err
    found = grey(tmp_path / "room-wall.png")
    assert ((found > 127) != (wall_alpha > 0.5)).mean() < 0.05


def test_points_correct_a_mask_that_is_given(run, files, tmp_path):
    photo, mask = files
    finished = run("paint", photo, "-c", "navy", "--mask", mask, "--keep", "60,150", "--save-mask", tmp_path / "m.png")
    assert finished.code == 0, finished.err
    assert (grey(mask)[150, 60], grey(tmp_path / "m.png")[150, 60]) == (0, 255)
    assert (grey(tmp_path / "m.png")[:60] == grey(mask)[:60]).mean() > 0.98


def test_an_inverted_mask_is_corrected_too(run, files, tmp_path, wall_mask):
    Image.fromarray(255 - wall_mask).save(tmp_path / "inverted.png")
    words = (
        "--mask",
        tmp_path / "inverted.png",
        "--invert-mask",
        "--keep",
        "60,150",
        "--save-mask",
        tmp_path / "m.png",
    )
    assert run("paint", files[0], "-c", "navy", *words).code == 0
    assert (grey(tmp_path / "m.png")[20, 60], grey(tmp_path / "m.png")[150, 60]) == (255, 255)


def test_plane_and_finder_are_passed_on(run, files, finder):
    assert run("paint", files[0], "-c", "navy", "--keep", "60,20", "--plane").code == 0
    assert finder.planes == [True]
    assert run("paint", files[0], "-c", "navy", "--keep", "60,20", "--plane", "--finder", "edges").code == 2


def test_the_photo_is_never_written_over(run, files):
    before = files[0].read_bytes()
    for words in (("-o", files[0]), ("--save-mask", files[0])):
        assert run("paint", files[0], "-c", "navy", *words).code == 2
    assert files[0].read_bytes() == before


def test_a_palette_finds_the_wall_once(run, files, tmp_path):
    finished = run(
        "palette", files[0], "navy", "185,160,140", "--keep", "60,20", "220,20", "-o", tmp_path / "p", "--json"
    )
    assert finished.code == 0, finished.err
    answer = json.loads(finished.out)
    assert [one["reference"] for one in answer["results"]] == ["#000080", "#b9a08c"]
    assert answer["wall"]["share"] > 0.5


def test_walls_are_found_by_a_point_each(run, files, tmp_path):
    photo, stored = files[0], tmp_path / "walls.zip"
    words = ("--wall", "60,20 220,20=navy", "--wall", "114,48=185,160,140", "--save-walls", stored)
    finished = run("walls", photo, *words, "-o", tmp_path / "a.png")
    assert finished.code == 0, finished.err
    assert "wall 1 found: " in finished.out
    layers = read_layers(stored, read_photo(photo).shape[:2])
    assert [layer.color.hex for layer in layers] == ["#000080", "#b9a08c"]
    assert (layers[0].mask[20, 60], layers[1].mask[20, 60], layers[1].mask[48, 114]) == (1, 0, 1)
    run("walls", photo, stored, "-o", tmp_path / "b.png")
    np.testing.assert_array_equal(read_photo(tmp_path / "a.png"), read_photo(tmp_path / "b.png"))
