"""Runs that are stopped or killed, each in a process of its own, end as one that never was: to the last bit."""

from __future__ import annotations

import os
import random
import signal
import time
from pathlib import Path

import psutil
import pytest
import torch
from tiny_training import tiny_words

from wallpaint.train.trainer.checkpoint import find_checkpoint, is_intact

pytestmark = pytest.mark.skipif(not hasattr(os, "fork"), reason="there are no signals to send")


def wait_until(holds, process, seconds=120):
    """Until something holds, or the process has ended."""
    end = time.monotonic() + seconds
    while not holds() and process.is_alive():
        assert time.monotonic() < end, "nothing happened"
        time.sleep(0.005)


def lines_in(output: Path) -> int:
    log = output / "training_log.jsonl"
    return log.read_bytes().count(b"\n") if log.exists() else 0


def equal(one, other):
    return one.keys() == other.keys() and all(torch.equal(one[name], other[name]) for name in one)


class Interrupted:
    """One run that was left alone, and the means to start, kill and compare others like it."""

    def __init__(self, start, folder, words):
        self._start, self.folder, self._words = start, folder, words
        self.undisturbed = self.run("undisturbed")

    def start(self, name, *options):
        return self._start(self._words(self.folder / name), self.said(name), *options)

    def run(self, name, *options):
        process = self.start(name, *options)
        process.join(300)
        assert process.exitcode == 0, self.said(name).read_text()
        return self.folder / name

    def said(self, name):
        return self.folder / f"{name}.txt"

    def kill(self, name, times, longest, seed=0):
        """Kill a run at random moments after it has made progress, so many times, and let it end after that."""
        draw, output = random.Random(seed), self.folder / name
        for _ in range(times):
            done = lines_in(output)
            process = self.start(name, "--resume", "latest")
            wait_until(lambda done=done: lines_in(output) > done, process)
            time.sleep(draw.uniform(0, longest))
            assert process.is_alive(), "it ended before it was killed: let it be longer"
            started = psutil.Process(process.pid).children(recursive=True)
            os.kill(process.pid, signal.SIGKILL)
            process.join()
            assert not psutil.wait_procs(started, timeout=30)[1], "something it had started is still there"
            found = find_checkpoint("latest", output)
            assert found is None or is_intact(found)
        return self.run(name, "--resume", "latest")


SHORT = ("checkpoints.every=2", "optimization.max_steps=14", "optimization.ema_decay=0.9", "model.lora={dropout: 0.1}")
LONG = (*SHORT, "optimization.max_steps=200", "checkpoints.every=1")


@pytest.fixture(scope="module")
def interrupted(in_a_process, tiny_model, tmp_path_factory):
    folder = tmp_path_factory.mktemp("interrupted")
    return Interrupted(in_a_process, folder, lambda output: tiny_words(tiny_model, output, *SHORT, "data.workers=1"))


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_stops_a_run_after_the_current_step_and_it_can_be_resumed(interrupted, final_weights, number):
    name, output = number.name, interrupted.folder / number.name
    process = interrupted.start(name)
    wait_until(lambda: lines_in(output) >= 2, process)
    os.kill(process.pid, number)
    process.join(60)
    assert process.exitcode == 130
    done = lines_in(output)
    checkpoint = output / f"checkpoint-{done:06d}"
    *_, last = interrupted.said(name).read_text().splitlines()
    assert last == f"stopped after step {done}: {checkpoint}. Resume: the same command with --resume latest"
    assert 2 <= done < 14
    assert is_intact(checkpoint)
    interrupted.run(name, "--resume", "latest")
    assert equal(final_weights(output), final_weights(interrupted.undisturbed))


def test_a_run_that_is_killed_twice_ends_as_one_that_was_left_alone(interrupted, final_weights):
    killed = interrupted.kill("killed", times=2, longest=0.15)
    assert equal(final_weights(killed), final_weights(interrupted.undisturbed))


@pytest.mark.slow
def test_a_run_that_is_killed_twenty_times_ends_as_one_that_was_left_alone(
    in_a_process, tiny_model, tmp_path, final_weights
):
    here = Interrupted(in_a_process, tmp_path, lambda output: tiny_words(tiny_model, output, *LONG))
    killed = here.kill("killed", times=20, longest=0.4)
    assert equal(final_weights(killed), final_weights(here.undisturbed))
