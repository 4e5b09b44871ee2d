"""Where the edge refinement's compiled code is kept when numba's own places cannot be written to."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest
from bad_inputs import room
from numba.core import config

from wallpaint.errors import SettingError
from wallpaint.photo import compiled_cache
from wallpaint.photo.compiled_cache import private_folder, provide_compiled_cache

pytestmark = pytest.mark.skipif(os.name != "posix", reason="POSIX users and modes")


@pytest.fixture
def temporary(tmp_path, monkeypatch):
    """The only folder that can be written to."""
    can_write = compiled_cache._can_write
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    monkeypatch.setattr(compiled_cache, "_MEMORY", str(tmp_path / "no memory"))
    monkeypatch.setattr(config, "CACHE_DIR", "")
    monkeypatch.setattr(compiled_cache, "_can_write", lambda folder: tmp_path in folder.parents and can_write(folder))
    monkeypatch.delenv("NUMBA_CACHE_DIR", raising=False)
    return tmp_path


def test_where_numba_can_write_nothing_is_changed(monkeypatch):
    monkeypatch.setattr(compiled_cache, "_can_write", lambda folder: True)
    before = config.CACHE_DIR
    assert provide_compiled_cache("pymatting") is None
    assert before == config.CACHE_DIR


def test_a_person_s_own_folder_is_used_if_it_can_be_written_to(temporary, monkeypatch):
    (temporary / "own").mkdir()
    monkeypatch.setattr(config, "CACHE_DIR", str(temporary / "own"))
    assert provide_compiled_cache("pymatting") is None


def test_without_any_cache_there_is_a_private_one_with_the_code_compiled_at_installation(temporary, monkeypatch):
    package = temporary / "fake"
    (package / "inner" / "__pycache__").mkdir(parents=True)
    (package / "inner" / "tree.py").touch()
    (package / "inner" / "__pycache__" / "tree.f-1.py311.nbi").write_text("compiled")
    monkeypatch.setattr(compiled_cache, "_source_folders", lambda name: [package / "inner"])
    monkeypatch.setattr(compiled_cache, "_can_write", lambda folder: package not in folder.parents and _exists(folder))
    folder = provide_compiled_cache("fake")
    assert folder.parent == temporary
    assert folder.stat().st_mode & 0o777 == 0o700
    assert str(folder) == config.CACHE_DIR == os.environ["NUMBA_CACHE_DIR"]
    assert [file.read_text() for file in folder.rglob("*.nbi")] == ["compiled"]
    monkeypatch.setattr(config, "CACHE_DIR", "")
    assert provide_compiled_cache("fake") == folder


def _exists(folder):
    return folder.is_dir()


@pytest.mark.parametrize("harm", ["open to all", "a link"])
def test_a_folder_that_others_may_have_written_to_is_not_used(harm, temporary):
    first = private_folder()
    if harm == "open to all":
        first.chmod(0o777)
    else:
        shutil.move(first, temporary / "elsewhere")
        first.symlink_to(temporary / "elsewhere")
    second = private_folder()
    assert second != first
    assert second.stat().st_mode & 0o777 == 0o700


def test_with_nowhere_to_write_there_is_one_sentence(monkeypatch, tmp_path):
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "not there"))
    monkeypatch.setattr(compiled_cache, "_MEMORY", str(tmp_path / "nor there"))
    with pytest.raises(SettingError, match=r"NUMBA_CACHE_DIR.*--edges hard"):
        private_folder()


@pytest.mark.slow
@pytest.mark.skipif(not (hasattr(os, "geteuid") and os.geteuid() == 0), reason="only root can become another user")
def test_a_user_who_can_write_nothing_but_a_temporary_folder_paints():
    with tempfile.TemporaryDirectory() as text:
        folder = Path(text)
        folder.chmod(0o777)
        photo, mask = room(folder)
        environment = {"HOME": "/", "PATH": os.environ["PATH"], "PYTHONPATH": os.pathsep.join(sys.path)}
        words = ["-c", "import wallpaint.cli; wallpaint.cli.main()", "paint", photo, "--mask", mask, "--color", "tan"]
        try:
            done = subprocess.run(
                [sys.executable, *words],
                user=12345,
                group=12345,
                extra_groups=[],
                env=environment,
                cwd=folder,
                capture_output=True,
                text=True,
                timeout=600,
            )
        except PermissionError:
            pytest.skip("this Python lies where other users cannot reach it")
        assert done.returncode == 0, done.stderr
        assert (folder / "room-painted.png").is_file()
