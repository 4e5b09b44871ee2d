import io
import sys
import warnings

import colour
import numpy as np
import pytest
from bad_inputs import (
    CASES,
    DISPLAY_P3,
    cases,
    cmyk_profile,
    encoded,
    exif_turned,
    gray_profile,
    matrix_profile,
    png,
    png_16_bit_rgb,
    room_pixels,
)
from PIL import Image, ImageCms

from wallpaint.errors import ImageTooLargeError, UnreadableImageError, WallpaintError, WallpaintWarning
from wallpaint.photo import decode, read_photo
from wallpaint.photo.read import eight_bits, srgb_profile

SRGB = np.array([[0.64, 0.33], [0.30, 0.60], [0.15, 0.06]])


def one_color(rgb, mode="RGB"):
    return Image.new(mode, (16, 16), tuple(rgb) if mode != "L" else rgb)


def p3_to_srgb(rgb8):
    """What colour-science makes of Display P3 code values, clipped to sRGB."""
    converted = colour.RGB_to_RGB(
        np.array(rgb8) / 255,
        colour.RGB_COLOURSPACES["Display P3"],
        colour.RGB_COLOURSPACES["sRGB"],
        apply_cctf_decoding=True,
        apply_cctf_encoding=True,
    )
    return np.clip(converted, 0, 1) * 255


@pytest.mark.parametrize("name", cases("photo", fails=True))
def test_a_bad_photo_is_refused_in_one_line_that_names_the_file(name, tmp_path):
    path = CASES[name].make(tmp_path)
    with pytest.raises(WallpaintError) as caught:
        read_photo(path)
    assert type(caught.value) is CASES[name].error
    sentence = str(caught.value)
    assert sentence.startswith(f"{path}: ")
    assert CASES[name].says in sentence
    assert len(sentence.splitlines()) == 1
    assert sentence.endswith(".")


@pytest.mark.parametrize("name", cases("photo", fails=False))
def test_an_unusual_photo_is_read_and_a_repair_gives_a_warning(name, tmp_path):
    case = CASES[name]
    path = case.make(tmp_path)
    with warnings.catch_warnings(record=True) as warned:
        warnings.simplefilter("always")
        pixels = read_photo(path)
    assert pixels.dtype == np.uint8
    assert pixels.shape == room_pixels().shape
    assert pixels.flags.c_contiguous
    assert pixels.flags.writeable
    assert [w.category for w in warned] == [WallpaintWarning] * case.warns
    if case.warns:
        assert str(warned[0].message).startswith(f"{path}: ")
        assert case.says in str(warned[0].message)


def test_a_path_bytes_and_a_file_object_give_the_same_pixels(tmp_path):
    path = tmp_path / "room.png"
    Image.fromarray(room_pixels()).save(path)
    content = path.read_bytes()
    for source in (path, str(path), content, bytearray(content), memoryview(content), io.BytesIO(content)):
        np.testing.assert_array_equal(read_photo(source), room_pixels())
    with path.open("rb") as file:
        np.testing.assert_array_equal(read_photo(file), room_pixels())
        assert not file.closed


def test_errors_of_bytes_have_no_file_name():
    with pytest.raises(UnreadableImageError) as caught:
        read_photo(b"")
    assert str(caught.value) == "the file is empty (0 bytes). Copy or download it again."
    assert caught.value.path is None


def test_an_unreadable_file_is_an_error(tmp_path, monkeypatch):
    def refuse(*_):
        raise PermissionError(13, "Permission denied")

    (tmp_path / "room.jpg").write_bytes(b"x")
    monkeypatch.setattr("builtins.open", refuse)
    with pytest.raises(UnreadableImageError, match="Permission denied"):
        read_photo(tmp_path / "room.jpg")


def test_the_limit_is_inclusive_and_can_be_set():
    content = encoded(Image.new("RGB", (10, 10)), "PNG")
    assert read_photo(content, max_pixels=100).shape == (10, 10, 3)
    with pytest.raises(ImageTooLargeError, match=r"10 × 10 = 100 pixels; the limit is 99\."):
        read_photo(content, max_pixels=99)


def test_a_bomb_is_refused_before_its_pixels_are_decoded(monkeypatch):
    def decoded(*_):
        raise AssertionError("the pixels were decoded")

    monkeypatch.setattr("PIL.ImageFile.ImageFile.load", decoded)
    with pytest.raises(ImageTooLargeError):
        read_photo(png(11_000, 11_000, 8, 2, bytes(64)))
    with pytest.raises(UnreadableImageError, match="the pixels were decoded"):
        read_photo(png(11, 11, 8, 2, bytes(64)))


