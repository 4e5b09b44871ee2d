import dataclasses
import time

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from wallpaint.color import MAX_COLOR_LENGTH, Catalog, Color, lab_to_srgb, parse_color
from wallpaint.color.solid import parse_hex
from wallpaint.errors import ColorError, WallpaintError

BEIGE = (185, 160, 140)
BYTE = st.integers(0, 255)
HINT = "Write it as #b9a08c, 185,160,140, rgb(185,160,140), lab(67,7,14) or a CSS name such as tan."


@pytest.mark.parametrize(
    "text",
    [
        "#B9A08C",
        "#b9a08c",
        "b9a08c",
        "#b9a08cff",
        "  #B9A08C\n",
        "185,160,140",
        "185, 160, 140",
        "185 160 140",
        "185;160;140",
        "rgb(185,160,140)",
        "rgb(185, 160, 140)",
        "rgb(185 160 140)",
        "RGB( 185 , 160 , 140 )",
        "rgb(185 160 140 / 1)",
        "rgb(185 160 140 / 100%)",
        "rgba(185, 160, 140, 1)",
        "rgba(185,160,140,1.0)",
        "rgb(72.549% 62.745% 54.902%)",
    ],
)
def test_every_form_of_beige_is_the_same_colour(text):
    assert parse_color(text).rgb8 == BEIGE


@pytest.mark.parametrize(
    ("text", "rgb8"),
    [
        ("#fff", (255, 255, 255)),
        ("#1a8", (0x11, 0xAA, 0x88)),
        ("#1a8f", (0x11, 0xAA, 0x88)),
        ("tan", (210, 180, 140)),
        ("Tan", (210, 180, 140)),
        ("dark sea green", (143, 188, 143)),
        ("lab(100, 0, 0)", (255, 255, 255)),
        ("lab(0 0 0)", (0, 0, 0)),
        ("lab(53.24, 80.09, 67.2)", (255, 0, 0)),
        ("lab(100% 0% 0%)", (255, 255, 255)),
        ("lab(50, 0, 0, 1)", (119, 119, 119)),
        ("0,0,0", (0, 0, 0)),
    ],
)
def test_other_forms_give_their_known_colour(text, rgb8):
    assert parse_color(text).rgb8 == rgb8


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("notacolor", "is not a colour"),
        ("", "is not a colour"),
        ("#", "3 or 6 digits"),
        ("#12", "3 or 6 digits"),
        ("#12345", "3 or 6 digits"),
        ("#1234567", "3 or 6 digits"),
        ("#ggg", "3 or 6 digits"),
        ("185,160", "is not a colour"),
        ("185,160,140,1", "is not a colour"),
        ("hsl(20,30%,40%)", "is not a colour"),
        ("rgb(185,160)", "has 2 components"),
        ("rgb(1,2,3,1,1)", "has 5 components"),
        ("rgb(a,b,c)", "is not a colour"),
        ("rgb(185,160,140", "is not a colour"),
    ],
)
def test_what_is_no_colour_is_refused_with_the_forms_that_are(text, fault):
    with pytest.raises(ColorError) as caught:
        parse_color(text)
    assert str(caught.value).startswith(repr(text))
    assert fault in str(caught.value)
    assert str(caught.value).endswith(HINT)


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("#b9a08c80", "alpha 0.5"),
        ("#fff0", "alpha 0)"),
        ("rgba(185,160,140,0.5)", "alpha 0.5"),
        ("rgb(185 160 140 / 30%)", "alpha 0.3"),
        ("lab(50, 0, 0, 0)", "alpha 0)"),
        ("256,0,0", "a channel outside 0 to 255"),
        ("rgb(-1,0,0)", "a channel outside 0 to 255"),
        ("rgb(101%,0%,0%)", "a channel outside 0 to 255"),
        ("lab(50, 120, -120)", "Clipped, it would be #"),
        ("lab(101, 0, 0)", "Clipped, it would be #ffffff"),
    ],
)
def test_transparent_and_out_of_gamut_colours_are_refused(text, fault):
    with pytest.raises(ColorError) as caught:
        parse_color(text)
    assert str(caught.value).startswith(repr(text))
    assert fault in str(caught.value)


