import asyncio
import threading

import pytest

from wallpaint.errors import BusyError, ClosingError, TimeLimitError
from wallpaint.serve.queue import StoppedError, WorkQueue

SOON = 30  # seconds


@pytest.fixture
def queue():
    queue = WorkQueue(waiting=2, seconds=SOON)
    yield queue
    queue.close()


class Gate:
    """Work that runs until it is let go."""

    def __init__(self):
        self.begun, self.open = threading.Event(), threading.Event()

    def __call__(self, job):
        self.begun.set()
        assert self.open.wait(SOON)
        return "done"


@pytest.fixture
def gate(queue):
    gate = Gate()
    yield gate
    gate.open.set()


def test_work_is_done_in_the_order_it_came_one_piece_at_a_time(queue):
    running, most, order = set(), [], []

    def work(number):
        def run(_):
            running.add(number)
            most.append(len(running))
            order.append(number)
            running.remove(number)
            return number

        return run

    jobs = [queue.submit(work(number)) for number in range(3)]
    assert [job.future.result(SOON) for job in jobs] == [0, 1, 2]
    assert order == [0, 1, 2]
    assert max(most) == 1


def test_an_error_reaches_who_asked(queue):
    def work(_):
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        asyncio.run(queue.run(work))


def test_a_full_queue_raises_busy_with_retry_after(queue, gate):
    jobs = [queue.submit(gate)]
    assert gate.begun.wait(SOON)
    jobs += [queue.submit(lambda _: None) for _ in range(queue.waiting)]
    with pytest.raises(BusyError) as refused:
        queue.submit(lambda _: None)
    assert refused.value.retry_after >= 1
    assert str(refused.value.retry_after) in str(refused.value)
    gate.open.set()
    for job in jobs:
        job.future.result(SOON)
    while queue.unfinished:
        pass
    assert queue.submit(lambda _: "again").future.result(SOON) == "again"


def test_work_nobody_waits_for_is_not_begun(queue, gate):
    begun = []
    queue.submit(gate)
    waiting = queue.submit(begun.append)
    waiting.stop()
    gate.open.set()
    with pytest.raises(StoppedError):
        waiting.future.result(SOON)
    assert not begun


def test_running_work_ends_at_its_next_step_once_nobody_waits(queue):
    told = threading.Event()

    def work(job):
        for step in range(1000):
            job.report_progress(step + 1, 1000)
            told.set()
            threading.Event().wait(0.01)

    job = queue.submit(work)
    assert told.wait(SOON)
    job.stop()
    with pytest.raises(StoppedError):
        job.future.result(SOON)
    assert job.steps[0] < 1000


def test_a_caller_that_leaves_stops_its_job(queue, gate):
    queue.submit(gate)
    begun = []

    async def leave():
        waiting = asyncio.ensure_future(queue.run(begun.append))
        await asyncio.sleep(0)
        waiting.cancel()
        await asyncio.wait({waiting})

    asyncio.run(leave())
    gate.open.set()
    assert queue.submit(lambda _: "next").future.result(SOON) == "next"
    assert not begun


def test_work_over_the_time_limit_raises_time_limit_error():
    queue, gate = WorkQueue(waiting=1, seconds=0.05), Gate()
    with pytest.raises(TimeLimitError, match=r"0\.05 seconds"):
        asyncio.run(queue.run(gate))
    gate.open.set()
    queue.close()


def test_closing_lets_what_runs_finish_and_refuses_what_waits(queue, gate):
    running = queue.submit(gate)
    assert gate.begun.wait(SOON)
    waiting = queue.submit(lambda _: None)
    queue.close()
    with pytest.raises(ClosingError):
        queue.submit(lambda _: None)
    gate.open.set()
    assert running.future.result(SOON) == "done"
    with pytest.raises(ClosingError):
        waiting.future.result(SOON)
