"""Download progress: one byte count from huggingface_hub's progress bars."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from huggingface_hub.utils import tqdm

Progress = Callable[[int, int], None]  #: called with (fetched, total) in bytes


class ByteCounter:
    """Turns huggingface_hub's progress bars, several of which count the same bytes, into one count.

    Parameters
    ----------
    total, here : int
        Bytes of all files, and of those that are on this machine already.
    progress : callable
        ``progress(fetched, total)`` is called from any thread, in bytes.
    """

    def __init__(self, total: int, here: int, progress: Progress) -> None:
        self.total = total
        self.here = here
        self.progress = progress

    @property
    def missing(self) -> int:
        return self.total - self.here

    def count(self, fetched: float) -> None:
        self.progress(min(self.here + int(fetched), self.total), self.total)

    def finish(self) -> None:
        self.progress(self.total, self.total)

    def bar_class(self) -> type[Any]:
        """A ``tqdm_class`` that draws nothing and reports its count."""
        count = self.count

        class Bar(tqdm):
            def __init__(self, *args: Any, **kwargs: Any) -> None:
                super().__init__(*args, **{**kwargs, "disable": True})
                self.counts_bytes = kwargs.get("unit") == "B"

            def update(self, n: float | None = 1) -> None:
                self.n += n or 0
                if self.counts_bytes:
                    count(self.n)

        return Bar
