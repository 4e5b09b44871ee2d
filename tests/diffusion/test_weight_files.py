"""Files of weights as the world has them: what `paint` does with each, that `models check` agrees, and the table in
docs/weight-files.md."""

from __future__ import annotations

import re
import warnings
from pathlib import Path

import pytest
import torch
from weight_file_rows import ROWS, sd15_unet

from wallpaint.diffusion.adapters.controlnet import _check_kind
from wallpaint.diffusion.adapters.ip_adapter import _check_fit, read_ip_adapter
from wallpaint.diffusion.adapters.lora_files.read import read_lora
from wallpaint.diffusion.checkpoints.base import _check_unet
from wallpaint.diffusion.checkpoints.inventory import parts_of
from wallpaint.diffusion.checkpoints.tensor_headers import read_headers
from wallpaint.errors import WallpaintWarning, WeightsError

TABLE = Path(__file__).parents[2] / "docs" / "weight-files.md"


def read(option: str, path: Path) -> object:
    """Read a file as `paint` does up to where the weights themselves would be needed."""
    unet = sd15_unet()
    if option == "lora":
        weights = read_lora(path, unet)
        return weights.updates or weights.deltas
    if option == "ip_adapter":
        weights = read_ip_adapter(path)
        _check_fit(str(path), weights, unet)
        return weights
    if option == "controlnet":
        tensors = {name: torch.empty(header.shape, device="meta") for name, header in read_headers(path).items()}
        _check_kind(tensors, path)
        return tensors
    return _check_unet(path)


@pytest.mark.parametrize("name", ROWS)
def test_a_file_is_used_or_refused_as_the_table_says(name, tmp_path):
    row = ROWS[name]
    path = row.make(tmp_path)
    with warnings.catch_warnings(record=True) as notes:
        warnings.simplefilter("always", WallpaintWarning)
        if row.refusal:
            with pytest.raises(WeightsError, match=re.escape(row.refusal)) as refused:
                read(row.option, path)
            assert str(refused.value).startswith(str(tmp_path))
            assert "\n" not in str(refused.value)
        else:
            used = read(row.option, path)
            assert used or row.option == "model"
    messages = [str(note.message) for note in notes if issubclass(note.category, WallpaintWarning)]
    assert bool(messages) == bool(row.note)
    assert all(row.note in message for message in messages)


@pytest.mark.parametrize("name", [name for name, row in ROWS.items() if row.is_known_to_check])
def test_models_check_refuses_what_paint_refuses(name, tmp_path):
    row = ROWS[name]
    path = row.make(tmp_path)
    try:
        fault = next((part.fault for part in parts_of(path) if part.fault), "")
    except WeightsError as error:
        fault = str(error)
    assert (row.refusal in fault) if row.refusal else not fault


def test_the_table_has_a_line_for_each_of_these_files():
    lines = [line for line in TABLE.read_text(encoding="utf-8").splitlines() if line.startswith("| ")]
    names = {match[1] for line in lines if (match := re.search(r"`([\w-]+)` \|$", line))}
    assert names == set(ROWS)
