import json

import numpy as np
import pytest
from bad_inputs import CASES, room, wall_mask
from PIL import Image

from wallpaint.photo import read_photo


def given(case, folder):
    """The words after ``wallpaint paint`` that give this case its role."""
    photo, mask = room(folder)
    path = case.make(folder)
    files = {"photo": photo, "mask": mask, "output": folder / "painted.png", case.role: path}
    return [files["photo"], "--mask", files["mask"], "--color", "#B9A08C", "--output", files["output"]]


@pytest.mark.parametrize("name", [name for name, case in CASES.items() if case.error])
def test_bad_input_ends_in_one_line_and_exit_2(name, run, tmp_path):
    finished = run("paint", *given(CASES[name], tmp_path))
    assert finished.code == 2
    assert len(finished.err.strip().splitlines()) == 1
    assert CASES[name].says in finished.err
    assert "Traceback" not in finished.err


@pytest.mark.parametrize("name", [name for name, case in CASES.items() if not case.error])
def test_awkward_input_is_painted(name, run, tmp_path):
    finished = run("paint", *given(CASES[name], tmp_path), "--json")
    assert finished.code == 0, finished.err
    assert json.loads(finished.out)["delta_e_2000_median"] <= 0.5
    if CASES[name].warns:
        assert "note: " in finished.err


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (["--color", "notacolor"], "is not a colour"),
        (["--color", "#11223344"], "is transparent"),
        (["--color", "rgba(1,2,3,0.5)"], "is transparent"),
        ([], "either --color or --texture"),
        (["--color", "red", "--texture", "brick.png"], "either --color or --texture"),
        (["--color", "red", "--edges", "fuzzy"], "choose refined or hard"),
        (["--color", "red", "--edge-width", "99"], "choose 0 to 64"),
        (["--color", "red", "--catalog", "missing.csv"], "missing.csv"),
        (["--texture", "missing.png"], "missing.png"),
        (["--color", "red", "--corners", "1,2 3,4"], "--corners takes four points"),
    ],
)
def test_a_bad_option_ends_in_one_line_and_exit_2(words, says, run, tmp_path):
    photo, mask = room(tmp_path)
    finished = run("paint", photo, "--mask", mask, *words)
    assert finished.code == 2
    assert says in finished.err
    assert len(finished.err.strip().splitlines()) == 1


def test_the_painted_file_holds_what_was_measured(run, tmp_path):
    photo, mask = room(tmp_path)
    output = tmp_path / "painted.png"
    painted = json.loads(run("paint", photo, "-m", mask, "-c", "7A9E7E", "-o", output, "--json").out)
    measured = json.loads(run("measure", "7A9E7E", output, mask, "--source", photo, "--json").out)
    assert measured["delta_e_2000"] == painted["delta_e_2000"]
    assert measured["delta_e_2000_median"] == painted["delta_e_2000_median"] <= 0.5
    assert measured["outside_max_change"] == painted["outside_max_change"] == 0


def test_without_output_the_picture_goes_beside_the_photo(run, tmp_path):
    photo, mask = room(tmp_path)
    assert run("paint", photo, "-m", mask, "-c", "navy").code == 0
    assert (tmp_path / "room-painted.png").exists()


def test_compare_writes_before_and_after(run, tmp_path):
    photo, mask = room(tmp_path)
    run("paint", photo, "-m", mask, "-c", "navy", "--compare", tmp_path / "compare.png")
    sheet = Image.open(tmp_path / "compare.png")
    assert sheet.width > 2 * Image.open(photo).width


def test_an_inverted_mask_paints_the_same_wall(run, tmp_path):
    photo, mask = room(tmp_path)
    inverted = tmp_path / "inverted.png"
    Image.fromarray(255 - wall_mask()).save(inverted)
    run("paint", photo, "-m", mask, "-c", "teal", "-o", tmp_path / "a.png")
    run("paint", photo, "-m", inverted, "--invert-mask", "-c", "teal", "-o", tmp_path / "b.png")
    np.testing.assert_array_equal(read_photo(tmp_path / "a.png"), read_photo(tmp_path / "b.png"))


def test_hard_edges_change_nothing_outside_the_mask(run, tmp_path):
    photo, mask = room(tmp_path)
    output = tmp_path / "painted.png"
    run("paint", photo, "-m", mask, "-c", "white", "-o", output, "--edges", "hard")
    outside = wall_mask() == 0
    np.testing.assert_array_equal(read_photo(output)[outside], read_photo(photo)[outside])


def test_a_texture_is_laid_between_the_corners(run, tmp_path):
    photo, mask = room(tmp_path)
    stripes = np.zeros((16, 16, 3), np.uint8) + np.array([90, 120, 150], np.uint8)
    stripes[:, :4] = [200, 190, 160]
    Image.fromarray(stripes).save(tmp_path / "stripes.png")
    output = tmp_path / "papered.png"
    corners = "0,0 128,0 128,64 0,64"
    words = ("--texture", tmp_path / "stripes.png", "--corners", corners, "--repeats", 4, "--json")
    finished = run("paint", photo, "-m", mask, *words, "-o", output)
    assert json.loads(finished.out)["delta_e_2000_median"] <= 0.5
    row = read_photo(output)[50].astype(int)
    is_stripe = row[:, 0] > row[:, 2]
    assert is_stripe[[3, 35, 67, 99]].all()
    assert not is_stripe[[20, 52, 84, 116]].any()


def test_help_teaches_by_example(run):
    assert "wallpaint paint room.jpg --mask wall.png" in run("paint", "--help").out


@pytest.mark.parametrize("words", [["-o", "MASK"], ["-o", "new.png", "--compare", "MASK"], ["--compare", "OUT"]])
def test_no_input_and_no_output_is_written_over(words, run, tmp_path):
    photo, mask = room(tmp_path)
    before = mask.read_bytes()
    places = {"MASK": mask, "OUT": photo.with_name(f"{photo.stem}-painted.png"), "new.png": tmp_path / "new.png"}
    finished = run("paint", photo, "--mask", mask, "-c", "tan", *(places.get(word, word) for word in words))
    assert finished.code == 2
    assert "would be overwritten" in finished.err
    assert mask.read_bytes() == before
    assert not (tmp_path / "new.png").exists()
