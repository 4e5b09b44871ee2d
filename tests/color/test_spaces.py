import colour
import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from wallpaint.color import spaces

WHITE_XY = np.array([0.3127, 0.3290])
RGB = arrays(np.float64, (3,), elements=st.floats(0, 1))
BEYOND_RGB = arrays(np.float64, (3,), elements=st.floats(-0.5, 2))
LAB = st.tuples(st.floats(0, 100), st.floats(-120, 120), st.floats(-120, 120)).map(np.array)

FORTH_AND_BACK = [
    (spaces.srgb_to_linear, spaces.linear_to_srgb),
    (spaces.linear_to_xyz, spaces.xyz_to_linear),
    (spaces.linear_to_lab, spaces.lab_to_linear),
    (spaces.srgb_to_lab, spaces.lab_to_srgb),
]
EVERY = [
    spaces.srgb_to_linear,
    spaces.linear_to_srgb,
    spaces.linear_to_xyz,
    spaces.xyz_to_linear,
    spaces.luminance,
    spaces.xyz_to_lab,
    spaces.lab_to_xyz,
    spaces.lab_to_lch,
    spaces.lch_to_lab,
    spaces.linear_to_lab,
    spaces.lab_to_linear,
    spaces.srgb_to_lab,
    spaces.lab_to_srgb,
]


def by_name(function):
    return getattr(function, "__name__", None)


@pytest.fixture(scope="module")
def srgb():
    """colour-science's sRGB with its matrix derived from the chromaticities instead of rounded to 4 decimals."""
    space = colour.RGB_COLOURSPACES["sRGB"].copy()
    space.use_derived_matrix_RGB_to_XYZ = True
    space.use_derived_matrix_XYZ_to_RGB = True
    return space


@pytest.fixture(scope="module")
def colors():
    random = np.random.default_rng(0).random((2000, 3))
    return np.concatenate([random, np.eye(3), 1 - np.eye(3), np.repeat(np.linspace(0, 1, 50)[:, None], 3, axis=1)])


def reference_lab(rgb, space):
    xyz = colour.RGB_to_XYZ(rgb, space, apply_cctf_decoding=True)
    return colour.XYZ_to_Lab(xyz, WHITE_XY)


# --- against colour-science -----------------------------------------------------------------------------------------


def test_the_transfer_curve_is_iec_61966_2_1(colors):
    np.testing.assert_allclose(spaces.srgb_to_linear(colors), colour.models.eotf_sRGB(colors), atol=1e-12)
    np.testing.assert_allclose(spaces.linear_to_srgb(colors), colour.models.eotf_inverse_sRGB(colors), atol=1e-12)


def test_the_matrix_is_the_one_the_chromaticities_give(srgb):
    np.testing.assert_allclose(spaces.LINEAR_TO_XYZ, srgb.matrix_RGB_to_XYZ, atol=1e-12)
    np.testing.assert_allclose(spaces.XYZ_TO_LINEAR, srgb.matrix_XYZ_to_RGB, atol=1e-11)


def test_the_printed_matrix_differs_only_by_its_rounding():
    printed = colour.RGB_COLOURSPACES["sRGB"].matrix_RGB_to_XYZ
    np.testing.assert_allclose(spaces.LINEAR_TO_XYZ, printed, atol=0.7e-4)


def test_xyz_is_what_colour_science_computes(colors, srgb):
    np.testing.assert_allclose(spaces.linear_to_xyz(colors), colour.RGB_to_XYZ(colors, srgb), atol=1e-12)
    np.testing.assert_allclose(spaces.xyz_to_linear(colors), colour.XYZ_to_RGB(colors, srgb), atol=1e-11)


def test_lab_is_what_colour_science_computes(colors, srgb):
    np.testing.assert_allclose(spaces.srgb_to_lab(colors), reference_lab(colors, srgb), atol=1e-9)
    np.testing.assert_allclose(spaces.xyz_to_lab(colors), colour.XYZ_to_Lab(colors, WHITE_XY), atol=1e-9)


def test_lab_back_to_xyz_is_what_colour_science_computes(colors):
    lab = colors * [100, 200, 200] - [0, 100, 100]
    np.testing.assert_allclose(spaces.lab_to_xyz(lab), colour.Lab_to_XYZ(lab, WHITE_XY), atol=1e-12)


def test_lch_is_what_colour_science_computes(colors):
    lab = colors * [100, 200, 200] - [0, 100, 100]
    np.testing.assert_allclose(spaces.lab_to_lch(lab), colour.models.Lab_to_LCHab(lab), atol=1e-9)
    np.testing.assert_allclose(spaces.lch_to_lab(spaces.lab_to_lch(lab)), lab, atol=1e-9)


def test_luminance_is_y(colors):
    np.testing.assert_allclose(spaces.luminance(colors), spaces.linear_to_xyz(colors)[:, 1], atol=1e-12)


# --- known values ---------------------------------------------------------------------------------------------------


def test_black_white_and_the_reds_lab_are_known():
    np.testing.assert_allclose(spaces.srgb_to_lab([0, 0, 0]), [0, 0, 0], atol=1e-12)
    np.testing.assert_allclose(spaces.srgb_to_lab([1, 1, 1]), [100, 0, 0], atol=1e-10)
    np.testing.assert_allclose(spaces.srgb_to_lab([1, 0, 0]), [53.24, 80.09, 67.20], atol=0.01)
    np.testing.assert_allclose(spaces.WHITE_D65, [0.95046, 1, 1.08906], atol=1e-5)


@given(st.floats(0, 1))
def test_every_grey_is_without_chroma(value):
    np.testing.assert_allclose(spaces.srgb_to_lab(np.full(3, value))[1:], 0, atol=1e-10)


