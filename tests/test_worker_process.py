"""Workers do not outlive whoever started them."""

import os
import signal
import subprocess
import sys

import pytest

PARENT = """
import multiprocessing, time
from wallpaint.worker_process import exit_with_parent

def work():
    exit_with_parent()
    print("at work", flush=True)
    time.sleep(600)

if __name__ == "__main__":
    worker = multiprocessing.get_context("spawn").Process(target=work)
    worker.start()
    worker.join()
"""


@pytest.mark.skipif(not hasattr(signal, "SIGKILL"), reason="nothing here kills without a word")
def test_a_worker_leaves_when_its_parent_is_killed(tmp_path):
    script = tmp_path / "parent.py"
    script.write_text(PARENT)
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    parent = subprocess.Popen([sys.executable, script], env=environment, stdout=subprocess.PIPE, text=True)
    assert parent.stdout.readline() == "at work\n"
    parent.kill()
    parent.communicate(timeout=60)  # the worker's end of the pipe is closed: it has left
