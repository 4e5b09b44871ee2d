import pytest
from cropped_room import cropped_room
from PIL import Image

from wallpaint.errors import MissingFileError, WallpaintError
from wallpaint.rooms.generate import room_path
from wallpaint.train import load_config

validation_samples = pytest.importorskip("wallpaint.train.trainer.validation_settings").validation_samples

KEPT = {"08000", "08001", "08007"}  # the first of the rooms that come along and are never trained on
SMALL = ("data.size=64", "validation.num_validation_samples=3")


@pytest.fixture
def rooms(tmp_path):
    """Two small rooms, of which a share of a tenth reserves the second for validation."""
    for seed in (2, 8000):
        cropped_room(2, 0, 32, 96, seed=seed).save(room_path(tmp_path / "rooms", seed))
    return tmp_path / "rooms"


@pytest.fixture
def photos(tmp_path, room_pixels, wall_mask):
    for kind, pixels in (("images", room_pixels), ("masks", wall_mask)):
        (tmp_path / "photos" / kind).mkdir(parents=True)
        Image.fromarray(pixels).save(tmp_path / "photos" / kind / "attic.png")
    return tmp_path / "photos"


def samples_of(*overrides):
    return validation_samples(load_config(None, [*SMALL, *overrides]))


def names(samples):
    return {sample.photo.name.partition("-0")[2].partition("-")[0] for sample in samples}


def test_rooms_that_come_with_wallpaint_are_the_default():
    samples = samples_of()
    assert len(samples) == 3
    assert names(samples) == KEPT
    assert all(sample.truth.shape == (64, 64, 3) for sample in samples)


def test_shards_are_validated_on_those_rooms_too(tmp_path):
    assert names(samples_of("data.kind=shards", f"data.path={tmp_path}")) == KEPT


def test_rooms_of_a_folder_are_those_kept_from_training(rooms):
    assert names(samples_of(f"data.path={rooms}", "data.validation_share=0.1")) == {"08000"}
    assert names(samples_of(f"data.path={rooms}", "data.validation_share=1.0")) == {"08000", "00002"}


def test_photos_are_shown_as_taken(photos, wall_mask):
    words = ("data.kind=photos", f"data.path={photos}", "data.quality_threshold=0")
    samples = samples_of(*words, "data.validation_share=1.0")
    assert {sample.photo.name for sample in samples} == {"attic"}
    assert all(sample.truth is None for sample in samples)
    with pytest.raises(WallpaintError, match="no sample"):
        samples_of(*words, "data.validation_share=0.0")


def test_the_seed_of_the_training_fixes_the_samples():
    one, again, other = ([sample.name for sample in samples_of(f"seed={seed}")] for seed in (1, 1, 2))
    assert one == again != other


def test_a_folder_without_rooms_is_named(tmp_path):
    with pytest.raises(MissingFileError, match="no rooms here"):
        samples_of(f"data.path={tmp_path}")
