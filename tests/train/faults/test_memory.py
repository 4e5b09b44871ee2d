"""Memory that does not suffice is one sentence with what is needed and what lowers it."""

from __future__ import annotations

import ast
import sys
from pathlib import Path
from types import SimpleNamespace

import pytest
import torch

import wallpaint
from wallpaint.errors import WallpaintError
from wallpaint.train import load_config
from wallpaint.train.faults.memory import memory_faults, peak_memory
from wallpaint.train.loop import train

CUDA = (
    "CUDA out of memory. Tried to allocate 2.00 GiB. GPU 0 has a total capacity of 7.79 GiB of which 1.02 GiB is free. "
    "Including non-PyTorch memory, this process has 6.76 GiB memory in use. Of the allocated memory 6.20 GiB is "
    "allocated by PyTorch, and 120.00 MiB is reserved by PyTorch but unallocated."
)
MPS = (
    "MPS backend out of memory (MPS allocated: 17.50 GB, other allocations: 400.00 MB, max allowed: 18.13 GB). Tried "
    "to allocate 512.00 MB on private pool."
)
CPU = (
    "[enforce fail at alloc_cpu.cpp:127] err == 0. DefaultCPUAllocator: can't allocate memory: you tried to allocate "
    "8589934592 bytes. Error code 12 (Cannot allocate memory)"
)


def message_of(error, *overrides):
    with pytest.raises(WallpaintError) as caught, memory_faults(load_config("lora_training.yaml", overrides)):
        raise error
    assert "\n" not in str(caught.value)
    return str(caught.value)


def test_on_a_gpu_the_memory_needed_and_both_settings_are_named():
    words = message_of(torch.OutOfMemoryError(CUDA))
    assert words.startswith("out of memory: at least 8.2 GiB are needed, 7.8 GiB are available. ")
    assert "Set optimization.gradient_checkpointing=true, or lower optimization.batch_size (4 now)" in words
    assert "at least 18.0 GiB are needed, 18.1 GiB are available" in message_of(RuntimeError(MPS))


def test_on_a_cpu_what_was_held_counts_too():
    words = message_of(RuntimeError(CPU))
    needed = float(words.partition("at least ")[2].partition(" GiB")[0])
    assert needed == pytest.approx(8 + peak_memory() / 2**30, abs=0.2)


def test_errors_that_tell_no_size_are_taken_too():
    for error in (MemoryError(), RuntimeError("CUDA error: CUBLAS_STATUS_ALLOC_FAILED when calling `cublasCreate`")):
        assert message_of(error).startswith("out of memory. Set optimization.gradient_checkpointing=true")


def test_what_is_set_already_is_not_advised():
    words = message_of(MemoryError(), "optimization.gradient_checkpointing=true")
    assert words == (
        "out of memory. Lower optimization.batch_size (4 now) and raise gradient_accumulation_steps by as much."
    )
    words = message_of(MemoryError(), "optimization.gradient_checkpointing=true", "optimization.batch_size=1")
    assert words == "out of memory. Lower data.size (512 now; optimization.batch_size is 1 already)."


def test_other_errors_pass():
    with pytest.raises(RuntimeError, match="size mismatch"), memory_faults(load_config()):
        raise RuntimeError("size mismatch")


def test_a_training_that_runs_out_of_memory_is_one_sentence(config, monkeypatch):
    def too_much(*_, **__):
        raise torch.OutOfMemoryError(CUDA)

    monkeypatch.setattr("wallpaint.train.trainer.run.training_step", too_much)
    with pytest.raises(WallpaintError, match=r"at least 8\.2 GiB are needed.*gradient_checkpointing"):
        train(config())


@pytest.mark.parametrize(("platform", "unit"), [("linux", 1024), ("darwin", 1)])
def test_the_peak_is_in_bytes_on_each_system(monkeypatch, platform, unit):
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    monkeypatch.setattr(sys, "platform", platform)
    usage = SimpleNamespace(getrusage=lambda _: SimpleNamespace(ru_maxrss=123), RUSAGE_SELF=0)
    monkeypatch.setitem(sys.modules, "resource", usage)
    assert peak_memory() == 123 * unit


def test_windows_has_no_resource_module_and_is_asked_otherwise(monkeypatch):
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    monkeypatch.setattr(sys, "platform", "win32")
    monkeypatch.setitem(sys.modules, "resource", None)
    process = SimpleNamespace(memory_info=lambda: SimpleNamespace(peak_wset=456))
    monkeypatch.setitem(sys.modules, "psutil", SimpleNamespace(Process=lambda: process))
    assert peak_memory() == 456


def test_no_module_imports_what_only_unix_has():
    for path in Path(wallpaint.__file__).parent.rglob("*.py"):
        for node in ast.parse(path.read_text(encoding="utf-8")).body:
            names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
            assert not {"resource", "fcntl", "pwd", "termios"} & set(names), path
