"""Choosing dtype and layout: the decision from times, and a measurement of this machine."""

from __future__ import annotations

import time
import warnings

import pytest
import torch

from wallpaint.diffusion.precision import choose as precision
from wallpaint.diffusion.precision.choose import Format, choose_precision, fastest, measure
from wallpaint.errors import SettingError, WallpaintWarning

PLAIN, LAST = torch.contiguous_format, torch.channels_last
FP32, FP32_LAST = Format(torch.float32, PLAIN), Format(torch.float32, LAST)
BF16, BF16_LAST = Format(torch.bfloat16, PLAIN), Format(torch.bfloat16, LAST)
CPU = torch.device("cpu")


@pytest.fixture(autouse=True)
def _forgotten():
    precision._probed.cache_clear()
    yield
    precision._probed.cache_clear()


@pytest.mark.parametrize(
    ("times", "choice"),
    [
        ([10, 10, 10, 10], FP32),
        ([10, 9.5, 9.2, 9.1], FP32),
        ([10, 5, 4.6, 4.6], FP32_LAST),
        ([10, 9.5, 5, 4.9], BF16),
        ([10, 9.5, 5, 4], BF16_LAST),
        ([9, 10, 90, 100], FP32),
    ],
)
def test_near_ties_go_to_the_more_precise_dtype_and_the_simpler_layout(times, choice):
    assert fastest(dict(zip([FP32, FP32_LAST, BF16, BF16_LAST], times, strict=True))) == choice


def work_of(milliseconds, answer=0.0):
    """Work whose durations are these, one after the other; the last repeats."""
    left = list(milliseconds)

    def work():
        time.sleep((left.pop(0) if len(left) > 1 else left[0]) / 1e3)
        return torch.tensor(answer)

    return work


def test_the_least_of_several_times_counts():
    times = measure({FP32: work_of([30, 30, 30, 2]), BF16: work_of([5])}, CPU)
    assert 2 <= times[FP32] < times[BF16]


def test_a_format_that_is_far_too_slow_is_measured_once():
    calls = []

    def hopeless():
        calls.append(time.sleep(0.05))
        return torch.zeros(1)

    measure({FP32: work_of([1]), BF16: hopeless}, CPU)
    assert len(calls) == 2  # to warm up, and for its time


@pytest.mark.parametrize("answer", [float("nan"), float("inf")])
def test_a_format_with_non_finite_results_is_left_out(answer):
    assert measure({FP32: work_of([1]), BF16: work_of([0], answer)}, CPU).keys() == {FP32}


def test_a_format_that_the_device_does_not_support_is_left_out():
    def unknown():
        raise RuntimeError('"conv" not implemented for BFloat16')

    assert measure({FP32: work_of([1]), BF16: unknown}, CPU).keys() == {FP32}


def pretend(monkeypatch, unet, vae):
    """Let formats take these milliseconds, by name; those without are not supported."""
    for kind, times in (("_unet_work", unet), ("_vae_work", vae)):
        monkeypatch.setattr(precision, kind, lambda each, device, times=times: times.get(str(each)))
    monkeypatch.setattr(
        precision, "measure", lambda works, device: {name: time for name, time in works.items() if time is not None}
    )


def test_the_vae_may_have_another_layout_than_the_unet(monkeypatch):
    pretend(
        monkeypatch,
        {"fp32": 9.0, "fp32 channels_last": 8.9, "bf16": 4.0, "bf16 channels_last": 4.1},
        {"bf16": 12.0, "bf16 channels_last": 9.0},
    )
    chosen = choose_precision()
    assert (chosen.unet, chosen.vae) == (BF16, BF16_LAST)
    assert "9.0 ms in fp32" in chosen.why
    assert "12.0 ms in bf16" in chosen.why


@pytest.mark.parametrize(("wanted", "dtype"), [("fp32", torch.float32), ("bf16", torch.bfloat16)])
def test_a_given_format_is_used_however_slow(monkeypatch, wanted, dtype):
    times = {"fp32": 9.0, "fp32 channels_last": 5.0, "bf16": 90.0, "bf16 channels_last": 50.0}
    pretend(monkeypatch, times if wanted == "bf16" else {**times, "bf16": 1.0}, times)
    chosen = choose_precision(wanted)
    assert chosen.unet == chosen.vae == Format(dtype, LAST)


def test_fp16_on_a_cpu_becomes_the_faster_of_the_others_with_one_warning(monkeypatch):
    times = {"fp32": 9.0, "bf16": 4.0, "fp16": 0.1}
    pretend(monkeypatch, times, times)
    with pytest.warns(WallpaintWarning, match="fp16 is far slower") as caught:
        assert choose_precision("fp16").unet.dtype == torch.bfloat16
    assert len(caught) == 1


def test_auto_never_uses_fp16_on_a_cpu(monkeypatch):
    times = {"fp32": 9.0, "fp16": 0.1}
    pretend(monkeypatch, times, times)
    assert choose_precision("auto").unet.dtype == torch.float32


def test_a_format_that_the_device_does_not_support_is_refused(monkeypatch):
    pretend(monkeypatch, {"fp32": 9.0}, {"fp32": 9.0})
    with pytest.raises(SettingError, match="cpu does not support bf16"):
        choose_precision("bf16")


@pytest.mark.parametrize(("wanted", "dtype"), [("auto", torch.float16), ("fp32", torch.float32)])
def test_on_mps_nothing_is_measured(monkeypatch, wanted, dtype):
    pretend(monkeypatch, {}, {})
    chosen = precision._probed(wanted, torch.device("mps"))
    assert chosen.unet == chosen.vae == Format(dtype, PLAIN)


def test_a_device_is_measured_once_in_a_process(monkeypatch):
    calls = []
    monkeypatch.setattr(precision, "measure", lambda works, device: calls.append(1) or dict.fromkeys(works, 1.0))
    assert choose_precision("auto", "cpu") is choose_precision("auto", CPU)
    assert len(calls) == 2  # the UNet's work, and the VAE's


def test_the_measurement_is_short_and_does_not_change_the_random_state():
    torch.manual_seed(0)
    expected = torch.rand(3)
    torch.manual_seed(0)
    start = time.process_time()
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        chosen = choose_precision()
    assert time.process_time() - start < 4  # half a second; it must hold on slow and busy machines too
    assert chosen.unet.dtype in (torch.float32, torch.bfloat16)
    assert chosen.unet.dtype == chosen.vae.dtype
    torch.testing.assert_close(torch.rand(3), expected)


def test_an_unknown_precision_or_device_is_refused_with_the_known_ones():
    with pytest.raises(SettingError, match="no precision 'half': choose auto, fp32, bf16 or fp16"):
        choose_precision("half")
    with pytest.raises(SettingError, match="device 'gpu' is not available: choose cpu"):
        choose_precision("auto", "gpu")
