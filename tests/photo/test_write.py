import io
import json
import os
import stat

import numpy as np
import pytest
from bad_inputs import CASES, cases, room_pixels
from PIL import Image, ImageCms

from wallpaint.errors import OutputError
from wallpaint.photo import photo_png, read_photo, write_photo

EXTENSIONS = [".png", ".jpg", ".jpeg", ".webp", ".tif", ".tiff", ".PNG", ".JPG"]
LOSSLESS = [".png", ".webp", ".tif", ".tiff", ".PNG"]


@pytest.fixture
def noise():
    return np.random.default_rng(7).integers(0, 256, (40, 60, 3), dtype=np.uint8)


def everything_below(folder):
    return sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*"))


@pytest.mark.parametrize("name", cases("output", fails=True))
def test_a_bad_output_is_refused_in_one_line_and_nothing_is_left_behind(name, tmp_path):
    path = CASES[name].make(tmp_path)
    photo = tmp_path / "room.png"
    before = everything_below(tmp_path)
    with pytest.raises(OutputError) as caught:
        write_photo(path, room_pixels(), source=photo, metadata={"engine": "albedo"})
    sentence = str(caught.value)
    assert sentence.startswith(f"{path}: ")
    assert CASES[name].says in sentence
    assert len(sentence.splitlines()) == 1
    assert everything_below(tmp_path) == before


@pytest.mark.parametrize("extension", LOSSLESS)
def test_lossless_formats_keep_every_byte(extension, tmp_path, noise):
    write_photo(tmp_path / f"painted{extension}", noise)
    np.testing.assert_array_equal(read_photo(tmp_path / f"painted{extension}"), noise)


def test_jpeg_is_close_without_chroma_subsampling(tmp_path, noise):
    write_photo(tmp_path / "painted.jpg", noise)
    with Image.open(tmp_path / "painted.jpg") as image:
        assert [layer[1:3] for layer in image.layer] == [(1, 1)] * 3
    difference = np.abs(read_photo(tmp_path / "painted.jpg").astype(int) - noise)
    assert 0 < difference.mean() < 4


@pytest.mark.parametrize("extension", EXTENSIONS)
def test_every_format_carries_an_srgb_profile(extension, tmp_path, noise):
    path = tmp_path / f"painted{extension}"
    write_photo(path, noise)
    with Image.open(path) as image:
        profile = ImageCms.ImageCmsProfile(io.BytesIO(image.info["icc_profile"]))
    assert "sRGB" in ImageCms.getProfileDescription(profile)


def test_metadata_round_trips_through_png_text(tmp_path, noise):
    metadata = {"engine": "albedo", "seed": "7", "reference": "#B9A08C", "name": "Dämmerung 夕 – größer"}
    write_photo(tmp_path / "painted.png", noise, metadata=metadata)
    with Image.open(tmp_path / "painted.png") as image:
        assert {key: image.text[key] for key in metadata} == metadata
    assert everything_below(tmp_path) == ["painted.png"]


@pytest.mark.parametrize("extension", [".jpg", ".webp", ".tif"])
def test_other_formats_get_their_metadata_beside_them(extension, tmp_path, noise):
    metadata = {"engine": "albedo", "name": "Dämmerung 夕"}
    write_photo(tmp_path / f"painted{extension}", noise, metadata=metadata)
    assert json.loads((tmp_path / f"painted{extension}.json").read_text(encoding="utf-8")) == metadata
    assert everything_below(tmp_path) == [f"painted{extension}", f"painted{extension}.json"]


@pytest.mark.parametrize("extension", EXTENSIONS)
def test_equal_pictures_are_equal_files(extension, tmp_path, noise):
    for name in ("one", "two"):
        write_photo(tmp_path / f"{name}{extension}", noise, metadata={"seed": "7"})
    assert (tmp_path / f"one{extension}").read_bytes() == (tmp_path / f"two{extension}").read_bytes()


def test_missing_folders_are_made(tmp_path, noise):
    write_photo(tmp_path / "a" / "b" / "painted.png", noise)
    assert everything_below(tmp_path) == ["a", "a/b", "a/b/painted.png"]


def test_an_older_file_is_replaced(tmp_path, noise):
    path = tmp_path / "painted.png"
    path.write_text("old")
    write_photo(str(path), noise)
    np.testing.assert_array_equal(read_photo(path), noise)
    assert everything_below(tmp_path) == ["painted.png"]


@pytest.mark.skipif(os.name != "posix", reason="POSIX permissions")
def test_the_file_has_the_permissions_any_new_file_has(tmp_path, noise):
    (tmp_path / "any").touch()
    write_photo(tmp_path / "painted.png", noise)
    assert stat.S_IMODE((tmp_path / "painted.png").stat().st_mode) == stat.S_IMODE((tmp_path / "any").stat().st_mode)


@pytest.mark.parametrize("step", ["os.fsync", "os.replace"])
@pytest.mark.parametrize("name", ["painted.png", "painted.jpg"])
def test_a_failure_leaves_the_old_file_and_nothing_else(step, name, tmp_path, noise, monkeypatch):
    def full(*_):
        raise OSError(28, "No space left on device")

    (tmp_path / name).write_text("old")
    monkeypatch.setattr(step, full)
    with pytest.raises(OutputError, match="No space left on device"):
        write_photo(tmp_path / name, noise, metadata={"seed": "7"})
    assert everything_below(tmp_path) == [name]
    assert (tmp_path / name).read_text() == "old"