@pytest.mark.parametrize("text", ["red\nblue", "rgb(\n1\n2", "#\n"])
def test_the_refusal_is_one_line(text):
    with pytest.raises(WallpaintError) as caught:
        parse_color(text)
    assert len(str(caught.value).splitlines()) == 1


def test_a_near_name_is_suggested():
    with pytest.raises(ColorError, match="Did you mean 'turquoise'"):
        parse_color("turqoise")


def test_a_catalogue_goes_before_css():
    house = Catalog(
        "house", {"Tan": Color.from_rgb8((1, 2, 3), "Tan"), "Warm Sand": Color.from_rgb8(BEIGE, "Warm Sand")}
    )
    assert parse_color("tan", [house]).rgb8 == (1, 2, 3)
    assert parse_color("warm-sand", [house]).name == "Warm Sand"
    assert parse_color("red", [house]).rgb8 == (255, 0, 0)
    with pytest.raises(ColorError, match="Did you mean 'Warm Sand'"):
        parse_color("warm sanb", [house])


def test_a_colour_object_is_returned_unchanged():
    color = Color((0.1, 0.2, 0.3))
    assert parse_color(color) is color


@given(BYTE, BYTE, BYTE)
def test_every_8_bit_colour_round_trips_through_hex_and_numbers(red, green, blue):
    color = Color.from_rgb8((red, green, blue))
    assert color.rgb8 == (red, green, blue)
    assert parse_color(color.hex) == color
    assert parse_color(f"{red},{green},{blue}") == color
    assert parse_color(f"rgb({red} {green} {blue})") == color


@given(BYTE, BYTE, BYTE)
def test_every_8_bit_colour_round_trips_through_lab(red, green, blue):
    lightness, a, b = Color.from_rgb8((red, green, blue)).lab
    assert parse_color(f"lab({lightness:.4f}, {a:.4f}, {b:.4f})").rgb8 == (red, green, blue)


def test_a_colour_has_its_values_in_every_space():
    color = parse_color("#B9A08C")
    np.testing.assert_allclose(lab_to_srgb(color.lab), color.srgb)
    np.testing.assert_allclose(color.linear, ((np.array(color.srgb) + 0.055) / 1.055) ** 2.4)
    assert color.hex == "#b9a08c"
    assert str(color) == "#b9a08c"
    assert str(Color(color.srgb, "Sand")) == "Sand (#b9a08c)"


def test_a_colour_cannot_be_changed_and_compares_by_value():
    color = parse_color("#B9A08C")
    assert color == parse_color("185,160,140")
    assert color != parse_color("185,160,141")
    assert len({color, parse_color("185,160,140")}) == 1
    with pytest.raises(dataclasses.FrozenInstanceError):
        color.name = "Sand"


def test_hex_may_carry_a_name():
    assert parse_hex("b9a08c", name="Sand") == Color.from_rgb8(BEIGE, "Sand")


LONG = [
    "lab(" + "1" * 200_000,
    "rgb(" + "1 " * 100_000,
    "rgb(1" + " " * 200_000 + "x",
    "1" + " " * 100_000 + "1" + " " * 100_000 + "x",
    "#" + "f" * 200_000,
    "a" * 200_000,
    " " * 200_000 + "lab(" + "1" * 150,
]


@pytest.mark.parametrize("text", LONG)
def test_a_colour_of_any_length_is_refused_at_once_in_a_short_line(text):
    started = time.process_time()
    with pytest.raises(ColorError) as refusal:
        parse_color(text)
    assert time.process_time() - started < 0.5
    assert len(str(refusal.value)) < 400


@pytest.mark.parametrize("text", ["lab({})", "rgb(1{}", "1{}1", "{}"])
@pytest.mark.parametrize("part", ["1", " ", "1 ", ".", ",", "1, ", "\t"])
def test_the_longest_text_that_is_parsed_is_parsed_in_linear_time(text, part):
    written = (text.format(part * (190 // len(part))) + "!")[:MAX_COLOR_LENGTH]
    started = time.process_time()
    with pytest.raises(ColorError):
        parse_color(written)
    assert time.process_time() - started < 0.2
