import json

import pytest

from wallpaint import errors
from wallpaint.serve.api.problem_details import PROBLEM_TYPE, problem_of


@pytest.mark.parametrize(
    ("error", "status"),
    [
        (errors.ImageTooLargeError("image", "too many."), 413),
        (errors.UnreadableImageError("image", "no picture."), 415),
        (errors.EmptyMaskError("mask", "no pixel."), 422),
        (errors.ColorError("'nope' is not a colour."), 422),
        (errors.SettingError("no."), 422),
        (errors.UnknownRoomError("x"), 404),
        (errors.BusyError(16, 3), 429),
        (errors.ClosingError(), 503),
        (errors.TimeLimitError(1.5), 504),
    ],
    ids=lambda value: type(value).__name__,
)
def test_every_error_has_its_status_and_its_own_sentence(error, status):
    answer = problem_of(error)
    content = json.loads(answer.body)
    assert answer.status_code == content["status"] == status
    assert answer.media_type == PROBLEM_TYPE
    assert content["detail"] == str(error)
    assert content["title"]


def test_busy_has_a_retry_after_header():
    assert problem_of(errors.BusyError(16, 7)).headers["retry-after"] == "7"


def test_a_flag_of_the_command_line_is_called_what_it_is_in_a_form():
    error = errors.EmptyMaskError("mask", "no pixel. White means wall; is it inverted? Try --invert-mask.")
    assert json.loads(problem_of(error).body)["detail"].endswith("Try invert_mask=true.")


def test_any_text_can_be_a_detail():
    assert json.loads(problem_of(errors.ColorError("\ud800 is not a colour.")).body)["detail"][0] == "\ud800"
