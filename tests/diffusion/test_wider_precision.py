"""A model that gives NaN: painted again in a precision that holds larger numbers, or one sentence with a cure."""

from __future__ import annotations

import numpy as np
import pytest
import tiny_models
import torch

from wallpaint import Repainter
from wallpaint.diffusion import DiffusionEngine, ModelSources, SamplingSettings, load_model
from wallpaint.diffusion.precision.choose import Format, Precision, wider_precision
from wallpaint.errors import WallpaintWarning, WeightsError


@pytest.fixture(scope="module")
def model_folder(tmp_path_factory):
    return tiny_models.save_tiny_model(tmp_path_factory.mktemp("wider") / "model")


def overflows_in_bf16(unet, args, output):
    """As SD 1.5's parts do in fp16, which a CPU is too slow to compute in."""
    return (torch.full_like(output[0], torch.nan),) if unet.conv_in.weight.dtype == torch.bfloat16 else output


def room_of(model, room_pixels, wall_mask, **settings):
    return Repainter(DiffusionEngine(model, SamplingSettings(steps=1), **settings)).open(room_pixels, wall_mask)


def test_a_model_that_overflows_paints_in_a_wider_precision_from_then_on(model_folder, room_pixels, wall_mask):
    model = load_model(ModelSources(model_folder), precision="bf16", device="cpu")
    model.base.unet.register_forward_hook(overflows_in_bf16)
    room = room_of(model, room_pixels, wall_mask)
    with pytest.warns(WallpaintWarning, match=r"gave NaN in bf16.*used in fp32.*--precision"):
        painted = room.paint("#B9A08C")
    again = room.paint("#B9A08C")  # without another warning, which would fail the test
    np.testing.assert_array_equal(painted.image, again.image)
    assert painted.metrics["delta_e_2000_median"] <= 0.5
    assert painted.provenance()["wallpaint:precision"].startswith("fp32")


def test_wider_weights_are_those_of_a_model_loaded_so(model_folder, room_pixels, wall_mask):
    narrow = load_model(ModelSources(model_folder), precision="bf16", device="cpu")
    fp32 = Format(torch.float32, torch.contiguous_format)
    wide = narrow.in_precision(Precision(fp32, fp32, "by hand"))
    seen = []
    wide.base.unet.conv_in.register_forward_pre_hook(lambda _, args: seen.append(args[0].dtype))
    room_of(wide, room_pixels, wall_mask).paint("#B9A08C")
    assert set(seen) == {torch.float32}


@pytest.mark.parametrize(("precision", "settings"), [("fp32", {}), ("bf16", {"keep_precision": True})])
def test_a_model_that_gives_nan_all_the_same_ends_in_one_sentence(
    precision, settings, model_folder, room_pixels, wall_mask
):
    model = load_model(ModelSources(model_folder), precision=precision, device="cpu")
    with torch.no_grad():
        model.base.unet.conv_in.weight[0] = torch.nan
    with pytest.raises(WeightsError, match=rf"NaN or infinite, in {precision}.*Fetch it again") as caught:
        room_of(model, room_pixels, wall_mask, **settings).paint("#B9A08C")
    assert len(str(caught.value).splitlines()) == 1


def test_fp16_is_followed_by_bf16_and_that_by_fp32():
    formats = [Format(dtype, torch.channels_last) for dtype in (torch.float16, torch.bfloat16, torch.float32)]
    half, brain, full = (Precision(each, each, "") for each in formats)
    assert wider_precision(half).unet == formats[1]
    assert wider_precision(brain).vae == formats[2]
    assert wider_precision(full) is None
