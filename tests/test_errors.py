import pickle

import pytest

from wallpaint.errors import (
    BusyError,
    EmptyMaskError,
    FileError,
    MissingExtraError,
    RoomFileError,
    SettingError,
    TimeLimitError,
    UnknownRoomError,
)


@pytest.mark.parametrize(
    "error",
    [
        FileError("room.jpg", "a fault. A cure."),
        RoomFileError(None, "a fault."),
        EmptyMaskError("wall.png", "no pixel."),
        MissingExtraError("rendering", "rooms"),
        SettingError("a sentence."),
        BusyError(16, 3),
        TimeLimitError(1.5),
        UnknownRoomError("x"),
    ],
    ids=lambda error: type(error).__name__,
)
def test_an_error_says_the_same_in_another_process(error):
    copy = pickle.loads(pickle.dumps(error))
    assert type(copy) is type(error)
    assert str(copy) == str(error)
    assert vars(copy) == vars(error)


def test_a_fault_of_a_file_names_it_where_it_has_a_name():
    assert str(FileError("room.jpg", "a fault.")) == "room.jpg: a fault."
    assert str(FileError(None, "a fault.")) == "a fault."


def test_a_missing_part_is_said_with_what_to_install():
    assert str(MissingExtraError("rendering", "rooms")).endswith("pip install 'wallpaint[rooms]'")
