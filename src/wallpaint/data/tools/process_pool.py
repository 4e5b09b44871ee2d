"""One piece of work done on many things by several processes."""

from __future__ import annotations

import multiprocessing
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from concurrent.futures.process import BrokenProcessPool
from typing import TypeVar

import cv2

from wallpaint.errors import WallpaintError
from wallpaint.worker_process import exit_with_parent

Task = TypeVar("Task")
Result = TypeVar("Result")


def in_processes(work: Callable[[Task], Result], tasks: Sequence[Task], workers: int) -> Iterator[Result]:
    """Results as they are finished, in no order.

    Parameters
    ----------
    work : callable
        A function of a module, or a partial of one: processes are spawned, not forked.
    tasks : sequence
    workers : int
        Processes of one thread each; with 1 or less the work is done here, in order.

    Raises
    ------
    WallpaintError
        A process died. What `work` raises is raised as it is.
    """
    if workers <= 1 or len(tasks) <= 1:
        yield from map(work, tasks)
        return
    spawn = multiprocessing.get_context("spawn")
    pool = ProcessPoolExecutor(min(workers, len(tasks)), mp_context=spawn, initializer=_start_worker)
    try:
        for future in as_completed([pool.submit(work, task) for task in tasks]):
            yield future.result()
    except BrokenProcessPool as error:
        raise WallpaintError(
            "a process died (out of memory?). What is finished is kept: run the same command again, with fewer "
            "--workers."
        ) from error
    finally:
        pool.shutdown(cancel_futures=True)


def _start_worker() -> None:
    """Keep to one core."""
    cv2.setNumThreads(1)
    exit_with_parent()
