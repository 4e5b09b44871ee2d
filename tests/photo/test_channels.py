import threading
import time

import pytest

from wallpaint.photo import each_channel


def test_results_are_in_the_order_of_the_channels():
    assert each_channel(lambda channel: (time.sleep(0.01 * (2 - channel)), channel)[1]) == (0, 1, 2)


def test_an_error_in_one_channel_is_raised_to_the_caller():
    with pytest.raises(ZeroDivisionError):
        each_channel(lambda channel: 1 / (channel - 1))


def test_no_thread_outlives_the_call():
    before = threading.active_count()
    each_channel(lambda channel: channel)
    assert threading.active_count() == before
