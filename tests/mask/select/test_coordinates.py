import pytest

from wallpaint.errors import SettingError
from wallpaint.mask.select import parse_corners, parse_point


@pytest.mark.parametrize("text", ["1" * 200_000, "1," * 100_000, " " * 200_000 + "1,2"])
@pytest.mark.parametrize("parse", [parse_point, parse_corners])
def test_coordinates_of_any_length_are_refused_in_a_short_line(parse, text):
    with pytest.raises(SettingError) as refusal:
        parse(text)
    assert len(str(refusal.value)) < 250


def test_an_outline_of_a_thousand_corners_is_read():
    assert len(parse_corners("1234.5,678.9 " * 1000)) == 1000
