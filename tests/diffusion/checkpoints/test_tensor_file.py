"""Tensors in a file: writing, reading, and one-line errors for damaged files."""

from __future__ import annotations

import pytest
import torch

from wallpaint.diffusion.checkpoints.tensor_file import read_tensors, write_tensors
from wallpaint.errors import MissingWeightsError, OutputError, WeightsError


def test_tensors_and_metadata_come_back_bit_for_bit(tmp_path):
    tensors = {"a": torch.randn(3, 4).T, "b": torch.tensor(float("inf")), "c": torch.ones(2, dtype=torch.bfloat16)}
    write_tensors(tmp_path / "new" / "x.safetensors", tensors, {"key": "välue"})
    read, metadata = read_tensors(tmp_path / "new" / "x.safetensors")
    assert read.keys() == tensors.keys()
    assert all(torch.equal(read[name], tensors[name]) and read[name].dtype == tensors[name].dtype for name in tensors)
    assert metadata["key"] == "välue"


def test_nothing_is_left_beside_the_file(tmp_path):
    write_tensors(tmp_path / "x.safetensors", {"a": torch.ones(2)}, {})
    assert [path.name for path in tmp_path.iterdir()] == ["x.safetensors"]


@pytest.mark.parametrize("keep", [0, 4, 60, -1])
def test_a_file_cut_short_is_named(tmp_path, keep):
    path = tmp_path / "x.safetensors"
    write_tensors(path, {"a": torch.ones(20)}, {})
    path.write_bytes(path.read_bytes()[:keep])
    with pytest.raises(WeightsError, match=r"x\.safetensors: .*damaged"):
        read_tensors(path)


def test_a_pickle_is_not_read(tmp_path):
    torch.save({"a": torch.ones(2)}, tmp_path / "x.safetensors")
    with pytest.raises(WeightsError, match="not a safetensors file"):
        read_tensors(tmp_path / "x.safetensors")


@pytest.mark.parametrize("name", ["none.safetensors", "."])
def test_a_missing_file_is_named(tmp_path, name):
    with pytest.raises(MissingWeightsError, match="no such file"):
        read_tensors(tmp_path / name)


def test_a_path_that_cannot_be_written_is_named(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(OutputError, match="cannot be written"):
        write_tensors(tmp_path / "file" / "x.safetensors", {}, {})