def test_what_pillow_itself_refuses_does_not_name_our_limit():
    with pytest.raises(ImageTooLargeError, match="more than Pillow opens"):
        read_photo(png(50_000, 50_000, 8, 2, bytes(64)), max_pixels=10**10)


@pytest.mark.parametrize("kind", ["JPEG", "PNG"])
@pytest.mark.parametrize("orientation", range(1, 9))
def test_every_exif_orientation_comes_out_upright(orientation, kind):
    pixels = read_photo(exif_turned(orientation, kind))
    assert pixels.shape == room_pixels().shape
    error = np.abs(pixels.astype(int) - room_pixels())
    assert error.mean() < (2 if kind == "JPEG" else 1e-9)


def test_a_photo_with_broken_exif_is_read_with_a_warning():
    content = encoded(Image.fromarray(room_pixels()), "PNG", exif=b"Exif\0\0XXXX" + bytes(4))
    with pytest.warns(WallpaintWarning, match="EXIF data is damaged"):
        np.testing.assert_array_equal(read_photo(content), room_pixels())


@pytest.mark.parametrize(
    "rgb", [(0, 255, 0), (255, 0, 0), (90, 160, 90), (185, 160, 140), (47, 72, 88), (0, 0, 0), (255, 255, 255)]
)
def test_display_p3_is_converted_as_colour_science_does(rgb):
    content = encoded(one_color(rgb), "PNG", icc_profile=matrix_profile(DISPLAY_P3))
    np.testing.assert_allclose(read_photo(content)[0, 0], p3_to_srgb(rgb), atol=1.01)


def test_the_conversion_is_needed():
    assert np.abs(p3_to_srgb((90, 160, 90)) - (90, 160, 90)).max() > 10


NEARLY_SRGB, NOT_QUITE_SRGB = (matrix_profile(SRGB + np.array([[off, 0], [0, 0], [0, 0]])) for off in (5e-4, 4e-3))


@pytest.mark.parametrize(
    "profile", [matrix_profile(SRGB), srgb_profile(), NEARLY_SRGB], ids=["built here", "Pillow's", "rounded primaries"]
)
def test_an_srgb_profile_changes_no_byte(profile):
    pixels = np.random.default_rng(0).integers(0, 256, (64, 64, 3), dtype=np.uint8)
    np.testing.assert_array_equal(read_photo(encoded(Image.fromarray(pixels), "PNG", icc_profile=profile)), pixels)


def test_a_profile_further_from_srgb_is_followed():
    pixels = np.random.default_rng(0).integers(0, 256, (64, 64, 3), dtype=np.uint8)
    converted = read_photo(encoded(Image.fromarray(pixels), "PNG", icc_profile=NOT_QUITE_SRGB))
    assert np.abs(converted.astype(int) - pixels).max() > 1


def test_the_embedded_profile_is_srgb_and_never_changes():
    profile = ImageCms.ImageCmsProfile(io.BytesIO(srgb_profile()))
    assert "sRGB" in ImageCms.getProfileDescription(profile)
    assert srgb_profile.__wrapped__() == srgb_profile()
    assert srgb_profile()[24:36] == bytes([7, 208, 0, 1, 0, 1] + [0] * 6)


def test_a_grey_profile_is_followed():
    content = encoded(one_color(128, "L"), "PNG", icc_profile=gray_profile(gamma=1.0))
    expected = 255 * (1.055 * (128 / 255) ** (1 / 2.4) - 0.055)
    np.testing.assert_allclose(read_photo(content)[0, 0], [expected] * 3, atol=1.01)


def test_a_grey_picture_may_carry_an_rgb_profile():
    content = encoded(one_color(128, "L"), "PNG", icc_profile=matrix_profile(DISPLAY_P3))
    np.testing.assert_allclose(read_photo(content)[0, 0], [128] * 3, atol=1)


def test_a_cmyk_profile_is_followed():
    black = dict.fromkeys(np.ndindex(2, 2, 2, 2), (0.0, 0.0, 0.0))
    profile = cmyk_profile({**black, (0, 0, 0, 0): (100, 0, 0), (1, 0, 0, 0): (60, 10, 20)})
    content = encoded(one_color((255, 0, 0, 0), "CMYK"), "TIFF", icc_profile=profile)
    xyz_d50 = colour.Lab_to_XYZ([60, 10, 20], colour.CCS_ILLUMINANTS["CIE 1931 2 Degree Standard Observer"]["D50"])
    expected = colour.XYZ_to_sRGB(xyz_d50, [0.3457, 0.3585], chromatic_adaptation_transform="Bradford") * 255
    np.testing.assert_allclose(read_photo(content)[0, 0], expected, atol=2)


