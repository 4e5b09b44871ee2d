import sys

import pytest
from model_files import ldm_weights, no_network, tiny_folder, tiny_sd15, write_single_file
from PIL import Image

from wallpaint.cli import main

__all__ = ["ldm_weights", "no_network", "tiny_folder", "tiny_sd15", "write_single_file"]


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


@pytest.fixture
def files(tmp_path, room_pixels, wall_mask):
    """Photo and mask of the room, as PNG."""
    photo, mask = tmp_path / "room.png", tmp_path / "wall.png"
    Image.fromarray(room_pixels).save(photo)
    Image.fromarray(wall_mask).save(mask)
    return photo, mask
