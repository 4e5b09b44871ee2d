import sys

import pytest

from wallpaint.cli import main


class Finished:
    """What a run of the command line left behind."""

    def __init__(self, code, captured):
        self.code = code
        self.out = captured.out
        self.err = captured.err


@pytest.fixture
def run(capsys, monkeypatch):
    """Run ``wallpaint WORDS…`` as a person would, in this process."""

    def run(*words):
        monkeypatch.setattr(sys, "argv", ["wallpaint", *map(str, words)])
        with pytest.raises(SystemExit) as stopped:
            main()
        return Finished(stopped.value.code or 0, capsys.readouterr())

    return run
