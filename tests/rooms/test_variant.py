"""The choice of a Mitsuba variant survives libraries that kill a process."""

from __future__ import annotations

import json
import logging
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from wallpaint.rooms import variant


@pytest.fixture(autouse=True)
def fresh(monkeypatch, tmp_path):
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.delenv(variant.ENVIRONMENT, raising=False)
    variant.choose_variant.cache_clear()
    yield
    variant.choose_variant.cache_clear()


def test_a_file_that_is_no_library_is_refused_and_remembered(tmp_path, monkeypatch):
    fake = tmp_path / "libLLVM.so.19.1"
    fake.write_bytes(b"not a library")
    assert not variant.works(fake)
    assert list(json.loads(variant.cache_file().read_text()).values()) == [False]
    monkeypatch.setattr(variant, "_probe", lambda library: pytest.fail("probed twice"))
    assert not variant.works(fake)


def test_a_library_that_changed_is_probed_again(tmp_path, monkeypatch):
    fake = tmp_path / "libLLVM.so"
    fake.write_bytes(b"old")
    assert not variant.works(fake)
    os.utime(fake, ns=(1, 1))
    monkeypatch.setattr(variant, "_probe", lambda library: True)
    assert variant.works(fake)


def test_a_library_that_is_not_there_is_refused(tmp_path):
    assert not variant.works(tmp_path / "missing.so")


def test_a_probe_that_aborts_does_not_take_this_process_along(tmp_path, monkeypatch):
    monkeypatch.setattr(variant, "_PROBE", "import os; os.abort()")
    library = tmp_path / "libLLVM.so"
    library.touch()
    assert not variant.works(library)


def test_without_a_library_the_scalar_variant_is_chosen_and_says_how_to_be_faster(monkeypatch, caplog):
    monkeypatch.setattr(variant, "_PLACES", ())
    with caplog.at_level(logging.WARNING):
        assert variant.choose_variant() == variant.SCALAR
    assert "libllvm19" in caplog.text
    assert len(caplog.records) == 1


def test_the_named_library_comes_first_and_the_others_newest_first(monkeypatch, tmp_path):
    for name in ("libLLVM-14.so.1", "libLLVM.so.19.1", "libLLVM.so.18.1"):
        (tmp_path / name).touch()
    monkeypatch.setattr(variant, "_PLACES", (str(tmp_path / "libLLVM*"),))
    monkeypatch.setenv(variant.ENVIRONMENT, "/named.so")
    assert [path.name for path in variant.candidates()] == [
        "named.so",
        "libLLVM.so.19.1",
        "libLLVM.so.18.1",
        "libLLVM-14.so.1",
    ]


def test_a_bad_named_library_is_passed_over_with_a_word(monkeypatch, tmp_path, caplog):
    good, bad = tmp_path / "good.so", tmp_path / "bad.so"
    good.touch()
    bad.touch()
    monkeypatch.setattr(variant, "_PLACES", (str(good),))
    monkeypatch.setattr(variant, "_probe", lambda library: library == good)
    monkeypatch.setenv(variant.ENVIRONMENT, str(bad))
    with caplog.at_level(logging.WARNING):
        assert variant.choose_variant() == variant.LLVM
    assert os.environ[variant.ENVIRONMENT] == str(good)
    assert "bad.so" in caplog.text


def test_a_damaged_cache_is_no_obstacle(tmp_path):
    variant.cache_file().parent.mkdir(parents=True)
    variant.cache_file().write_text("{ torn")
    fake = tmp_path / "libLLVM.so"
    fake.touch()
    assert not variant.works(fake)


OLD = [path for version in (14, 15, 16) for path in Path("/usr/lib").glob(f"*-linux-gnu/libLLVM-{version}.so*")]


@pytest.mark.skipif(not OLD, reason="no old libLLVM on this machine to survive")
def test_a_real_old_library_is_survived(monkeypatch, mitsuba_installed, tmp_path):
    monkeypatch.setattr(variant, "_PLACES", ())
    code = "from wallpaint.rooms import variant; variant._PLACES = (); print(variant.activate())"
    environment = {**os.environ, variant.ENVIRONMENT: str(OLD[-1]), "XDG_CACHE_HOME": str(tmp_path)}
    result = subprocess.run([sys.executable, "-c", code], env=environment, capture_output=True, text=True, check=True)
    assert result.stdout.strip() == variant.SCALAR
    assert shutil.which("apt") is None or "libllvm19" in result.stderr


@pytest.fixture
def mitsuba_installed():
    pytest.importorskip("mitsuba", reason="needs Mitsuba: pip install 'wallpaint[rooms]'")
