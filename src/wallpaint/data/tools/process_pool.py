"""Run one function over many tasks in several processes."""

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
    """Results of `work` over `tasks` as they finish, in no particular order.

    Parameters
    ----------
    work : callable
        A module-level function or a partial of one: processes are spawned, not forked.
    tasks : sequence
    workers : int
        Number of processes, with one thread each; with 1 or less the work runs in this process, in order.

    Raises
    ------
    WallpaintError
        A process ended unexpectedly. Errors of `work` pass through.
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
            "a process ended unexpectedly (out of memory?). Finished work is kept: run the same command again "
            "with fewer --workers."
        ) from error
    finally:
        pool.shutdown(cancel_futures=True)


def _start_worker() -> None:
    """Use one core, and exit with the parent process."""
    cv2.setNumThreads(1)
    exit_with_parent()