def test_the_pieces_of_the_curves_meet():
    for convert, joint in [(spaces.srgb_to_linear, 0.04045), (spaces.linear_to_srgb, 0.0031308)]:
        below, above = convert(np.array([joint - 1e-9, joint + 1e-9]))
        assert above == pytest.approx(below, abs=1e-7)
    joint = (6 / 29) ** 3
    below, above = spaces.xyz_to_lab(spaces.WHITE_D65 * np.array([[joint - 1e-9], [joint + 1e-9]]))
    np.testing.assert_allclose(above, below, atol=1e-5)


def test_hue_is_in_0_to_360_and_0_for_grey():
    lab = np.array([[50, 1, 0], [50, 0, 1], [50, -1, 0], [50, 0, -1], [50, 1, -1], [50, 0, 0.0]])
    np.testing.assert_allclose(spaces.lab_to_lch(lab)[:, 2], [0, 90, 180, 270, 315, 0])


# --- round trips ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("forth", "back"), FORTH_AND_BACK, ids=by_name)
@given(rgb=BEYOND_RGB)
def test_every_conversion_round_trips_even_out_of_gamut(forth, back, rgb):
    # the curve's published pieces overlap by 3e-8 at the joint
    np.testing.assert_allclose(back(forth(rgb)), rgb, rtol=0, atol=1e-7)


@given(LAB)
def test_lab_round_trips_through_xyz_srgb_and_lch(lab):
    np.testing.assert_allclose(spaces.xyz_to_lab(spaces.lab_to_xyz(lab)), lab, rtol=0, atol=1e-9)
    np.testing.assert_allclose(spaces.srgb_to_lab(spaces.lab_to_srgb(lab)), lab, rtol=0, atol=1e-3)
    np.testing.assert_allclose(spaces.lch_to_lab(spaces.lab_to_lch(lab)), lab, rtol=0, atol=1e-9)


@given(RGB)
def test_the_curves_are_odd(rgb):
    np.testing.assert_array_equal(spaces.srgb_to_linear(-rgb), -spaces.srgb_to_linear(rgb))
    np.testing.assert_array_equal(spaces.linear_to_srgb(-rgb), -spaces.linear_to_srgb(rgb))


def test_all_256_code_values_survive():
    values = np.repeat(np.arange(256)[:, None], 3, axis=1) / 255
    for back_and_forth in [
        spaces.linear_to_srgb(spaces.srgb_to_linear(values.astype(np.float32))),
        spaces.lab_to_srgb(spaces.srgb_to_lab(values.astype(np.float32))),
    ]:
        np.testing.assert_array_equal(np.rint(back_and_forth * 255), np.rint(values * 255))


# --- numpy and torch ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("convert", EVERY, ids=by_name)
def test_numpy_and_torch_agree(convert, colors):
    values = colors * 1.5 - 0.25
    tensor = convert(torch.tensor(values))
    assert isinstance(tensor, torch.Tensor)
    np.testing.assert_allclose(tensor.numpy(), convert(values), rtol=0, atol=1e-6)


@pytest.mark.parametrize("convert", EVERY, ids=by_name)
def test_dtype_shape_and_library_are_kept(convert):
    for dtype in (np.float32, np.float64):
        array = np.full((2, 5, 3), 0.4, dtype)
        expected = (2, 5) if convert is spaces.luminance else (2, 5, 3)
        assert convert(array).dtype == dtype
        assert convert(array).shape == expected
        tensor = convert(torch.from_numpy(array))
        assert tensor.numpy().dtype == dtype
        assert tuple(tensor.shape) == expected


@pytest.mark.parametrize("convert", EVERY, ids=by_name)
def test_integers_and_lists_become_float64(convert):
    expected = convert(np.array([1.0, 0.0, 1.0]))
    for given_as in ([1, 0, 1], np.array([1, 0, 1]), np.array([1, 0, 1], np.uint8)):
        assert convert(given_as).dtype == np.float64
        np.testing.assert_array_equal(convert(given_as), expected)
    assert convert(torch.tensor([1, 0, 1])).dtype == torch.float64


@pytest.mark.parametrize("convert", EVERY, ids=by_name)
def test_the_input_is_left_as_it_was(convert, colors):
    before = colors.copy()
    convert(colors)
    np.testing.assert_array_equal(colors, before)


# --- gradients ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("convert", EVERY, ids=by_name)
def test_gradients_are_right(convert):
    values = torch.tensor(np.random.default_rng(3).uniform(0.1, 0.9, (6, 3)), requires_grad=True)
    assert torch.autograd.gradcheck(convert, (values,))


@pytest.mark.parametrize("convert", EVERY, ids=by_name)
@pytest.mark.parametrize("value", [0.0, 0.5, 1.0, -0.2, 1e-30])
def test_gradients_are_finite_at_black_at_greys_and_beyond(convert, value):
    values = torch.full((2, 3), value, dtype=torch.float64, requires_grad=True)
    convert(values).sum().backward()
    assert torch.isfinite(values.grad).all()


def test_the_gradient_at_black_is_the_slope_of_the_straight_piece():
    black = torch.zeros(3, dtype=torch.float64, requires_grad=True)
    spaces.srgb_to_linear(black)[0].backward()
    np.testing.assert_allclose(black.grad.numpy(), [1 / 12.92, 0, 0])
    spaces.linear_to_srgb(black)[1].backward()
    np.testing.assert_allclose(black.grad.numpy(), [1 / 12.92, 12.92, 0])
    assert torch.autograd.gradcheck(spaces.srgb_to_lab, (torch.full((3,), 1e-3, dtype=torch.float64).requires_grad_(),))
