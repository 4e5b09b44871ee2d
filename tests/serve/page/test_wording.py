import pytest

from wallpaint import Repainter
from wallpaint.serve.page.wording import badge, downloads, meaning, working


@pytest.mark.parametrize(
    ("delta", "word"), [(0.0, "exact"), (1.0, "exact"), (1.5, "close"), (3.0, "off"), (9.0, "far")]
)
def test_a_difference_has_its_class(delta, word):
    assert meaning(delta)[0] == word


def test_a_badge_has_the_measured_difference_and_the_colour(room_pixels, wall_alpha):
    painted = Repainter().open(room_pixels, wall_alpha).paint("tan")
    html = badge(painted)
    assert f"ΔE {painted.metrics['delta_e_2000_median']:.2f}" in html
    assert repr(painted.metrics["delta_e_2000_median"]) in html
    assert "tan (#d2b48c)" in html
    assert "No pixel outside the wall changed" in html


def test_nothing_a_person_gives_becomes_markup():
    assert "<script>" not in downloads("<script>") + working(None, "<script>")


def test_steps_are_counted_where_there_are_any():
    assert 'value="3" max="20"' in working((3, 20), "Painting")
    assert "<progress" not in working(None, "Painting")