def test_the_file_appears_whole_or_not_at_all(tmp_path, noise, monkeypatch):
    seen, replace = [], os.replace

    def watched(stage, path):
        seen.append((os.path.dirname(stage), os.path.exists(path), os.path.getsize(stage)))
        replace(stage, path)

    monkeypatch.setattr("os.replace", watched)
    write_photo(tmp_path / "painted.png", noise)
    assert seen == [(str(tmp_path), False, (tmp_path / "painted.png").stat().st_size)]


def test_the_photo_is_recognised_by_hard_link_and_by_another_spelling(tmp_path, noise):
    photo = tmp_path / "room.png"
    write_photo(photo, noise)
    os.link(photo, tmp_path / "linked.png")
    (tmp_path / "folder").mkdir()
    for spelling in (photo, tmp_path / "linked.png", tmp_path / "folder" / ".." / "room.png"):
        with pytest.raises(OutputError, match="the photo itself"):
            write_photo(spelling, noise, source=photo)


def test_another_name_beside_the_photo_is_fine(tmp_path, noise):
    photo = tmp_path / "room.png"
    write_photo(photo, noise)
    write_photo(tmp_path / "painted.png", 255 - noise, source=photo)
    np.testing.assert_array_equal(read_photo(photo), noise)
    np.testing.assert_array_equal(read_photo(tmp_path / "painted.png"), 255 - noise)


@pytest.mark.skipif(not os.path.exists("/dev/null"), reason="no devices here")
def test_a_device_is_never_replaced(tmp_path, noise):
    (tmp_path / "null.png").symlink_to("/dev/null")
    with pytest.raises(OutputError, match="a device"):
        write_photo(tmp_path / "null.png", noise)


def test_a_picture_too_large_for_its_format_is_refused(tmp_path):
    with pytest.raises(OutputError, match=r"20,000 × 1 pixels cannot be stored as WEBP.*Use \.png"):
        write_photo(tmp_path / "wide.webp", np.zeros((1, 20_000, 3), np.uint8))
    assert everything_below(tmp_path) == []


@pytest.mark.parametrize("pixels", [np.zeros((4, 4), np.uint8), np.zeros((4, 4, 4), np.uint8), np.zeros((4, 4, 3))])
def test_only_8_bit_rgb_is_taken(pixels, tmp_path):
    with pytest.raises(ValueError, match=r"\(H, W, 3\) uint8"):
        write_photo(tmp_path / "painted.png", pixels)


def test_png_in_memory_is_the_file_that_would_be_written(tmp_path, noise):
    write_photo(tmp_path / "a.png", noise, metadata={"Software": "wallpaint"})
    assert photo_png(noise, {"Software": "wallpaint"}) == (tmp_path / "a.png").read_bytes()


@pytest.fixture
def mode_640(tmp_path):
    """A file of another mode than new ones have."""
    path = tmp_path / "kept.png"
    path.write_text("old")
    path.chmod(0o640)
    return path


@pytest.mark.skipif(os.name != "posix", reason="POSIX permissions and links")
@pytest.mark.parametrize("mode", [0o640, 0o600, 0o664, 0o444])
def test_a_file_that_is_replaced_keeps_its_permissions(mode, mode_640, noise):
    mode_640.chmod(mode)
    write_photo(mode_640, noise)
    assert stat.S_IMODE(mode_640.stat().st_mode) == mode
    np.testing.assert_array_equal(read_photo(mode_640), noise)


@pytest.mark.skipif(os.name != "posix", reason="POSIX permissions and links")
@pytest.mark.parametrize("depth", [1, 3])
def test_writing_to_a_link_replaces_its_target(depth, mode_640, tmp_path, noise):
    (tmp_path / "folder").mkdir()
    links = [tmp_path / "folder" / f"link{number}.png" for number in range(depth)]
    for link, target in zip(links, [mode_640, *links], strict=False):
        link.symlink_to(os.path.relpath(target, link.parent))
    write_photo(links[-1], noise)
    assert all(link.is_symlink() for link in links)
    np.testing.assert_array_equal(read_photo(mode_640), noise)
    assert stat.S_IMODE(mode_640.stat().st_mode) == 0o640
    assert not list(tmp_path.rglob(".*"))


def test_writing_to_a_link_without_a_target_creates_the_target(tmp_path, noise):
    (tmp_path / "link.png").symlink_to(tmp_path / "new.png")
    write_photo(tmp_path / "link.png", noise)
    assert (tmp_path / "link.png").is_symlink()
    np.testing.assert_array_equal(read_photo(tmp_path / "new.png"), noise)


def test_a_sidecar_follows_its_own_link(tmp_path, noise):
    (tmp_path / "painted.jpg.json").symlink_to(tmp_path / "notes.json")
    write_photo(tmp_path / "painted.jpg", noise, metadata={"seed": "7"})
    assert json.loads((tmp_path / "notes.json").read_text()) == {"seed": "7"}


@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="no devices here")
def test_a_link_to_a_device_is_refused(tmp_path, noise):
    (tmp_path / "full.png").symlink_to("/dev/full")
    with pytest.raises(OutputError, match="a device"):
        write_photo(tmp_path / "full.png", noise)


def test_a_name_that_is_too_long_is_refused(tmp_path, noise):
    with pytest.raises(OutputError, match=r"too long.*Choose a shorter name"):
        write_photo(tmp_path / ("x" * 300 + ".png"), noise)
    with pytest.raises(OutputError, match=r"\.webp\.json: .*too long"):
        write_photo(tmp_path / ("x" * 248 + ".webp"), noise, metadata={"seed": "7"})
    assert everything_below(tmp_path) == []
