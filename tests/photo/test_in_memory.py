import numpy as np
import pytest
from PIL import Image

from wallpaint.errors import MaskSizeError, UnreadableImageError, WallpaintError, WallpaintWarning
from wallpaint.metrics import compute_color_fidelity_metrics
from wallpaint.photo import picture_bytes, wall_of
from wallpaint.reference import extract_dominant_color

PIXELS = np.random.default_rng(0).integers(0, 256, (20, 30, 3), dtype=np.uint8)
WALL = np.indices((20, 30)).sum(axis=0) > 15


def rgba(alpha=255):
    return np.dstack([PIXELS, np.full((20, 30), alpha, np.uint8)])


def tensor(array):
    return pytest.importorskip("torch").from_numpy(np.ascontiguousarray(array))


PICTURES = {
    "PIL": lambda: Image.fromarray(PIXELS),
    "RGBA PIL": lambda: Image.fromarray(rgba()),
    "RGBA": rgba,
    "int64": lambda: PIXELS.astype(np.int64),
    "float64 in [0, 1]": lambda: PIXELS / 255,
    "float16 in [0, 1]": lambda: (PIXELS / 255).astype(np.float16),
    "channels first": lambda: np.moveaxis(PIXELS, -1, 0),
    "batch of one": lambda: PIXELS[None],
    "tensor": lambda: tensor(np.moveaxis(PIXELS, -1, 0)),
    "float tensor": lambda: tensor((np.moveaxis(PIXELS, -1, 0) / 255).astype(np.float32))[None].requires_grad_(),
    "bfloat16 tensor": lambda: tensor(PIXELS * 0.0 + 1).bfloat16(),
}
MASKS = {
    "bool": lambda: WALL,
    "bytes": lambda: WALL * np.uint8(255),
    "zeros and ones": lambda: WALL.astype(np.uint8),
    "floats": lambda: WALL * 0.6,
    "(H, W, 1)": lambda: WALL[..., None],
    "(1, H, W)": lambda: WALL[None].astype(np.float32),
    "RGB": lambda: np.repeat(WALL[..., None] * np.uint8(255), 3, axis=-1),
    "PIL RGB": lambda: Image.fromarray(WALL * np.uint8(255)).convert("RGB"),
    "PIL 1 bit": lambda: Image.fromarray(WALL),
    "tensor": lambda: tensor(WALL.astype(np.float32))[None, None],
    "bool tensor": lambda: tensor(WALL),
}


@pytest.mark.parametrize("kind", PICTURES)
def test_pictures_of_every_kind_are_the_same_bytes(kind):
    expected = np.full_like(PIXELS, 255) if kind == "bfloat16 tensor" else PIXELS
    np.testing.assert_array_equal(picture_bytes(PICTURES[kind]()), expected)


@pytest.mark.parametrize("kind", MASKS)
def test_masks_of_every_kind_are_the_same_wall(kind):
    np.testing.assert_array_equal(wall_of(MASKS[kind](), (20, 30)), WALL)


@pytest.mark.parametrize("mask", MASKS)
@pytest.mark.parametrize("picture", [kind for kind in PICTURES if kind != "bfloat16 tensor"])
def test_metrics_and_dominant_colour_are_those_of_bytes(picture, mask):
    reference = np.full((4, 4, 3), (160, 90, 60), np.uint8)
    expected = compute_color_fidelity_metrics(reference, PIXELS, WALL)
    assert compute_color_fidelity_metrics(reference / 255, PICTURES[picture](), MASKS[mask]()) == pytest.approx(
        expected, nan_ok=True
    )
    assert extract_dominant_color(PICTURES[picture](), MASKS[mask]()) == extract_dominant_color(PIXELS, WALL)


def test_grey_is_three_equal_channels():
    np.testing.assert_array_equal(picture_bytes(PIXELS[..., 0]), np.repeat(PIXELS[..., :1], 3, axis=-1))
    np.testing.assert_array_equal(
        picture_bytes(Image.fromarray(PIXELS[..., 0])), np.repeat(PIXELS[..., :1], 3, axis=-1)
    )


def test_transparency_is_ignored_with_a_warning():
    with pytest.warns(WallpaintWarning, match=r"output's alpha is ignored \(600 pixels below 1\)"):
        np.testing.assert_array_equal(picture_bytes(rgba(128), "output"), PIXELS)


@pytest.mark.parametrize(
    ("picture", "fault"),
    [
        (PIXELS / 127.5 - 1, r"range from -1 to 1, outside \[0, 1\]. Give \(x \+ 1\) / 2\."),
        (PIXELS * 1.0, r"range from 0 to 255, outside \[0, 1\]. Scale them"),
        (np.full((4, 4, 3), np.nan), r"range from nan to nan"),
        (PIXELS.astype(int) - 3, r"range from -3 to 252"),
        (np.zeros((2, 20, 30, 3), np.uint8), r"shape \(2, 20, 30, 3\)"),
        (np.zeros((20, 30, 5), np.uint8), r"shape \(20, 30, 5\)"),
        (np.zeros(7), r"shape \(7,\)"),
        (np.zeros((0, 3, 3)), r"shape \(0, 3, 3\)"),
    ],
)
def test_what_is_no_picture_is_refused_in_one_line(picture, fault):
    with pytest.raises(UnreadableImageError, match=fault) as caught:
        compute_color_fidelity_metrics(np.zeros((2, 2, 3), np.uint8), picture, np.ones((4, 4), bool))
    assert len(str(caught.value).splitlines()) == 1


def test_a_mask_of_another_size_is_refused_in_one_line():
    for measure in (
        lambda mask: compute_color_fidelity_metrics(PIXELS, PIXELS, mask),
        lambda mask: extract_dominant_color(PIXELS, mask),
    ):
        with pytest.raises(MaskSizeError, match="the mask is 10 × 10, the picture 30 × 20") as caught:
            measure(np.ones((10, 10)))
        assert isinstance(caught.value, WallpaintError)


def test_the_method_has_the_documents_name_too():
    picture = np.zeros((20, 30, 3), np.uint8)
    picture[::2] = 200
    picture[:2] = 90
    for method in ("median", "mean", "kmeans"):
        wall = np.ones((20, 30))
        assert extract_dominant_color(picture, wall, color_extraction_method=method) == extract_dominant_color(
            picture, wall, method
        )
    with pytest.raises(WallpaintError, match="mean the same"):
        extract_dominant_color(picture, wall, "mean", color_extraction_method="kmeans")
