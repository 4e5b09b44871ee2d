import colour
import numpy as np
import pytest
from PIL import ImageColor

from wallpaint.color import Catalog, Color, css_colors, nearest_of_all, read_catalog
from wallpaint.errors import CatalogError, WallpaintWarning


@pytest.fixture
def paints(tmp_path):
    path = tmp_path / "paints.csv"
    path.write_text("name,hex\nWarm Sand,#B9A08C\nDeep-Sea 07,2F4858\n\nChalk,#fff\n", encoding="utf-8")
    return path


# --- CSS ------------------------------------------------------------------------------------------------------------


def test_css_has_the_148_names_of_pillow():
    ours = {name: color.rgb8 for name, color in css_colors().items()}
    assert len(ours) == 148
    assert ours == {name: ImageColor.getrgb(name) for name in ImageColor.colormap}


@pytest.mark.parametrize("name", ["darkseagreen", "Dark Sea Green", "DARK_SEA-GREEN"])
def test_names_are_found_without_case_and_spacing(name):
    assert css_colors()[name].hex == "#8fbc8f"
    assert name in css_colors()


def test_a_name_that_is_not_there_is_a_key_error():
    with pytest.raises(KeyError):
        css_colors()["darkseagrean"]
    assert "darkseagrean" not in css_colors()


# --- reading --------------------------------------------------------------------------------------------------------


def test_a_catalogue_is_read_in_its_order(paints):
    catalog = read_catalog(paints)
    assert catalog.title == "paints"
    assert list(catalog) == ["Warm Sand", "Deep-Sea 07", "Chalk"]
    assert len(catalog) == 3
    assert [color.hex for color in catalog.values()] == ["#b9a08c", "#2f4858", "#ffffff"]
    assert catalog["deep sea 07"].name == "Deep-Sea 07"


@pytest.mark.parametrize(
    "content",
    [
        b"\xef\xbb\xbfname,hex\nSand,#B9A08C\n",
        b"hex,code,Name\n#B9A08C,17,Sand\n",
        b"NAME, HEX\r\nSand, #B9A08C\r\n",
        b'name,hex\n"Sand","#B9A08C"',
    ],
    ids=["byte order mark", "further columns in any order", "Windows lines", "quotes and no last newline"],
)
def test_files_as_spreadsheets_write_them_are_read(content, tmp_path):
    (tmp_path / "sand.csv").write_bytes(content)
    assert dict(read_catalog(tmp_path / "sand.csv")) == {"Sand": Color.from_rgb8((185, 160, 140), "Sand")}


@pytest.mark.parametrize(
    ("content", "fault"),
    [
        (b"name,hex\nSand,#B9A08C\nMud,brown\n", ", line 3: 'brown' is not a hex colour"),
        (b"name,hex\nSand,#B9A08C\n\n\nMud,#12\n", ", line 5: '#12' is not a hex colour"),
        (b"name,hex\nGlass,#ffffff80\n", ", line 2: '#ffffff80' is transparent (alpha 0.5)"),
        (b"name,hex\nSand\n", ", line 2: 'Sand' has no colour."),
        (b"name,hex\n,#B9A08C\n", ", line 2: the colour has no name."),
        (b"Sand,#B9A08C\n", ": the first line must name the columns name,hex; it is sand, #b9a08c."),
        (b"", ": the first line must name the columns name,hex; it is empty."),
        (b"name,hex\nGr\x81n,#00ff00\n", ": not a readable CSV file"),
        ("name,hex\nSand,#B9A08C\n".encode("utf-16")[:-1], ": not a readable CSV file"),
        ("name,hex\nSand,#B9A08C\n".encode("utf-16-le"), ": not a readable CSV file (it holds NUL characters)."),
        (b"PK\x03\x04" + bytes(range(256)), ": this is an Excel or OpenDocument file, not a CSV file."),
        (b"name,hex\n" + b"A" * 200_000 + b",#112233\n", ", line 2: field larger than field limit"),
        (b"name,hex\nX,1.00E+05\n", ", line 2: '1.00E+05' is not a hex colour"),
    ],
)
def test_a_bad_catalogue_is_refused_in_one_line_that_names_file_and_line(content, fault, tmp_path):
    path = tmp_path / "paints.csv"
    path.write_bytes(content)
    with pytest.raises(CatalogError) as caught:
        read_catalog(path)
    assert str(caught.value).startswith(f"{path}{fault}")
    assert len(str(caught.value).splitlines()) == 1


ROWS = [("Grün 3", "#00AA11"), ("Blau, hell", "#0011AA")]


def csv_text(delimiter=",", head=("name", "hex"), end="\r\n", rows=ROWS):
    quoted = [[f'"{cell}"' if delimiter in cell else cell for cell in row] for row in (head, *rows)]
    return end.join(delimiter.join(row) for row in quoted) + end


