"""One queue in front of the engine: pictures are worked on one at a time, and few may wait."""

from __future__ import annotations

import asyncio
import math
import threading
import time
from collections.abc import Callable
from concurrent.futures import CancelledError, Future, ThreadPoolExecutor
from typing import Any, Generic, TypeVar

from wallpaint.errors import BusyError, ClosingError, TimeLimitError

T = TypeVar("T")
_FORGETTING = 0.2  # weight of the latest job in the mean that Retry-After goes by


class StoppedError(Exception):
    """Nobody waits for this job any more."""


class Job(Generic[T]):
    """A piece of work that is asked for.

    Attributes
    ----------
    future : Future
    steps : (int, int) or None
        How many of the engine's steps are done, and of how many, where it counts any.
    """

    def __init__(self) -> None:
        self.future: Future[T] = Future()
        self.steps: tuple[int, int] | None = None
        self._stopped = threading.Event()

    def stop(self) -> None:
        """Work that waits is not begun; work that runs ends at its next step."""
        self._stopped.set()

    def report_progress(self, step: int, steps: int) -> None:
        """Callback for the engine; raises `StoppedError` once nobody waits for the result."""
        self.steps = step, steps
        self.check()

    def check(self) -> None:
        """Raises `StoppedError` if nobody waits any more."""
        if self._stopped.is_set():
            raise StoppedError


class WorkQueue:
    """Work in the order it came, one piece at a time, on a thread of its own.

    Parameters
    ----------
    waiting : int
        How many may wait beside the one that runs.
    seconds : float
        How long anybody waits for an answer.
    """

    def __init__(self, waiting: int, seconds: float) -> None:
        self.waiting, self.seconds = waiting, seconds
        self._worker = ThreadPoolExecutor(1, "wallpaint-engine")
        self._lock = threading.Lock()
        self._unfinished = 0
        self._mean_seconds = 1.0
        self._closing = False

    @property
    def unfinished(self) -> int:
        """Jobs that run or wait."""
        return self._unfinished

    def admit(self) -> None:
        """Raises `BusyError` or `ClosingError` if no more work is taken now."""
        if self._closing:
            raise ClosingError
        if self._unfinished > self.waiting:
            raise BusyError(self.waiting, max(1, math.ceil(self._mean_seconds * self._unfinished)))

    def submit(self, work: Callable[[Job[Any]], T]) -> Job[T]:
        """Put work into the queue.

        Raises
        ------
        BusyError
            As many wait as may.
        ClosingError
            The queue takes nothing more.
        """
        job: Job[T] = Job()
        with self._lock:
            self.admit()
            try:
                self._worker.submit(self._run, job, work)
            except RuntimeError:  # closed by a signal since
                raise ClosingError from None
            self._unfinished += 1
        return job

    def _run(self, job: Job[T], work: Callable[[Job[Any]], T]) -> None:
        started = time.monotonic()
        try:
            if self._closing:
                raise ClosingError
            job.check()
            result = work(job)
        except BaseException as error:
            _settle(job.future.set_exception, error)
        else:
            _settle(job.future.set_result, result)
            self._mean_seconds += _FORGETTING * (time.monotonic() - started - self._mean_seconds)
        finally:
            with self._lock:
                self._unfinished -= 1

    async def run(self, work: Callable[[Job[Any]], T]) -> T:
        """Wait for work's result; see `wait_for`."""
        return await self.wait_for(self.submit(work))

    async def wait_for(self, job: Job[T]) -> T:
        """A job's result, or its error.

        A caller that is cancelled stops the job.

        Raises
        ------
        TimeLimitError
            It took longer than `seconds`.
        """
        try:
            return await asyncio.wait_for(asyncio.wrap_future(job.future), self.seconds)
        except (TimeoutError, asyncio.TimeoutError):
            raise TimeLimitError(self.seconds) from None
        finally:
            job.stop()

    def close(self) -> None:
        """Take nothing more, let what runs finish, and refuse what waits; returns at once."""
        self._closing = True
        self._worker.shutdown(wait=False)


def _settle(tell: Callable[[Any], None], outcome: Any) -> None:
    """Nobody may be there any more to tell."""
    try:
        tell(outcome)
    except (CancelledError, Exception):  # InvalidStateError: the future was cancelled
        return
