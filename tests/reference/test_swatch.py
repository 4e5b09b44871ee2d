import numpy as np
import pytest
from PIL import Image

from wallpaint.color import Color, delta_e_2000, luminance, parse_color, srgb_to_lab, srgb_to_linear
from wallpaint.errors import SettingError
from wallpaint.reference import create_solid_color_reference

COLORS = ["#b9a08c", "#2f4858", "#7a9e7e", "#c1440e"]
PLAIN = {"add_texture": False, "add_lighting_gradient": False}


def swatch(color="#b9a08c", **settings):
    return np.asarray(create_solid_color_reference(parse_color(color), **settings))


@pytest.mark.parametrize("color", ["#000000", "#ffffff", *COLORS])
def test_without_texture_and_light_every_pixel_is_the_colour(color):
    assert (swatch(color, size=(20, 10), **PLAIN) == parse_color(color).rgb8).all()


def test_three_integers_are_a_colour_too():
    picture = create_solid_color_reference((185, 160, 140), (8, 8), **PLAIN)
    assert picture.getpixel((3, 3)) == (185, 160, 140)


def test_size_is_width_then_height():
    picture = create_solid_color_reference(Color.from_rgb8((1, 2, 3)), (30, 20))
    assert isinstance(picture, Image.Image)
    assert picture.mode == "RGB"
    assert picture.size == (30, 20)
    assert create_solid_color_reference((1, 2, 3)).size == (512, 512)


@pytest.mark.parametrize("color", COLORS)
def test_the_mean_of_the_swatch_is_the_colour(color):
    mean = srgb_to_lab(swatch(color, size=(256, 256)).reshape(-1, 3).mean(axis=0) / 255)
    assert delta_e_2000(mean, parse_color(color).lab) < 0.5


@pytest.mark.parametrize("noise_std", [2.0, 8.0, 15.0])
def test_the_noise_has_the_given_deviation_and_differs_between_channels(noise_std):
    pixels = swatch(size=(256, 256), add_lighting_gradient=False, noise_std=noise_std).reshape(-1, 3).astype(float)
    np.testing.assert_allclose(pixels.std(axis=0), noise_std, rtol=0.02)
    assert np.abs(np.corrcoef(pixels.T)[np.triu_indices(3, 1)]).max() < 0.02


def test_the_default_noise_is_eight_bytes():
    assert swatch(size=(256, 256), add_lighting_gradient=False).std(axis=(0, 1)) == pytest.approx([8, 8, 8], rel=0.02)


@pytest.mark.parametrize("gradient", [(0.95, 1.05), (0.5, 1.2), (1.1, 0.9)])
def test_the_light_has_the_given_ends(gradient):
    color = parse_color("#b9a08c")
    light = srgb_to_linear(swatch(size=(200, 150), add_texture=False, gradient=gradient) / 255.0) / color.linear
    np.testing.assert_allclose([light.min(), light.max()], sorted(gradient), atol=0.01)
    middle = light[75, 100]
    np.testing.assert_allclose(middle, np.mean(gradient), atol=0.01)


def test_the_light_is_linear():
    light = luminance(srgb_to_linear(swatch(size=(200, 200), add_texture=False, gradient=(0.5, 1.2)) / 255.0))
    y, x = np.mgrid[0:200, 0:200]
    plane = np.column_stack([x.ravel(), y.ravel(), np.ones(x.size)])
    coefficients, *_ = np.linalg.lstsq(plane, light.ravel(), rcond=None)
    assert np.abs(plane @ coefficients - light.ravel()).max() < 0.005


def test_the_direction_of_light_is_random():
    def brightest(seed):
        lit = swatch(add_texture=False, size=(64, 64), generator=np.random.default_rng(seed)).sum(axis=-1)
        return np.unravel_index(lit.argmax(), lit.shape)

    assert len({brightest(seed) for seed in range(8)}) > 1


def test_without_a_generator_the_picture_is_the_same_every_time():
    np.testing.assert_array_equal(swatch(), swatch())


def test_a_generator_of_the_same_seed_draws_the_same_picture():
    first, again, other = (swatch(generator=np.random.default_rng(seed)) for seed in (3, 3, 4))
    np.testing.assert_array_equal(first, again)
    assert (first != other).any()


def test_a_generator_gives_another_picture_each_time():
    generator = np.random.default_rng(3)
    assert (swatch(generator=generator) != swatch(generator=generator)).any()


def test_noise_at_the_ends_of_the_scale_does_not_wrap_around():
    assert swatch("#000000", size=(64, 64)).max() < 60
    assert swatch("#ffffff", size=(64, 64)).min() > 195


@pytest.mark.parametrize("bad", [{"noise_std": -1}, {"gradient": (0, 1)}, {"gradient": (1, -0.5)}])
def test_invalid_settings_are_refused(bad):
    with pytest.raises(SettingError, match="noise_std"):
        create_solid_color_reference((1, 2, 3), **bad)