@pytest.mark.filterwarnings("ignore::wallpaint.errors.WallpaintWarning")
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1252"])
@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize("around", ["plain", "sep=", "empty cells", "more columns"])
def test_catalogues_as_spreadsheets_write_them(encoding, delimiter, end, around, tmp_path):
    text = csv_text(delimiter, end=end)
    if around == "sep=":
        text = f"sep={delimiter}{end}{text}"
    elif around == "empty cells":
        text = "".join(line + delimiter + end for line in text.split(end)[:-1]) + (delimiter * 2 + end) * 3
    elif around == "more columns":
        text = csv_text(
            delimiter, ("id", "HEX ", "note", " Name"), end, [("7", color, "x", name) for name, color in ROWS]
        )
    path = tmp_path / "paints.csv"
    path.write_bytes(text.encode(encoding))
    assert {name: color.hex for name, color in read_catalog(path).colors.items()} == {
        "Grün 3": "#00aa11",
        "Blau, hell": "#0011aa",
    }


def test_columns_of_other_names_can_be_named(tmp_path):
    path = tmp_path / "paints.csv"
    path.write_text("Nr;Farbton;HTML\n1;Grün 3;#00AA11\n", encoding="utf-8")
    with pytest.raises(CatalogError, match=r'it is nr, farbton, html.*--catalog ".*paints\.csv#nr,HEX"'):
        read_catalog(path)
    for catalog in (read_catalog(path, ("farbton", "html")), read_catalog(f"{path}#Farbton,HTML")):
        assert catalog.title == "paints"
        assert catalog["grün 3"].hex == "#00aa11"


@pytest.mark.parametrize(
    ("cell", "readings"), [("345", "#000345.* or #334455"), ("1122", "#001122"), ("0", "#000000"), ("12345", "#012345")]
)
def test_a_number_that_may_have_lost_zeros_is_refused_with_its_readings(cell, readings, tmp_path):
    path = tmp_path / "paints.csv"
    path.write_text(f"name,hex\nDeep,{cell}\n")
    with pytest.raises(CatalogError, match=f"line 2: '{cell}' may be {readings}"):
        read_catalog(path)


@pytest.mark.parametrize(
    ("cell", "color"),
    [
        ("#345", "#334455"),
        ("012", "#001122"),
        ("a1b", "#aa11bb"),
        ('"=""000345"""', "#000345"),
        ("0x112233", "#112233"),
        ('"18,52,86"', "#123456"),
        ("123456", "#123456"),
    ],
)
def test_cells_that_can_be_read_one_way_are_read(cell, color, tmp_path):
    path = tmp_path / "paints.csv"
    path.write_text(f"name,hex\nDeep,{cell}\n")
    assert read_catalog(path)["deep"].hex == color


def test_one_name_of_two_colours_is_warned_of(tmp_path):
    path = tmp_path / "paints.csv"
    path.write_text("name,hex\nSky Blue,#112233\nsky-blue,#AABBCC\nSKYBLUE,#AABBCC\n")
    with pytest.warns(WallpaintWarning) as warned:
        read_catalog(path)
    assert "line 3: 'sky-blue' is #aabbcc and 'Sky Blue' is #112233" in str(warned[0].message)


def test_a_name_is_found_in_either_unicode_form(tmp_path):
    path = tmp_path / "paints.csv"
    path.write_text("name,hex\n\u00e9cru,#445566\n", encoding="utf-8")
    assert read_catalog(path)["e\u0301cru"].hex == "#445566"


def test_a_missing_catalogue_and_a_folder_are_refused(tmp_path):
    with pytest.raises(CatalogError, match="there is no such file"):
        read_catalog(tmp_path / "nowhere.csv")
    with pytest.raises(CatalogError, match="not a readable CSV file"):
        read_catalog(tmp_path)


# --- searching ------------------------------------------------------------------------------------------------------


def test_search_needs_every_word(paints):
    catalog = read_catalog(paints)
    assert [color.name for color in catalog.search("sea")] == ["Deep-Sea 07"]
    assert [color.name for color in catalog.search("07 DEEP")] == ["Deep-Sea 07"]
    assert catalog.search("deep sand") == []
    assert len(css_colors().search("green")) == sum("green" in name for name in ImageColor.colormap)


def test_nearest_are_ordered_by_ciede2000():
    wanted = Color.from_rgb8((185, 160, 140))
    found = css_colors().nearest(wanted, 4)
    assert len(found) == 4
    by_reference = sorted(
        css_colors().values(), key=lambda color: float(colour.delta_E(color.lab, wanted.lab, method="CIE 2000"))
    )
    assert [color.name for color, _ in found] == [color.name for color in by_reference[:4]]
    distances = [distance for _, distance in found]
    assert distances == sorted(distances)
    np.testing.assert_allclose(distances[0], colour.delta_E(found[0][0].lab, wanted.lab, method="CIE 2000"))


def test_a_colour_is_nearest_to_itself():
    color, distance = css_colors().nearest(css_colors()["tan"], 1)[0]
    assert (color.name, distance) == ("tan", 0)


def test_an_empty_catalogue_has_no_nearest_colour():
    assert Catalog("none", {}).nearest(Color((0, 0, 0))) == []


def test_the_nearest_of_several_catalogues_are_ordered_together():
    paints = Catalog("paints", {"almost tan": Color.from_rgb8((210, 180, 141), "almost tan")})
    found = nearest_of_all([paints, css_colors()], css_colors()["tan"], 2)
    assert [(title, color.name) for title, color, _ in found] == [("css", "tan"), ("paints", "almost tan")]
    assert found[0][2] == 0 < found[1][2]
