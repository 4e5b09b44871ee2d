import pytest

from wallpaint.errors import SettingError
from wallpaint.serve.limits import Limits


@pytest.mark.parametrize("name", ["pixels", "waiting", "room_seconds"])
def test_a_limit_below_one_is_refused_by_name(name):
    with pytest.raises(SettingError, match=name.replace("_", " ")):
        Limits(**{name: 0})
