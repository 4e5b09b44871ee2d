"""``wallpaint mask``, as users run it."""

from __future__ import annotations

import numpy as np
import pytest
from PIL import Image

from wallpaint.mask import read_mask
from wallpaint.mask.select import LEAST_CONFIDENCE
from wallpaint.photo import read_photo


@pytest.fixture
def photo(files):
    return files[0]


@pytest.fixture(autouse=True)
def finder(finder_sees, wall_alpha):
    return finder_sees(wall_alpha > 0.5, 0.83)


def read(path, photo):
    return read_mask(path, read_photo(photo).shape[:2])


def test_clicks_give_a_mask_that_paints(run, photo, tmp_path, wall_alpha):
    wall = tmp_path / "found.png"
    finished = run("mask", photo, "--keep", "60,20", "220,20", "--drop", "60,150", "-o", wall)
    assert finished.code == 0, finished.err
    assert "% of the photo, confidence " in finished.out
    mask = read(wall, photo)
    assert ((mask > 0.5) != (wall_alpha > 0.5)).mean() < 0.05
    assert run("paint", photo, "--mask", wall, "--color", "#2f4858", "-o", tmp_path / "painted.png").code == 0


def test_hard_edges_are_black_and_white(run, photo, tmp_path):
    run("mask", photo, "-k", "60,20", "--edges", "hard", "-o", tmp_path / "wall.png")
    assert set(np.unique(np.asarray(Image.open(tmp_path / "wall.png")))) == {0, 255}


def test_polygons_alone_are_the_mask_and_later_cuts_go_through_them(run, photo, tmp_path):
    words = ("--polygon", "10,10 100,10 100,60 10,60", "--cut", "20,20 40,20 40,40 20,40", "--edges", "hard")
    assert run("mask", photo, *words, "-o", tmp_path / "wall.png").code == 0
    mask = read(tmp_path / "wall.png", photo)
    assert (mask[15, 15], mask[30, 30], mask[55, 90], mask[100, 50]) == (1, 0, 1, 0)


def test_drop_removes_a_surface_from_a_polygon(run, photo, tmp_path):
    words = ("--polygon", "0,0 239,0 239,90 0,90", "--drop", "114,48", "--edges", "hard")
    assert run("mask", photo, *words, "-o", tmp_path / "wall.png").code == 0
    mask = read(tmp_path / "wall.png", photo)
    assert (mask[20, 60], mask[48, 114]) == (1, 0)


def test_the_preview_dims_everything_except_the_wall(run, photo, tmp_path):
    run("mask", photo, "--keep", "60,20", "-o", tmp_path / "wall.png", "--preview", tmp_path / "look.png")
    shown, before = read_photo(tmp_path / "look.png"), read_photo(photo)
    assert shown.shape == before.shape
    assert shown[150, 60].sum() < 0.5 * before[150, 60].sum()
    np.testing.assert_array_equal(shown[20, 150], before[20, 150])


def test_the_default_path_of_the_mask_is_beside_the_photo(run, photo):
    assert run("mask", photo, "--keep", "60,20").code == 0
    assert photo.with_name("room-wall.png").is_file()


def test_without_clicks_all_walls_are_found(run, photo, tmp_path, wall_alpha):
    finished = run("mask", photo, "-o", tmp_path / "wall.png")
    assert finished.code == 0, finished.err
    assert "% of the photo, confidence 0.83" in finished.out
    assert finished.err == ""
    assert ((read(tmp_path / "wall.png", photo) > 0.5) != (wall_alpha > 0.5)).mean() < 0.02


def test_a_mask_found_with_little_confidence_is_written_with_a_note(run, photo, tmp_path, finder_sees, wall_alpha):
    finder_sees(wall_alpha > 0.5, LEAST_CONFIDENCE - 0.05)
    finished = run("mask", photo, "-o", tmp_path / "wall.png")
    assert finished.code == 0
    assert (tmp_path / "wall.png").exists()
    assert "--keep X,Y" in finished.err


def test_where_no_wall_is_found_the_error_shows_how_to_click(run, photo, finder_sees):
    finder_sees(None)
    finished = run("mask", photo)
    assert finished.code == 2
    assert finished.err.count("\n") == 1
    assert "--keep X,Y" in finished.err


@pytest.mark.parametrize("option", ["--finder", "--model"])
def test_another_finder_is_loaded_by_its_name(option, run, photo, tmp_path, monkeypatch, finder_sees):
    upper = np.zeros((160, 240), bool)
    upper[:80] = True
    monkeypatch.setattr("wallpaint.load_finder", {"some/model": finder_sees(upper)}.__getitem__, raising=False)
    finder_sees(None)
    words = (option, "some/model", "--edges", "hard", "-o", tmp_path / "wall.png")
    assert run("mask", photo, *words).code == 0
    column = read(tmp_path / "wall.png", photo)[:, 5]
    assert column[:75].all()
    assert not column[85:].any()


def test_points_correct_a_mask(run, files, tmp_path):
    photo, mask = files
    words = ("--mask", mask, "--drop", "60,20", "--keep", "60,150", "--edges", "hard")
    assert run("mask", photo, *words, "-o", tmp_path / "better.png").code == 0
    before, after = (np.asarray(Image.open(path).convert("L")) for path in (mask, tmp_path / "better.png"))
    assert (before[20, 60], before[150, 60]) == (255, 0)
    assert (after[20, 60], after[150, 60]) == (0, 255)


def test_plane_is_passed_on_to_the_finder(run, photo, tmp_path, finder):
    assert run("mask", photo, "--keep", "60,20", "--plane", "-o", tmp_path / "wall.png").code == 0
    assert finder.planes == [True]


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (["--keep", "60"], "two whole numbers such as 420,180"),
        (["--keep", "60,abc"], "it was '60,abc'"),
        (["--keep", "900,20"], "900,20 lies outside the photo"),
        (["--finder", "edges"], "keep at least one point of it (--keep X,Y)"),
        (["--plane"], "keep at least one (--keep X,Y)"),
        (["--interactive", "--keep", "60,20"], "chosen on the page"),
        (["--mask", "missing.png", "--drop", "60,20"], "missing.png"),
        (["--polygon", "10,10", "20,20", "30,10"], "needs 3 or more points; this one has 1"),
        (["--polygon", "10,10 20,20 x,3"], "three corners or more in one pair of quotes"),
        (["--polygon", "0,0 240,0 240,160 0,160"], "the whole photo was selected"),
        (["--keep", "60,20", "--cut", "0,0 240,0 240,160 0,160"], "no wall was found"),
        (["--keep", "60,20", "--edges", "fuzzy"], "choose refined or hard"),
        (["--keep", "60,20", "-o", "wall.bmp"], ".bmp is not a supported output format"),
    ],
)
def test_a_bad_option_ends_in_one_line_and_exit_2(words, says, run, photo, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    finished = run("mask", photo, *words)
    assert finished.code == 2
    assert says in finished.err
    assert finished.err.count("\n") == 1


def test_neither_the_mask_nor_the_preview_replaces_the_photo(run, photo):
    before = photo.read_bytes()
    assert run("mask", photo, "--keep", "60,20", "-o", photo).code == 2
    assert run("mask", photo, "--keep", "60,20", "--preview", photo).code == 2
    assert photo.read_bytes() == before
