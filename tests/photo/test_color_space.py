import struct

import numpy as np
import pytest
from bad_inputs import encoded, png
from PIL import Image

from wallpaint.errors import WallpaintWarning
from wallpaint.photo import read_photo

COLORS = np.array(
    [[[200, 60, 40], [60, 180, 70], [50, 70, 190], [128, 128, 128], [230, 220, 200], [20, 30, 25]]], np.uint8
)
SRGB = np.array(
    [[0.4124564, 0.3575761, 0.1804375], [0.2126729, 0.7151522, 0.0721750], [0.0193339, 0.1191920, 0.9503041]]
)
ADOBE = np.array(
    [[0.5767309, 0.1855540, 0.1881852], [0.2973769, 0.6273491, 0.0752741], [0.0270343, 0.0706872, 0.9911085]]
)
P3 = np.array([[0.4865709, 0.2656677, 0.1982173], [0.2289746, 0.6917385, 0.0792869], [0.0, 0.0451134, 1.0439444]])


def srgb_curve(encoded_light):
    return np.where(encoded_light <= 0.04045, encoded_light / 12.92, ((encoded_light + 0.055) / 1.055) ** 2.4)


def as_srgb(pixels, to_xyz, curve):
    """What the bytes mean, as sRGB bytes by matrices in double precision."""
    linear = curve(pixels / 255) @ to_xyz.T @ np.linalg.inv(SRGB).T
    linear = np.clip(linear, 0, 1)
    return 255 * np.where(linear <= 0.0031308, linear * 12.92, 1.055 * linear ** (1 / 2.4) - 0.055)


def with_chunks(*chunks, pixels=COLORS):
    rows = b"".join(b"\0" + row.tobytes() for row in pixels)
    return png(pixels.shape[1], pixels.shape[0], 8, 2, rows, *chunks)


def with_exif(space, index, kind="JPEG"):
    exif = Image.Exif()
    exif[305] = "camera"
    exif.get_ifd(0x8769)[0xA001] = space
    if index:
        exif.get_ifd(0x8769)[0xA005] = {1: index}
    large = np.kron(COLORS, np.ones((16, 16, 1), np.uint8))
    options = {"quality": 100, "subsampling": 0} if kind == "JPEG" else {}
    return encoded(Image.fromarray(large), kind, exif=exif, **options)


def near(pixels, expected, tolerance):
    assert np.abs(pixels.astype(float) - np.clip(expected, 0, 255)).max() <= tolerance


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
def test_adobe_rgb_by_exif_is_converted(kind):
    pixels = read_photo(with_exif(65535, "R03", kind))[8::16, 8::16]
    if kind != "WEBP":
        near(pixels, as_srgb(COLORS, ADOBE, lambda v: v ** (563 / 256)), 3)
    assert pixels[0, 1, 0] < COLORS[0, 1, 0] - 20  # Adobe's green is greener than sRGB's


def test_uncalibrated_alone_gives_a_warning():
    with pytest.warns(WallpaintWarning, match="its colours are uncalibrated, which cannot be converted"):
        read_photo(with_exif(65535, None))


def test_srgb_by_exif_changes_nothing():
    near(read_photo(with_exif(1, "R98"))[8::16, 8::16], COLORS, 1)


def test_a_png_of_display_p3_by_cicp_is_converted():
    near(read_photo(with_chunks((b"cICP", bytes([12, 13, 0, 1])))), as_srgb(COLORS, P3, srgb_curve), 1)


@pytest.mark.parametrize("codes", [(1, 13), (1, 1), (2, 2)])
def test_a_png_of_srgb_by_cicp_changes_nothing(codes):
    np.testing.assert_array_equal(read_photo(with_chunks((b"cICP", bytes([*codes, 0, 1])))), COLORS)


@pytest.mark.parametrize(
    ("codes", "message"),
    [
        ((9, 16, 0, 1), "high dynamic range \\(PQ\\)"),
        ((9, 18, 0, 1), "HLG"),
        ((12, 13, 0, 0), "narrow"),
        ((99, 13, 0, 1), "99"),
    ],
)
def test_a_cicp_space_that_cannot_be_converted_gives_a_warning(codes, message):
    with pytest.warns(WallpaintWarning, match=message):
        np.testing.assert_array_equal(read_photo(with_chunks((b"cICP", bytes(codes)))), COLORS)


@pytest.mark.parametrize("exponent", [1.0, 1.8, 2.6])
def test_a_png_of_another_gamma_is_converted(exponent):
    chunk = (b"gAMA", struct.pack(">I", round(100_000 / exponent)))
    near(read_photo(with_chunks(chunk)), as_srgb(COLORS, SRGB, lambda v: v**exponent), 2)


def test_chromaticities_of_adobe_rgb_are_converted():
    xy = (0.3127, 0.3290, 0.64, 0.33, 0.21, 0.71, 0.15, 0.06)
    chunks = [
        (b"gAMA", struct.pack(">I", round(100_000 / (563 / 256)))),
        (b"cHRM", struct.pack(">8I", *(round(value * 100_000) for value in xy))),
    ]
    near(read_photo(with_chunks(*chunks)), as_srgb(COLORS, ADOBE, srgb_curve), 4)


@pytest.mark.parametrize(
    "chunks",
    [
        [(b"gAMA", struct.pack(">I", 45455))],
        [
            (b"gAMA", struct.pack(">I", 45455)),
            (b"cHRM", struct.pack(">8I", 31270, 32900, 64000, 33000, 30000, 60000, 15000, 6000)),
        ],
        [(b"gAMA", struct.pack(">I", 100_000)), (b"sRGB", b"\0")],
    ],
)
def test_png_chunks_that_mean_srgb_change_nothing(chunks):
    np.testing.assert_array_equal(read_photo(with_chunks(*chunks)), COLORS)


@pytest.mark.parametrize("values", [[0] * 8, [1] * 8, [31270, 32900] * 4])
def test_invalid_chromaticities_give_a_warning(values):
    with pytest.warns(WallpaintWarning):
        read_photo(with_chunks((b"cHRM", struct.pack(">8I", *values))))


def test_a_grey_png_of_another_gamma_is_converted():
    content = png(6, 1, 8, 0, b"\0" + COLORS[..., 0].tobytes(), (b"gAMA", struct.pack(">I", 100_000)))
    near(read_photo(content)[..., 0], as_srgb(COLORS[..., :1].repeat(3, -1), SRGB, lambda v: v)[..., 0], 1)
