import json
import re

import numpy as np
import pytest
from PIL import Image
from synthetic_room import BEIGE, DARK_GREEN, room

from wallpaint import Catalog, Color, Repainter, TextureSample, find_wall, parse_color
from wallpaint.albedo import AlbedoRoom
from wallpaint.errors import (
    ColorError,
    EmptyMaskError,
    FullMaskError,
    MaskSizeError,
    MissingFileError,
    OutputError,
    SettingError,
    UnreadableImageError,
    UnsureWallError,
)
from wallpaint.example import example_room
from wallpaint.mask import read_mask
from wallpaint.mask.select import LEAST_CONFIDENCE
from wallpaint.metrics import shading_correlation
from wallpaint.photo import read_photo
from wallpaint.reference import wall_median

WALL_COLORS = ["#f2efe6", "#b9a08c", "#2f4858", "#7a9e7e", "#c1440e", "#1b1b1b"]
CORNERS = [(60, 30), (180, 20), (180, 110), (60, 105)]


@pytest.fixture(scope="module")
def opened(room_pixels, wall_mask):
    """The room with its binary mask, whose edges are refined."""
    return Repainter().open(room_pixels, wall_mask)


@pytest.fixture
def files(room_pixels, wall_mask, tmp_path):
    """Paths of the photo and of the mask."""
    Image.fromarray(np.array(room_pixels)).save(tmp_path / "room.png")
    Image.fromarray(np.array(wall_mask)).save(tmp_path / "wall.png")
    return tmp_path / "room.png", tmp_path / "wall.png"


@pytest.fixture
def wallpaper():
    """One repeat: blue with a pale stripe and some grain."""
    grain = np.random.default_rng(0).normal(0, 6, (40, 32, 1))
    pixels = np.clip(np.array([70, 90, 120]) + grain, 0, 255)
    pixels[:, :6] = (210, 205, 190)
    return TextureSample(pixels.astype(np.uint8))


@pytest.mark.parametrize("color", WALL_COLORS)
def test_a_painted_wall_has_the_reference_as_its_median(opened, color):
    painted = opened.paint(color)
    assert painted.metrics["delta_e_2000_median"] <= 0.5
    np.testing.assert_array_equal(wall_median(painted.image, opened.region.is_wall), parse_color(color).rgb8)


@pytest.mark.parametrize("color", WALL_COLORS)
def test_nothing_outside_the_wall_changes(opened, color):
    painted = opened.paint(color)
    outside = opened.region.alpha == 0
    np.testing.assert_array_equal(painted.image[outside], opened.pixels[outside])
    assert painted.metrics["outside_max_change"] == 0


@pytest.mark.parametrize("color", WALL_COLORS)
def test_light_and_shadow_stay_where_no_wall_lights_another(opened, color):
    painted = AlbedoRoom.closed_form(opened.pixels, opened.region).paint_wall(parse_color(color))
    assert shading_correlation(opened.pixels, painted, opened.region.is_pure) > 0.97


def test_hard_edges_change_nothing_outside_the_mask(room_pixels, wall_mask):
    painted = Repainter(edges="hard").open(room_pixels, wall_mask).paint("#2f4858")
    outside = wall_mask == 0
    np.testing.assert_array_equal(painted.image[outside], room_pixels[outside])


def test_a_wider_edge_reaches_farther(room_pixels, wall_mask):
    narrow, wide = (Repainter(edge_width=width).open(room_pixels, wall_mask) for width in (1, 6))
    assert (narrow.region.edge_width, wide.region.edge_width) == (1, 6)
    assert wide.region.is_pure.sum() != narrow.region.is_pure.sum()


@pytest.mark.parametrize(
    ("paint", "noise"),
    [(BEIGE, 0), (BEIGE, 4), (DARK_GREEN, 2), ((0.42, 0.08, 0.05), 2), ((1.2, 1.1, 1.1), 2), ((0, 0, 0), 0)],
    ids=["beige", "noisy", "dark", "red", "blown out", "black"],
)
def test_painting_a_wall_its_own_colour_changes_nothing(paint, noise, wall_mask):
    looked_at = Repainter().open(room(paint, noise=noise), wall_mask)
    np.testing.assert_array_equal(looked_at.paint(looked_at.color).image, looked_at.pixels)


