"""Parallel processing of the three colour channels."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

T = TypeVar("T")


def each_channel(work: Callable[[int], T]) -> tuple[T, T, T]:
    """Call `work` for channels 0, 1 and 2 in parallel threads and return the three results.

    OpenCV and numpy release the GIL while they process a large plane. The threads end with the call, so that the
    process can fork between two calls.
    """
    with ThreadPoolExecutor(3) as pool:
        red, green, blue = pool.map(work, range(3))
    return red, green, blue
