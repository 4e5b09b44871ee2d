"""The same work on red, green and blue."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

T = TypeVar("T")


def each_channel(work: Callable[[int], T]) -> tuple[T, T, T]:
    """What `work` gives for channels 0, 1 and 2, worked out side by side.

    OpenCV and numpy let go of the interpreter while they work on a large plane. The threads end with the call, so that
    a process may fork between two of them.
    """
    with ThreadPoolExecutor(3) as pool:
        red, green, blue = pool.map(work, range(3))
    return red, green, blue