def test_the_nearer_the_paint_is_to_the_wall_the_less_changes(opened):
    changes = []
    for step in (0, 1, 4, 12):
        near = Color.from_rgb8(channel + step for channel in opened.color.rgb8)
        changes.append(np.abs(opened.paint(near).image.astype(int) - opened.pixels).mean())
    assert changes == sorted(changes)
    assert changes[1] < 1.1


def test_the_rooms_colour_is_the_walls_median(opened, room_pixels, wall_mask):
    expected = np.median(room_pixels[wall_mask > 0], axis=0)
    assert opened.color.rgb8 == tuple(np.rint(expected).astype(int))


def test_files_and_arrays_are_painted_alike(files, opened):
    from_files = Repainter().open(*files)
    assert from_files.source == files[0]
    assert opened.source is None
    np.testing.assert_array_equal(from_files.paint("#2f4858").image, opened.paint("#2f4858").image)
    as_text = Repainter().open(str(files[0]), str(files[1]))
    np.testing.assert_array_equal(as_text.pixels, from_files.pixels)


@pytest.mark.parametrize(
    "as_given",
    [lambda m: m > 0, lambda m: m / 255, lambda m: np.dstack([m, m, m])],
    ids=["bool", "float", "RGB"],
)
def test_masks_of_every_kind_mean_the_same(as_given, room_pixels, wall_mask, opened):
    other = Repainter().open(room_pixels, as_given(wall_mask))
    np.testing.assert_array_equal(other.region.alpha, opened.region.alpha)


def test_an_inverted_mask_can_be_inverted(files, room_pixels, wall_mask, opened):
    inverted = Repainter().open(room_pixels, 255 - wall_mask, invert_mask=True)
    np.testing.assert_array_equal(inverted.region.alpha, opened.region.alpha)
    Image.fromarray(255 - wall_mask).save(files[1])
    np.testing.assert_array_equal(Repainter().open(*files, invert_mask=True).region.alpha, opened.region.alpha)


def test_a_photo_that_is_a_view_of_bgr_pixels_is_painted_alike(room_pixels, wall_mask, opened):
    bgr = np.ascontiguousarray(room_pixels[..., ::-1])
    other = Repainter().open(bgr[..., ::-1], wall_mask)
    np.testing.assert_array_equal(other.paint("#c1440e").image, opened.paint("#c1440e").image)


def test_a_room_can_be_painted_again_and_again(opened):
    first = opened.paint("#c1440e").image
    opened.paint("#ffffff")
    opened.paint("#000000")
    np.testing.assert_array_equal(opened.paint("#c1440e").image, first)


def test_the_photo_is_never_written_to(opened, room_pixels):
    before = room_pixels.copy()
    painted = opened.paint("#c1440e")
    painted.image[:] = 0
    np.testing.assert_array_equal(opened.pixels, before)


def test_a_palette_is_the_colours_painted_one_by_one(opened):
    palette = opened.palette(WALL_COLORS)
    assert [painted.color.hex for painted in palette] == WALL_COLORS
    for painted, color in zip(palette, WALL_COLORS, strict=True):
        np.testing.assert_array_equal(painted.image, opened.paint(color).image)


def test_a_palette_with_a_bad_colour_is_refused_before_anything_is_painted(opened):
    with pytest.raises(ColorError, match="notacolor"):
        opened.palette(["#ffffff", "notacolor"])


@pytest.mark.parametrize(
    "written",
    [
        "#b9a08c",
        "185,160,140",
        "rgb(185 160 140)",
        Color.from_rgb8((185, 160, 140)),
        (185, 160, 140),
        np.array([185, 160, 140], np.uint8),
    ],
    ids=str,
)
def test_a_colour_may_be_written_in_any_way(opened, written):
    painted = opened.paint(written)
    assert painted.color.rgb8 == (185, 160, 140)
    np.testing.assert_array_equal(painted.image, opened.paint("#B9A08C").image)


def test_a_colours_name_is_looked_up_in_the_catalogs_first(room_pixels, wall_mask):
    catalog = Catalog("ours", {"tan": Color.from_rgb8((1, 2, 3), "tan")})
    looked_at = Repainter(catalogs=[catalog]).open(room_pixels, wall_mask)
    assert looked_at.paint("tan").color.rgb8 == (1, 2, 3)
    assert Repainter().open(room_pixels, wall_mask).paint("tan").color.rgb8 == (210, 180, 140)


