"""The dataset on disk: what is written comes back, and what was cut short is mended."""

from __future__ import annotations

import json
import subprocess
import sys

import numpy as np
import pytest
from PIL import Image

from wallpaint.data.storage.layout import Entry, SplitFolder, SplitWriter, split_of
from wallpaint.errors import FileError, MissingFileError, UnreadableImageError


@pytest.fixture
def pictures():
    rng = np.random.default_rng(0)
    mask = np.zeros((24, 32), np.float32)
    mask[:12, 8:] = 1
    mask[12, 8:] = 0.4
    return rng.integers(0, 256, (24, 32, 3)).astype(np.uint8), mask, rng.random((24, 32), dtype=np.float32)


@pytest.fixture
def filled(tmp_path, pictures):
    writer = SplitWriter(tmp_path, "train")
    for name in ("a", "b", "c"):
        writer.add(name, *pictures, 0.75, "room-000001")
    return tmp_path


def test_what_is_written_comes_back(filled, pictures):
    image, mask, depth = pictures
    folder = SplitFolder(filled, "train")
    assert len(folder) == 3
    for entry, read in folder:
        assert entry == Entry(
            f"images/{entry.name}.png", f"masks/{entry.name}.png", f"depth/{entry.name}.png", 0.75, "room-000001"
        )
        np.testing.assert_array_equal(read.image, image)
        np.testing.assert_allclose(read.mask, mask, atol=0.5 / 255)
        np.testing.assert_allclose(read.depth, depth, atol=0.51 / 65535)


def test_depth_is_stored_with_sixteen_bits(filled):
    with Image.open(filled / "train/depth/a.png") as depth:
        assert depth.mode.startswith("I")
        assert np.asarray(depth).max() > 255


def test_metadata_are_lines_of_the_five_keys(filled):
    lines = (filled / "train/metadata.jsonl").read_text().splitlines()
    assert [set(json.loads(line)) for line in lines] == [{"image", "mask", "depth", "quality_score", "source"}] * 3


def test_a_sample_without_depth_says_null(tmp_path, pictures):
    image, mask, _ = pictures
    SplitWriter(tmp_path, "validation").add("a", image, mask, None, 1, "photo")
    [(entry, read)] = SplitFolder(tmp_path, "validation")
    assert entry.depth is None
    assert read.depth is None


def test_a_line_cut_short_is_passed_over_and_mended(filled):
    metadata = filled / "train/metadata.jsonl"
    whole = metadata.read_bytes()
    metadata.write_bytes(whole[:-20])
    assert [entry.name for entry in SplitFolder(filled, "train").entries] == ["a", "b"]
    assert SplitWriter(filled, "train").names == {"a", "b"}
    assert metadata.read_bytes().count(b"\n") == 2


def test_a_last_line_that_only_lacks_its_end_counts(filled):
    metadata = filled / "train/metadata.jsonl"
    metadata.write_bytes(metadata.read_bytes().rstrip(b"\n"))
    assert len(SplitFolder(filled, "train")) == 3
    assert SplitWriter(filled, "train").names == {"a", "b", "c"}
    assert metadata.read_bytes().endswith(b"\n")


@pytest.mark.parametrize("kind", ["images", "masks", "depth"])
def test_a_sample_whose_files_are_damaged_is_no_longer_there(filled, kind, pictures):
    (filled / "train" / kind / "a.png").unlink()
    torn = filled / "train" / kind / "b.png"
    torn.write_bytes(torn.read_bytes()[:-9])
    writer = SplitWriter(filled, "train")
    assert writer.names == {"c"}
    writer.add("b", *pictures, 0.5, "room-000001")
    assert [entry.name for entry in SplitFolder(filled, "train").entries] == ["c", "b"]


def test_half_written_files_of_a_killed_run_are_swept(filled):
    leftover = filled / "train/images/.0123.part"
    leftover.write_bytes(b"half")
    SplitWriter(filled, "train")
    assert not leftover.exists()


def test_a_name_is_written_once(filled, pictures):
    with pytest.raises(ValueError, match="already"):
        SplitWriter(filled, "train").add("a", *pictures, 1, "room-000001")


def test_a_line_that_makes_no_sense_is_named(filled):
    metadata = filled / "train/metadata.jsonl"
    metadata.write_text(metadata.read_text() + '{"image": "x.png"}\n')
    with pytest.raises(FileError, match="line 4"):
        SplitFolder(filled, "train")


def test_a_folder_without_metadata_is_no_split(tmp_path):
    with pytest.raises(MissingFileError, match=r"metadata\.jsonl"):
        SplitFolder(tmp_path, "train")


def test_depth_of_another_size_is_refused(filled):
    Image.fromarray(np.zeros((5, 5), np.uint16)).save(filled / "train/depth/a.png")
    folder = SplitFolder(filled, "train")
    with pytest.raises(UnreadableImageError, match="no depth map"):
        folder.read(folder.entries[0])


def test_the_split_follows_from_the_name_and_the_share():
    scenes = [f"scene-{number}" for number in range(2000)]
    chosen = {scene for scene in scenes if split_of(scene, 0.1) == "validation"}
    assert 150 < len(chosen) < 250
    assert chosen < {scene for scene in scenes if split_of(scene, 0.3) == "validation"}
    assert {split_of(scene, 0) for scene in scenes} == {"train"}
    assert {split_of(scene, 1) for scene in scenes} == {"validation"}


def test_the_layout_needs_no_torch():
    code = (
        "import sys; sys.modules['torch'] = None\n"
        "import wallpaint.data.storage.layout, wallpaint.data as data\n"
        "from wallpaint.errors import MissingExtraError\n"
        "data.export_rooms\n"
        "try:\n    data.PaintedRoomsDataset\n"
        "except MissingExtraError as error:\n    print(error)"
    )
    result = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert "wallpaint[diffusion]" in result.stdout
