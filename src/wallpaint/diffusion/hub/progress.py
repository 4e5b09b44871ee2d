"""How far a download is: huggingface_hub draws bars, we count bytes."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from huggingface_hub.utils import tqdm

Progress = Callable[[int, int], None]


class ByteCounter:
    """Makes one count of huggingface_hub's progress bars, several of which count the same bytes.

    Parameters
    ----------
    total, here : int
        Bytes in all, and of files that are on this machine already.
    progress : callable
        Told, from any thread, the bytes that are here and the bytes in all.
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
        """A ``tqdm_class`` that draws nothing and reports what it counts."""
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