@pytest.mark.parametrize("corners", [None, CORNERS], ids=["estimated", "given"])
def test_a_texture_is_laid_with_its_median_colour(opened, wallpaper, corners):
    painted = opened.paint(wallpaper, corners=corners, repeats=5)
    assert painted.color == wallpaper.color
    assert painted.reference is wallpaper
    assert painted.metrics["delta_e_2000_median"] <= 0.5
    assert painted.metrics["outside_max_change"] == 0
    plain = opened.paint(wallpaper.color).image
    pure = opened.region.is_pure
    assert painted.image[pure].std(axis=0).min() > 2 * plain[pure].std(axis=0).min()


def test_a_textures_stripes_go_where_the_corners_are(opened, wallpaper):
    left, right = (
        opened.paint(wallpaper, corners=[(x + shift, y) for x, y in [(60, 20), (180, 20), (180, 110), (60, 110)]])
        for shift in (0, 15)
    )
    row = slice(15, 150)
    stripes = [picture.image[100, row, 0] > 130 for picture in (left, right)]
    assert 3 <= np.count_nonzero(np.diff(stripes[0].astype(int)) == 1) <= 6
    assert np.mean(stripes[0][:-15] == stripes[1][15:]) > 0.95
    assert np.mean(stripes[0] == stripes[1]) < 0.8


@pytest.mark.parametrize(
    "settings",
    [
        {"corners": CORNERS[::-1]},
        {"corners": CORNERS[:3]},
        {"corners": [*CORNERS[:3], (60,)]},
        {"corners": "abcd"},
        {"repeats": 0},
        {"repeats": None},
        {"repeats": "4"},
    ],
)
def test_a_texture_that_cannot_be_laid_is_refused(opened, wallpaper, settings):
    with pytest.raises(SettingError):
        opened.paint(wallpaper, **settings)


def test_a_png_says_what_made_it(opened, tmp_path):
    painted = opened.paint("#b9a08c")
    assert painted.save(tmp_path / "painted.png") == tmp_path / "painted.png"
    with Image.open(tmp_path / "painted.png") as image:
        text = image.text
    assert re.fullmatch(r"wallpaint \d+\.\d+.*", text["Software"])
    assert text["wallpaint:engine"] == "albedo"
    assert text["wallpaint:reference"] == "#b9a08c"
    assert text["wallpaint:edge_width"] == "3"
    assert json.loads(text["wallpaint:metrics"]) == pytest.approx(painted.metrics, nan_ok=True)
    np.testing.assert_array_equal(read_photo(tmp_path / "painted.png"), painted.image)


def test_other_formats_say_it_beside_the_picture(opened, tmp_path):
    painted = opened.paint("#b9a08c")
    painted.save(tmp_path / "painted.jpg")
    assert json.loads((tmp_path / "painted.jpg.json").read_text()) == painted.provenance()


def test_the_photo_is_not_overwritten(files):
    before = files[0].read_bytes()
    painted = Repainter().open(*files).paint("#b9a08c")
    with pytest.raises(OutputError, match="the photo itself"):
        painted.save(files[0])
    assert files[0].read_bytes() == before


def test_a_repaint_is_measured_once(opened):
    painted = opened.paint("#b9a08c")
    assert painted.metrics is painted.metrics


@pytest.mark.parametrize("engine", ["diffusionn", "", "Albedo"])
def test_an_unknown_engine_is_refused(engine):
    with pytest.raises(SettingError, match="choose albedo"):
        Repainter(engine=engine)


@pytest.mark.parametrize("settings", [{"edges": "soft"}, {"edge_width": -1}, {"edge_width": 2.5}, {"edge_width": "2"}])
def test_settings_that_cannot_be_are_refused(settings, room_pixels, wall_mask):
    with pytest.raises(SettingError):
        Repainter(**settings).open(room_pixels, wall_mask)


@pytest.mark.parametrize(
    "spoil",
    [
        lambda photo: photo[..., 0],
        lambda photo: np.dstack([photo, photo[..., :1]]),
        lambda photo: photo / 255,
        lambda photo: photo.astype(np.uint16),
        lambda photo: photo[:0],
        lambda photo: photo.tolist(),
        lambda photo: Image.fromarray(photo),
        lambda photo: None,
    ],
    ids=["grey", "RGBA", "float", "16 bits", "no pixels", "a list", "a PIL image", "nothing"],
)
def test_what_is_no_photo_is_refused(spoil, room_pixels, wall_mask):
    with pytest.raises(UnreadableImageError, match=r"Convert it|numpy array"):
        Repainter().open(spoil(np.array(room_pixels)), wall_mask)


