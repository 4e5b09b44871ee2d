"""Walls as layers: what is written comes back, and what is no such file is named."""

from __future__ import annotations

import io
import json
import zipfile

import numpy as np
import pytest
from PIL import Image

from wallpaint.color import parse_color
from wallpaint.errors import EmptyMaskError, FileError, MaskSizeError, MissingFileError, OutputError
from wallpaint.mask.select import Layer, read_layers, write_layers

SHAPE = (40, 60)


@pytest.fixture
def walls():
    left, right = np.zeros(SHAPE, np.float32), np.zeros(SHAPE, np.float32)
    left[:30, :20] = 1
    left[:30, 20] = 51 / 255  # a soft edge
    left[30, :20] = 51 / 255
    right[:30, 30:] = 1
    return [Layer("North wall", left, parse_color("#b9a08c")), Layer("Nische / links", right)]


@pytest.fixture
def archive(tmp_path, walls):
    write_layers(tmp_path / "walls.zip", walls)
    return tmp_path / "walls.zip"


@pytest.mark.parametrize("name", ["walls.zip", "walls", "new/folder/walls.zip", "walls.ZIP"])
def test_written_walls_are_read_back(tmp_path, walls, name):
    write_layers(tmp_path / name, walls)
    for written, read in zip(walls, read_layers(tmp_path / name, SHAPE), strict=True):
        assert (read.name, read.color and read.color.hex) == (written.name, written.color and written.color.hex)
        np.testing.assert_allclose(read.mask, written.mask, atol=1e-6)


def test_an_archive_is_read_from_its_bytes_too(archive):
    assert [layer.name for layer in read_layers(archive.read_bytes(), SHAPE)] == ["North wall", "Nische / links"]


def test_equal_walls_make_equal_files(tmp_path, archive, walls):
    write_layers(tmp_path / "again.zip", walls)
    assert (tmp_path / "again.zip").read_bytes() == archive.read_bytes()


def test_each_mask_is_a_png_file(tmp_path, walls):
    write_layers(tmp_path / "walls", walls)
    with Image.open(tmp_path / "walls" / "1-north-wall.png") as mask:
        assert (mask.mode, mask.size) == ("L", SHAPE[::-1])
        assert np.asarray(mask)[0, 0] == 255


def packed(index, **masks):
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as opened:
        if index is not None:
            opened.writestr("layers.json", index if isinstance(index, str | bytes) else json.dumps(index))
        for name, content in masks.items():
            opened.writestr(f"{name}.png", content)
    return buffer.getvalue()


def png(pixels):
    buffer = io.BytesIO()
    Image.fromarray(pixels).save(buffer, "PNG")
    return buffer.getvalue()


def wall(mask="a.png", name="a", color=None):
    return {"layers": [{"name": name, "mask": mask, "color": color}]}


HALF = np.repeat([[255], [0]], [20, 20], axis=0).astype(np.uint8).repeat(60, axis=1)


@pytest.mark.parametrize(
    ("content", "error", "says"),
    [
        (b"", FileError, "not a complete ZIP archive"),
        (b"no archive", FileError, "not a complete ZIP archive"),
        (packed(wall(), a=png(HALF))[:-30], FileError, "not a complete ZIP archive"),
        (packed(None, a=png(HALF)), MissingFileError, r"no layers\.json in this archive"),
        (packed("[", a=png(HALF)), FileError, "1 to 100 walls"),
        (packed("[" * 100_000), FileError, "1 to 100 walls"),
        (packed(b"\xff\xfe"), FileError, "1 to 100 walls"),
        (packed({"layers": []}), FileError, "1 to 100 walls"),
        (packed({"layers": [3]}), FileError, "wall 1 needs"),
        (packed(wall(name=7), a=png(HALF)), FileError, "wall 1 needs"),
        (packed(wall(mask="../a.png")), FileError, "wall 1 needs"),
        (packed(wall(mask="C:a.png")), FileError, "wall 1 needs"),
        (packed(wall(color="blurple"), a=png(HALF)), FileError, "wall 1: 'blurple' is not a colour"),
        (packed(wall(mask="b.png"), a=png(HALF)), MissingFileError, r"no b\.png in this archive"),
        (packed(wall(), a=bytes(64_000_001)), FileError, "larger than 64,000,000 bytes"),
        (packed(wall(), a=png(0 * HALF)), EmptyMaskError, r"a\.png: .*covers no pixel"),
        (packed(wall(), a=png(HALF[:, :30])), MaskSizeError, r"a\.png: the mask is 30 × 40"),
    ],
)
def test_bad_archives_are_refused_in_one_line(content, error, says):
    with pytest.raises(error, match=says) as caught:
        read_layers(content, SHAPE)
    assert "\n" not in str(caught.value)


def test_a_folder_without_its_mask_names_the_file(tmp_path, walls):
    write_layers(tmp_path / "walls", walls)
    (tmp_path / "walls" / "1-north-wall.png").unlink()
    with pytest.raises(MissingFileError, match=r"1-north-wall\.png: it cannot be read"):
        read_layers(tmp_path / "walls", SHAPE)


def test_a_missing_path_is_named(tmp_path):
    with pytest.raises(MissingFileError, match=r"nowhere\.zip: there is no such file or folder"):
        read_layers(tmp_path / "nowhere.zip", SHAPE)


def test_an_empty_list_of_walls_is_refused(tmp_path):
    with pytest.raises(OutputError, match="0 walls cannot be stored"):
        write_layers(tmp_path / "walls.zip", [])
    assert not (tmp_path / "walls.zip").exists()


def test_a_folder_that_cannot_be_made_is_an_output_error(tmp_path, walls):
    (tmp_path / "walls").write_text("a regular file")
    with pytest.raises(OutputError, match="cannot be written"):
        write_layers(tmp_path / "walls", walls)