@pytest.mark.parametrize(
    ("mode", "profile"),
    [
        ("RGB", gray_profile(1.0)),
        ("RGB", cmyk_profile({})),
        ("RGB", b""),
        ("L", cmyk_profile({})),
        ("RGB", b"\0" * 300),
    ],
)
def test_a_profile_for_other_pixels_is_ignored_with_a_warning(mode, profile):
    content = encoded(one_color((120, 120, 120) if mode == "RGB" else 120, mode), "PNG", icc_profile=profile)
    if profile:
        with pytest.warns(WallpaintWarning, match="profile cannot be used"):
            pixels = read_photo(content)
    else:
        pixels = read_photo(content)
    assert (pixels == 120).all()


@pytest.mark.filterwarnings("ignore::wallpaint.errors.WallpaintWarning")
def test_cmyk_and_ycck_jpegs_are_not_inverted():
    paper = encoded(one_color((0, 0, 0, 0), "CMYK"), "JPEG")
    ink = encoded(one_color((0, 0, 0, 255), "CMYK"), "JPEG")
    assert read_photo(paper).min() >= 254
    assert read_photo(ink).max() <= 1
    place = ink.index(b"Adobe") + 11
    assert ink[place] in (0, 2)
    ycck = bytearray(ink)
    ycck[place] = 2  # the colour transform of Adobe's APP14 segment: YCCK
    assert read_photo(bytes(ycck)).max() <= 1


def test_sixteen_bits_become_the_nearest_eight():
    deep = np.arange(65536, dtype=np.uint16).reshape(256, 256)
    expected = np.rint(deep / 257).astype(np.uint8)
    np.testing.assert_array_equal(eight_bits(deep), expected)
    for kind in ("PNG", "TIFF"):
        pixels = read_photo(encoded(Image.fromarray(deep), kind))
        np.testing.assert_array_equal(pixels, np.repeat(expected[..., None], 3, axis=-1))


def test_sixteen_bit_rgb_keeps_its_colour():
    pixels = np.full((8, 8, 3), (40000, 20000, 65535), np.uint16)
    np.testing.assert_allclose(read_photo(png_16_bit_rgb(pixels))[0, 0], pixels[0, 0] / 257, atol=1)


def test_32_bit_integers_are_read_where_they_fit_16_bits():
    fits = Image.fromarray(np.full((4, 4), 65535, np.int32))
    assert (read_photo(encoded(fits, "TIFF")) == 255).all()
    beyond = Image.fromarray(np.full((4, 4), 65536, np.int32))
    with pytest.raises(UnreadableImageError, match="32-bit"):
        read_photo(encoded(beyond, "TIFF"))


@pytest.mark.parametrize("mode", ["RGBA", "LA"])
def test_transparency_is_laid_over_white(mode):
    clear = (100, 100, 100, 51) if mode == "RGBA" else (100, 51)
    with pytest.warns(WallpaintWarning, match="256 of 256 pixels are transparent"):
        pixels = read_photo(encoded(one_color(clear, mode), "PNG"))
    assert (pixels == round(0.2 * 100 + 0.8 * 255)).all()


def test_a_transparent_palette_entry_is_laid_over_white(tmp_path):
    path = CASES["palette PNG with transparency"].make(tmp_path)
    with pytest.warns(WallpaintWarning):
        pixels = read_photo(path)
    assert (pixels[30, 80] == 255).all()
    assert np.abs(pixels[5, 5].astype(int) - room_pixels()[5, 5]).max() < 12


def test_alpha_and_a_colour_profile_go_together():
    content = encoded(one_color((90, 160, 90, 255), "RGBA"), "PNG", icc_profile=matrix_profile(DISPLAY_P3))
    np.testing.assert_allclose(read_photo(content)[0, 0], p3_to_srgb((90, 160, 90)), atol=1.01)


@pytest.mark.parametrize("mode", ["1", "L", "P", "RGB", "LAB"])
def test_white_is_white_in_every_mode(mode):
    white = Image.new("RGB", (4, 4), "white")
    if mode == "LAB":
        profiles = ImageCms.createProfile("sRGB"), ImageCms.createProfile("LAB")
        white = ImageCms.applyTransform(white, ImageCms.buildTransform(*profiles, "RGB", "LAB"))
    else:
        white = white.convert(mode)
    assert read_photo(encoded(white, "TIFF")).min() >= 254


def test_the_first_frame_is_the_one_read(tmp_path):
    path = CASES["animated GIF"].make(tmp_path)
    with pytest.warns(WallpaintWarning, match="only the first"):
        pixels = read_photo(path)
    assert np.abs(pixels.astype(int) - room_pixels()).mean() < 12