@pytest.mark.parametrize("spoil", [lambda mask: mask.tolist(), Image.fromarray])
def test_what_is_no_mask_is_refused(spoil, room_pixels, wall_mask):
    with pytest.raises(UnreadableImageError, match="numpy array"):
        Repainter().open(room_pixels, spoil(np.array(wall_mask)))


@pytest.mark.parametrize("color", [None, (1, 2), (0.5, 0.5, 0.5), (0, 0, 256), (-1, 0, 0), 7])
def test_what_is_no_colour_is_refused(opened, color):
    with pytest.raises(ColorError, match="three integers"):
        opened.paint(color)


@pytest.mark.parametrize("pixels", [np.zeros((8, 8), np.uint8), np.zeros((8, 8, 3)), np.zeros((0, 8, 3), np.uint8)])
def test_what_is_no_texture_is_refused(pixels):
    with pytest.raises(UnreadableImageError, match="uint8"):
        TextureSample(pixels)


def test_bad_files_and_masks_are_refused_by_name(files, room_pixels, wall_mask):
    with pytest.raises(MissingFileError, match=r"none\.png"):
        Repainter().open("none.png", files[1])
    with pytest.raises(MissingFileError, match=r"none\.png"):
        Repainter().open(files[0], "none.png")
    with pytest.raises(EmptyMaskError):
        Repainter().open(room_pixels, np.zeros_like(wall_mask))
    with pytest.raises(FullMaskError):
        Repainter().open(room_pixels, np.full_like(wall_mask, 255))
    with pytest.raises(MaskSizeError):
        Repainter().open(room_pixels, wall_mask[:, :100])


@pytest.mark.parametrize("window", [(50, 51, 60, 61), (50, 53, 10, 100), (0, 1, 0, 240), (10, 14, 10, 14)])
@pytest.mark.parametrize("edges", ["refined", "hard"])
def test_even_a_sliver_of_wall_can_be_painted(window, edges, room_pixels):
    top, bottom, left, right = window
    mask = np.zeros(room_pixels.shape[:2], np.uint8)
    mask[top:bottom, left:right] = 255
    looked_at = Repainter(edges=edges).open(room_pixels, mask)
    for color in ("#c1440e", "#ffffff"):
        painted = looked_at.paint(color)
        np.testing.assert_array_equal(wall_median(painted.image, mask > 0), parse_color(color).rgb8)


def test_a_picture_of_a_few_pixels_can_be_painted():
    pixels = np.array([[[200, 180, 160], [30, 30, 30]], [[190, 170, 150], [20, 20, 20]]], np.uint8)
    painted = Repainter().open(pixels, np.array([[True, False], [True, False]])).paint("#2f4858")
    np.testing.assert_array_equal(painted.image[:, 1], pixels[:, 1])
    assert painted.image.shape == pixels.shape


def test_without_a_mask_the_wall_is_found(room_pixels, wall_alpha, finder_sees):
    finder_sees(wall_alpha > 0.5, 0.83)
    room = Repainter().open(room_pixels)
    assert room.found.confidence == pytest.approx(0.83)
    assert (room.region.is_wall != (wall_alpha > 0.5)).mean() < 0.02
    assert Repainter().open(room_pixels, wall_alpha).found is None


def test_a_wall_found_with_little_confidence_is_not_opened(room_pixels, wall_alpha, finder_sees):
    finder_sees(wall_alpha > 0.5, LEAST_CONFIDENCE - 0.02)
    with pytest.raises(UnsureWallError, match=f"confidence {LEAST_CONFIDENCE - 0.02:.2f}"):
        Repainter().open(room_pixels)
    found = find_wall(room_pixels)
    assert Repainter().open(room_pixels, found.mask).region.is_wall.any()


def test_there_is_no_mask_to_invert(room_pixels):
    with pytest.raises(SettingError, match="no mask to invert"):
        Repainter().open(room_pixels, invert_mask=True)


def test_the_network_that_comes_with_the_package_finds_the_wall_of_the_sample_room():
    photo, mask = example_room()
    found, truth = find_wall(photo, edges="hard").mask > 0.5, read_mask(mask, (576, 768)) > 0.5
    assert (found & truth).sum() > 0.8 * (found | truth).sum()
    assert Repainter().open(photo).paint("navy").metrics["delta_e_2000_median"] <= 0.5
