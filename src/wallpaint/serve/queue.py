"""Work queue with one worker thread and a bounded number of waiting jobs."""

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
_LATEST_WEIGHT = 0.2  # weight of the latest job in the running mean of seconds, from which Retry-After is computed


class StoppedError(Exception):
    """The job was stopped: its caller no longer waits for the result."""


class Job(Generic[T]):
    """One job in the queue.

    Attributes
    ----------
    future : Future
        Result or error of the job.
    steps : (int, int) or None
        Steps done and total steps of the engine; None until the engine reports a step.
    """

    def __init__(self) -> None:
        self.future: Future[T] = Future()
        self.steps: tuple[int, int] | None = None
        self._stopped = threading.Event()

    def stop(self) -> None:
        """Stop the job: a waiting job does not start, a running job ends at its next step."""
        self._stopped.set()

    def report_progress(self, step: int, steps: int) -> None:
        """Callback for the engine; raises `StoppedError` once nobody waits for the result."""
        self.steps = step, steps
        self.check()

    def check(self) -> None:
        """Raise `StoppedError` if the job was stopped."""
        if self._stopped.is_set():
            raise StoppedError


class WorkQueue:
    """First-in, first-out queue that runs one job at a time on its own thread.

    Parameters
    ----------
    waiting : int
        Maximum number of waiting jobs besides the one that runs.
    seconds : float
        Maximum time to wait for a result, seconds.
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
        """Number of jobs that run or wait."""
        return self._unfinished

    def admit(self) -> None:
        """Raise `BusyError` or `ClosingError` if the queue accepts no job now."""
        if self._closing:
            raise ClosingError
        if self._unfinished > self.waiting:
            raise BusyError(self.waiting, max(1, math.ceil(self._mean_seconds * self._unfinished)))

    def submit(self, work: Callable[[Job[Any]], T]) -> Job[T]:
        """Add a job to the queue.

        Parameters
        ----------
        work : callable
            Called on the worker thread with the job as its argument; its return value is the result.

        Raises
        ------
        BusyError
            The maximum number of jobs wait.
        ClosingError
            The queue is closed.
        """
        job: Job[T] = Job()
        with self._lock:
            self.admit()
            try:
                self._worker.submit(self._run, job, work)
            except RuntimeError:  # closed by a signal after admit()
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
            self._mean_seconds += _LATEST_WEIGHT * (time.monotonic() - started - self._mean_seconds)
        finally:
            with self._lock:
                self._unfinished -= 1

    async def run(self, work: Callable[[Job[Any]], T]) -> T:
        """Submit work and wait for its result, as `submit` and `wait_for`."""
        return await self.wait_for(self.submit(work))

    async def wait_for(self, job: Job[T]) -> T:
        """Wait for the result of a job, or raise its error. If the caller is cancelled, the job is stopped.

        Raises
        ------
        TimeLimitError
            The job took longer than `seconds`.
        """
        try:
            return await asyncio.wait_for(asyncio.wrap_future(job.future), self.seconds)
        except (TimeoutError, asyncio.TimeoutError):
            raise TimeLimitError(self.seconds) from None
        finally:
            job.stop()

    def close(self) -> None:
        """Accept no more jobs, refuse those that wait, and let the running one finish. Returns immediately."""
        self._closing = True
        self._worker.shutdown(wait=False)


def _settle(setter: Callable[[Any], None], outcome: Any) -> None:
    """Set the result or error of a future that may be cancelled already."""
    try:
        setter(outcome)
    except (CancelledError, Exception):  # InvalidStateError: the future was cancelled
        return
