import numpy as np
import pytest

from wallpaint.evaluate import COLOR_PAIRS, METHODS, markdown_table, worst_sheet
from wallpaint.evaluate.repaintbench.report import OURS, SCORES, summarize
from wallpaint.rooms import PaintableRoom


def row(method="flat fill", track="clean", pair="beige → sage", room=8001, **scores):
    about = {"room": room, "painted_walls": str(room % 2 + 1), "pair": pair, "track": track, "method": method}
    return {**about, **dict.fromkeys(SCORES, 1.0), **scores}


@pytest.fixture
def rows():
    """Every method on two tracks, four colour changes of two rooms."""
    return [
        row(method, track, pair, room, inside=number + room % 2)
        for room in (8000, 8001)
        for pair in list(COLOR_PAIRS)[:4]
        for track in ("clean", "camera")
        for number, method in enumerate(METHODS)
    ]


def test_means_are_over_the_rows_that_are_wanted():
    rows = [row(inside=1.0), row(inside=3.0), row(inside=10.0, track="camera"), row("mean shift in Lab", inside=20.0)]
    assert summarize(rows, track="clean", method="flat fill")["inside"] == 2
    assert summarize(rows, method="flat fill")["inside"] == pytest.approx(14 / 3)
    assert summarize(rows)["inside"] == 8.5


def test_what_could_not_be_measured_is_left_out_of_the_means():
    rows = [row(edge=2.0, shading=np.nan), row(edge=np.nan, shading=np.nan), row(edge=4.0, shading=np.nan)]
    means = summarize(rows)
    assert means["edge"] == 3
    assert np.isnan(means["shading"])


def test_a_table_has_a_line_a_method_one_a_colour_change_and_one_a_number_of_walls(rows):
    tables = markdown_table(rows).split("### ")[1:]
    ours = [f"{track}, {method}" for track in ("clean", "camera") for method in OURS]
    assert [table.split(":")[0] for table in tables[:2]] == ["clean", "camera"]
    assert [", ".join(table.split(", ")[:2]) for table in tables[2:]] == ours * 2
    for table in tables[:2]:
        assert [line.split(" | ")[0].removeprefix("| ") for line in table.splitlines()[4:] if line] == list(METHODS)
    for table in tables[2:]:
        lines = [line.split(" | ")[0].removeprefix("| ") for line in table.splitlines()[4:] if line]
        assert lines == (list(COLOR_PAIRS) if "by colour change" in table else ["1", "2"])


def test_every_line_of_a_table_has_as_many_cells_as_its_head(rows):
    lines = [line for line in markdown_table(rows).splitlines() if line.startswith("|")]
    assert {line.count("|") for line in lines} == {2 + len(SCORES)}


def test_a_table_shows_the_means(rows):
    line = next(line for line in markdown_table(rows).splitlines() if line.startswith("| wallpaint albedo |"))
    mean = list(METHODS).index("wallpaint albedo") + 0.5
    assert line == f"| wallpaint albedo | {mean:.2f} | 1.0 | 1.00 | 1.00 | 1.00 | 1.000 | 1.000 |"


def test_a_dash_stands_where_nothing_was_measured():
    assert "| flat fill | 1.00 | 1.0 | – |" in markdown_table([row(edge=np.nan)])


def test_a_table_says_on_how_many_rooms(rows):
    assert markdown_table(rows).startswith("### clean: 2 rooms × 8 colour changes\n")


def test_the_worst_cases_are_drawn_worst_first(stored, papered_room, monkeypatch):
    drawn = []
    monkeypatch.setattr(
        "wallpaint.evaluate.repaintbench.report.contact_sheet", lambda pictures, columns: drawn.extend(pictures)
    )
    pairs = list(COLOR_PAIRS)
    rows = [row("flat fill", pair=pair, inside=float(number)) for number, pair in enumerate(pairs)]
    worst_sheet(rows, stored, "flat fill", count=2)
    captions, pictures = zip(*drawn, strict=True)
    assert [caption for caption in captions if caption.startswith("clean")] == [
        f"clean 8001 {pair}" for pair in (pairs[-1], pairs[-2])
    ]
    assert captions[2::5] == ("flat fill: inside 7.00", "flat fill: inside 6.00")
    assert {picture.size for picture in pictures} == {papered_room.shape[::-1]}
    assert all(np.ptp(np.asarray(picture)) > 0 for picture in pictures)


def test_a_sheet_shows_so_many_cases_of_every_track(stored):
    rows = [
        row("flat fill", track, pair, inside=1.0)
        for track in ("clean", "camera", "wallpaper")
        for pair in list(COLOR_PAIRS)[:3]
    ]
    sheet = worst_sheet(rows, stored, "flat fill", count=2)
    width = PaintableRoom.load(stored[0]).shape[1]
    assert sheet.dtype == np.uint8
    assert sheet.shape[1] >= 5 * width
    assert sheet.shape[0] >= 6 * width