def test_a_name_no_system_accepts_is_a_missing_file():
    with pytest.raises(WallpaintError, match="no such file"):
        read_photo("room\0.jpg")


@pytest.mark.filterwarnings("ignore::wallpaint.errors.WallpaintWarning")
@pytest.mark.parametrize("kind", ["JPEG", "PNG", "GIF", "WEBP", "BMP"])
def test_a_damaged_file_is_read_or_refused_and_nothing_else(kind):
    random = np.random.default_rng(1)
    content = encoded(Image.fromarray(room_pixels()), kind)
    messages = []
    for _ in range(60):
        damaged = bytearray(content[: random.integers(1, len(content) + 1)])
        for place in random.integers(0, len(damaged), 4):
            damaged[place] = random.integers(256)
        try:
            read_photo(bytes(damaged))
        except WallpaintError as error:
            messages.append(str(error))
    assert messages
    assert all(len(message.splitlines()) == 1 for message in messages)


class Unseekable(io.RawIOBase):
    """As a pipe or an answer from the web: it can only be read on."""

    def __init__(self, content):
        self.rest = io.BytesIO(content)

    def readable(self):
        return True

    def readinto(self, buffer):
        return self.rest.readinto(buffer)


def test_what_cannot_seek_is_read_to_its_end():
    content = encoded(Image.fromarray(room_pixels()), "PNG")
    np.testing.assert_array_equal(read_photo(Unseekable(content)), room_pixels())


def test_a_file_open_as_text_is_refused(tmp_path):
    (tmp_path / "room.png").write_bytes(encoded(Image.fromarray(room_pixels()), "PNG"))
    with (
        open(tmp_path / "room.png", encoding="latin-1") as file,
        pytest.raises(UnreadableImageError, match='mode "rb"'),
    ):
        read_photo(file)


def test_a_closed_file_is_refused(tmp_path):
    file = open(__file__, "rb")  # noqa: SIM115
    file.close()
    with pytest.raises(UnreadableImageError, match="cannot be read"):
        read_photo(file)


def test_a_pipe_without_an_end_is_refused(monkeypatch):
    monkeypatch.setattr("wallpaint.photo.decode.MAX_PIPED_BYTES", 1000)
    with pytest.raises(UnreadableImageError, match="this pipe delivers more than 1,000 bytes"):
        read_photo(Unseekable(bytes(2000)))


def test_libtiff_does_not_print_beside_an_error(capfd):
    content = bytearray(encoded(Image.fromarray(room_pixels()), "TIFF", compression="tiff_deflate"))
    content[8:16] = b"\xff" * 8  # where the compressed pixels begin
    with pytest.raises(UnreadableImageError):
        read_photo(bytes(content))
    assert capfd.readouterr().err == ""


def test_flattening_rounds_every_pair_of_values_to_the_nearest():
    from wallpaint.photo.read import _flattened

    values, alphas = np.meshgrid(np.arange(256, dtype=np.uint8), np.arange(256, dtype=np.uint8))
    with pytest.warns(WallpaintWarning, match="are transparent"):
        flat = _flattened(np.repeat(values[..., None], 3, axis=2), alphas, "x.png")
    exact = (values.astype(float) * alphas + 255.0 * (255 - alphas)) / 255
    assert np.abs(flat[..., 0] - exact).max() <= 0.5


@pytest.mark.parametrize(
    ("head", "module", "kind"),
    [
        (b"\0\0\0\x18ftypheic" + bytes(40), "pillow_heif", "HEIC"),
        (b"\xff\x0a" + bytes(40), "pillow_jxl", "JPEG XL"),
        (b"\0\0\0\x0cJXL \r\n\x87\n" + bytes(40), "pillow_jxl", "JPEG XL"),
    ],
)
def test_heic_and_jpeg_xl_errors_name_the_plugin_and_an_installed_one_is_used(
    head, module, kind, tmp_path, monkeypatch
):
    monkeypatch.setattr(decode, "find_spec", lambda name: None)
    with pytest.raises(UnreadableImageError, match=rf"this is a {kind} picture.*pip install pillow-"):
        read_photo(head)
    loaded = []
    (tmp_path / f"{module}.py").write_text("calls = []\ndef register_heif_opener():\n    calls.append(1)\n")
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.setattr(decode, "find_spec", lambda name: loaded.append(name) or name)
    with pytest.raises(UnreadableImageError):
        read_photo(head)
    assert loaded == [module]
    assert sys.modules[module].calls == ([1] if module == "pillow_heif" else [])
    monkeypatch.delitem(sys.modules, module)
