"""Shards: every file comes back, in either format, byte for byte."""

from __future__ import annotations

import hashlib
import tarfile

import numpy as np
import pytest

from wallpaint.data import SplitFolder
from wallpaint.data.storage.shards import read_shard, shard_counts, write_shards
from wallpaint.errors import FileError, MissingFileError, SettingError


def stored(root, split="train"):
    return [sample for path, count in shard_counts(root, split).items() for sample in read_shard(path, count)]


def test_what_is_written_comes_back(photo_set, tmp_path):
    told = []
    counts = write_shards(photo_set, tmp_path / "out", per_shard=3, done=told.append)
    assert counts == {"train": 4, "validation": 1}
    assert told == ["attic", "bath", "cellar", "den", "entry"]
    assert list(shard_counts(tmp_path / "out", "train").values()) == [3, 1]
    for sample, (entry, pictures) in zip(stored(tmp_path / "out"), SplitFolder(photo_set, "train"), strict=True):
        assert (sample.name, sample.source) == (entry.name, entry.source)
        assert sample.quality_score == entry.quality_score
        assert sample.image == (photo_set / "train" / entry.image).read_bytes()
        decoded = sample.decode()
        np.testing.assert_array_equal(decoded.mask, pictures.mask)
        np.testing.assert_array_equal(decoded.depth, pictures.depth)


def test_the_flat_layout_is_measured_and_keeps_its_jpegs(flat_set, tmp_path):
    write_shards(flat_set, tmp_path / "out", validation_share=0)
    samples = stored(tmp_path / "out")
    assert [sample.depth for sample in samples] == [None] * 5
    assert all(sample.quality_score > 0.6 for sample in samples)
    assert samples[0].image == (flat_set / "images/attic.jpg").read_bytes()
    assert shard_counts(tmp_path / "out", "validation") == {}


def test_other_readers_find_pictures_by_their_extension(photo_set, tmp_path):
    write_shards(photo_set, tmp_path / "out", per_shard=1)
    with tarfile.open(tmp_path / "out/train/shard-00000.tar") as tar:
        assert set(tar.getnames()) == {"000000.image.png", "000000.mask.png", "000000.depth.png", "000000.json"}


def test_equal_datasets_make_equal_shards(photo_set, tmp_path):
    digests = []
    for out in (tmp_path / "one", tmp_path / "two"):
        write_shards(photo_set, out)
        digests.append([hashlib.sha256(path.read_bytes()).digest() for path in sorted(out.rglob("shard*"))])
    assert digests[0] == digests[1]


@pytest.mark.parametrize("cut", [0.5, 0.999])
def test_a_shard_cut_short_is_named(photo_set, tmp_path, cut):
    write_shards(photo_set, tmp_path / "out")
    [(path, count)] = shard_counts(tmp_path / "out", "train").items()
    whole = path.read_bytes()
    path.write_bytes(whole[: int(len(whole) * cut)] if cut < 0.9 else whole[: 2**13])
    with pytest.raises(FileError, match=r"shard-00000\.\w+: this shard"):
        list(read_shard(path, count))


def test_a_shard_that_holds_fewer_samples_than_counted_is_named(photo_set, tmp_path):
    write_shards(photo_set, tmp_path / "out")
    [path] = shard_counts(tmp_path / "out", "train")
    with pytest.raises(FileError, match="holds 4 samples of 5"):
        list(read_shard(path, 5))


def test_without_an_index_the_shards_are_not_finished(photo_set, tmp_path):
    write_shards(photo_set, tmp_path / "out")
    (tmp_path / "out/train/shards.json").unlink()
    with pytest.raises(MissingFileError, match="no finished shards"):
        shard_counts(tmp_path / "out", "train")
    (tmp_path / "out/train/shards.json").write_text("[]")
    with pytest.raises(FileError, match="not an index of shards"):
        shard_counts(tmp_path / "out", "train")


def test_shards_of_no_sample_are_refused(photo_set, tmp_path):
    with pytest.raises(SettingError, match="1 or more"):
        write_shards(photo_set, tmp_path, per_shard=0)


def test_a_sample_without_its_file_is_named_and_leaves_no_shard(photo_set, tmp_path):
    (photo_set / "train/images/bath.png").unlink()
    with pytest.raises(MissingFileError, match=r"bath\.png"):
        write_shards(photo_set, tmp_path / "out")
    assert not list((tmp_path / "out/train").iterdir())
