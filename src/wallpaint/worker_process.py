"""Worker processes end when the process that started them ends, even by SIGKILL."""

from __future__ import annotations

import multiprocessing
import os
import threading


def exit_with_parent() -> None:
    """Exit this process as soon as its parent process is gone.

    A thread waits for the parent, because a parent ended by SIGKILL cannot stop its workers itself.
    """
    parent = multiprocessing.parent_process()
    if parent is None:
        return

    def wait_and_exit() -> None:
        parent.join()
        os._exit(1)

    threading.Thread(target=wait_and_exit, daemon=True).start()
