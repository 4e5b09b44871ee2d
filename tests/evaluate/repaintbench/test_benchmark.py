import json

import numpy as np
import pytest
from cropped_room import cropped_room

from wallpaint.errors import RoomFileError
from wallpaint.evaluate import COLOR_PAIRS, METHODS, room_cases
from wallpaint.evaluate.repaintbench import benchmark as truth
from wallpaint.evaluate.repaintbench.benchmark import fingerprint, paint_case, run_bench
from wallpaint.rooms import PaintableRoom

TRACK = ("clean",)
ABOUT = ("room", "pair", "track", "method")


def named(rows):
    return [tuple(row[name] for name in ABOUT) for row in rows]


def without_seconds(rows):
    """Text, in which nan is nan."""
    return [json.dumps({name: value for name, value in row.items() if name != "seconds"}) for row in rows]


def results(folder):
    return sorted(folder.glob("*.json"))


def mark(path, rewrite):
    """Make stored rows tell themselves from measured ones."""
    rewrite(path, rows=[{**row, "inside": -1.0} for row in json.loads(path.read_text())["rows"]])


def test_two_processes_measure_what_one_does(tmp_path):
    rooms = [tmp_path / "1.npz", tmp_path / "2.npz"]
    for seed, path in enumerate(rooms):
        cropped_room(side=48, seed=seed).save(path)
    one, two = (run_bench(rooms, tmp_path / str(workers), TRACK, workers) for workers in (1, 2))
    assert without_seconds(one) == without_seconds(two)
    assert len(one) == len(rooms) * len(COLOR_PAIRS) * len(METHODS)


def test_every_method_is_scored_on_every_case_in_the_order_of_the_rooms(stored, tmp_path, quick_bench):
    rows = quick_bench(stored[::-1], tmp_path, TRACK, 2)
    seeds = [PaintableRoom.load(path).seed for path in stored[::-1]]
    pairs = list(COLOR_PAIRS)[:2]
    methods = ("flat fill", "wallpaint albedo")
    assert named(rows) == [(seed, pair, "clean", method) for seed in seeds for pair in pairs for method in methods]
    assert all(row["inside"] >= 0 and row["seconds"] > 0 for row in rows)


def test_what_is_measured_is_kept_and_told(stored, tmp_path, quick_bench):
    told = []
    rows = quick_bench(stored, tmp_path, TRACK, done=told.append)
    assert sorted(told) == sorted(stored)
    assert [path.stem for path in results(tmp_path)] == [path.stem for path in stored]
    assert not list(tmp_path.glob("*.part"))
    again = quick_bench(stored, tmp_path, TRACK, done=told.append)
    assert json.dumps(again) == json.dumps(rows)
    assert len(told) == 4


@pytest.mark.parametrize(
    "spoil",
    [
        lambda path: path.unlink(),
        lambda path: path.write_text(path.read_text()[:100]),
        lambda path: path.write_bytes(b"\xff\xfe\x00"),
        lambda path: path.write_text("[]"),
        lambda path: path.write_text(json.dumps({"fingerprint": json.loads(path.read_text())["fingerprint"]})),
        lambda path: path.write_text(path.read_text().replace('"fingerprint": "', '"fingerprint": "0')),
    ],
    ids=["deleted", "cut short", "not text", "other JSON", "no rows", "by other code"],
)
def test_a_killed_bench_measures_only_what_is_missing(spoil, stored, tmp_path, quick_bench, rewrite):
    first = quick_bench(stored, tmp_path, TRACK)
    kept, lost = results(tmp_path)
    mark(kept, rewrite)
    spoil(lost)
    again = quick_bench(stored, tmp_path, TRACK)
    half = len(first) // 2
    assert named(again) == named(first)
    assert {row["inside"] for row in again[:half]} == {-1.0}
    assert without_seconds(again[half:]) == without_seconds(first[half:])


def test_a_room_rendered_anew_is_measured_anew(stored, plain_room, tmp_path, quick_bench, rewrite):
    path = tmp_path / stored[0].name
    path.write_bytes(stored[0].read_bytes())
    quick_bench([path], tmp_path / "out", TRACK)
    mark(results(tmp_path / "out")[0], rewrite)
    assert quick_bench([path], tmp_path / "out", TRACK)[0]["inside"] == -1
    plain_room.save(path)
    assert all(row["inside"] >= 0 for row in quick_bench([path], tmp_path / "out", TRACK))


def test_other_tracks_are_measured_anew(stored, tmp_path, quick_bench, rewrite):
    quick_bench(stored[:1], tmp_path, TRACK)
    mark(results(tmp_path)[0], rewrite)
    rows = quick_bench(stored[:1], tmp_path, ("clean", "wallpaper"))
    assert {row["track"] for row in rows} == {"clean", "wallpaper"}
    assert all(row["inside"] >= 0 for row in rows)


def test_a_damaged_room_is_named_and_the_others_results_are_kept(stored, tmp_path, quick_bench):
    damaged = tmp_path / "damaged.npz"
    damaged.write_bytes(stored[0].read_bytes()[:2000])
    with pytest.raises(RoomFileError, match="damaged"):
        quick_bench([stored[0], damaged, stored[1]], tmp_path / "out", TRACK)
    assert stored[0].stem in {path.stem for path in results(tmp_path / "out")}


def test_values_that_are_nan_come_back_as_nan(stored, tmp_path, quick_bench):
    first, again = (quick_bench(stored[:1], tmp_path, TRACK) for _ in range(2))
    for rows in (first, again):
        assert np.isnan(rows[0]["shading"])  # of a flat fill


@pytest.mark.parametrize(
    "code",
    [
        "color/spaces.py",
        "albedo/color_lock.py",
        "networks/forward_pass.py",
        "painter/room.py",
        "rooms/paintable.py",
        "rooms/camera.py",
    ],
)
def test_the_fingerprint_changes_with_the_code_that_paints(code, tmp_path, monkeypatch):
    from importlib.resources import files
    from shutil import copytree, ignore_patterns

    copytree(str(files("wallpaint")), tmp_path / "wallpaint", ignore=ignore_patterns("*.npz", "__pycache__"))
    monkeypatch.setattr(truth, "files", lambda name: tmp_path / name.replace(".", "/"))
    assert fingerprint(TRACK) == fingerprint(TRACK) != fingerprint(("camera",))
    before = fingerprint(TRACK)
    with open(tmp_path / "wallpaint" / code, "a", encoding="utf-8") as file:
        file.write("\n")
    assert fingerprint(TRACK) != before


def test_our_engine_paints_a_case_exactly_in_its_reference(papered_room):
    for case in room_cases(papered_room, ("camera",)):
        output, seconds = paint_case(case, "wallpaint albedo")
        assert seconds > 0
        np.testing.assert_array_equal(np.median(output[case.mask > 0.5], axis=0), case.reference.rgb8)
