import json

import pytest
from cropped_room import cropped_room, without_wall
from PIL import Image

from wallpaint.evaluate import COLOR_PAIRS, METHODS
from wallpaint.rooms.generate import room_path


@pytest.fixture
def rooms(tmp_path):
    """A folder with one small room of the bench, without a twin, and one that is not the bench's."""
    folder = tmp_path / "rooms"
    cropped_room(2, 0, 32, 48, seed=9000).save(room_path(folder, 9000))
    cropped_room(2, 0, 32, 48, seed=7).save(room_path(folder, 7))
    return folder


def test_a_bench_leaves_a_table_results_and_the_worst_cases(run, rooms, tmp_path):
    finished = run("bench", "truth", "--rooms", rooms, "-o", tmp_path / "out", "--tracks", "clean", "--workers", 1)
    assert finished.code == 0
    rows = json.loads((tmp_path / "out/results.json").read_text())
    assert len(rows) == len(COLOR_PAIRS) * len(METHODS)
    assert {(row["room"], row["track"]) for row in rows} == {(9000, "clean")}
    assert {row["shading"] for row in rows if row["method"] == "flat fill"} == {None}
    table = (tmp_path / "out/table.md").read_text()
    assert table.startswith("### clean: 1 rooms × 8 colour changes")
    assert finished.out.startswith(table)
    assert "worst.png" in finished.out
    assert Image.open(tmp_path / "out/worst.png").width > 5 * 48


@pytest.mark.parametrize(
    ("words", "says"),
    [
        ([], "either --quick or --rooms"),
        (["--quick", "--rooms", "ROOMS"], "either --quick or --rooms"),
        (["--rooms", "ROOMS", "--tracks", "clean,dirty"], "--tracks is 'clean,dirty'"),
        (["--rooms", "ROOMS", "--tracks", ""], "choose from clean, camera, wallpaper"),
        (["--rooms", "EMPTY"], "has none of RepaintBench's rooms. Make them: wallpaint rooms render --seed 9000"),
        (["--rooms", "ROOMS", "--controlnet", "FOLDER"], "add --model mini"),
        (["--rooms", "ROOMS", "--tracks", "wallpaper"], "nothing to measure"),
    ],
)
def test_what_cannot_be_measured_is_said_in_one_line(run, rooms, tmp_path, words, says):
    places = {"ROOMS": rooms, "EMPTY": tmp_path / "empty"}
    finished = run("bench", "truth", *(places.get(word, word) for word in words), "-o", tmp_path / "out")
    assert finished.code == 2
    assert finished.out == ""
    assert says in finished.err
    assert len(finished.err.strip().splitlines()) == 1


def test_a_damaged_room_is_named(run, rooms, tmp_path):
    path = room_path(rooms, 9000)
    path.write_bytes(path.read_bytes()[:1000])
    finished = run("bench", "truth", "--rooms", rooms, "-o", tmp_path / "out", "--workers", 1)
    assert finished.code == 2
    assert finished.err.strip().startswith(f"{path}: this is not a complete room file")


def test_rooms_without_wall_are_nothing_to_measure(run, rooms, tmp_path):
    without_wall(cropped_room(2, 0, 32, 48, seed=9000)).save(room_path(rooms, 9000))
    finished = run("bench", "truth", "--rooms", rooms, "-o", tmp_path / "out", "--workers", 1)
    assert finished.code == 2
    assert "nothing to measure" in finished.err


def test_a_place_that_cannot_be_written_is_named(run, rooms, tmp_path):
    (tmp_path / "file").write_text("")
    finished = run("bench", "truth", "--rooms", rooms, "-o", tmp_path / "file/out", "--tracks", "camera")
    assert finished.code == 2
    assert len(finished.err.strip().splitlines()) == 1
    assert str(tmp_path / "file/out") in finished.err
