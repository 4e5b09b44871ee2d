"""The dtype and memory layout in which this machine computes fastest, found by measuring."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from typing import Literal, NamedTuple, get_args

from wallpaint.errors import SettingError, warn_of
from wallpaint.optional import needs_extra

with needs_extra("diffusion", "Diffusion"):
    import torch
    from torch.nn import functional

Wanted = Literal["auto", "fp32", "bf16", "fp16"]
PRECISIONS: tuple[Wanted, ...] = get_args(Wanted)

_DTYPES = {"fp32": torch.float32, "fp16": torch.float16, "bf16": torch.bfloat16}  # most precise first
_NAMES = {dtype: name for name, dtype in _DTYPES.items()}
_LAYOUTS = {torch.contiguous_format: "", torch.channels_last: " channels_last"}
_ROUNDS = 16
_TOO_SLOW = 10  # times the fastest: not measured again
_WORTH_IT = 0.9  # of the time of a more precise dtype or simpler layout; a smaller difference may be noise


class Format(NamedTuple):
    """A dtype and a memory layout."""

    dtype: torch.dtype
    memory_format: torch.memory_format

    def __str__(self) -> str:
        return _NAMES[self.dtype] + _LAYOUTS[self.memory_format]


@dataclass(frozen=True)
class Precision:
    """Dtype and layout of a model's parts.

    Attributes
    ----------
    unet : Format
        For UNet, ControlNet and image encoder.
    vae : Format
    why : str
        The reason in one sentence, with milliseconds if something was measured.
    """

    unet: Format
    vae: Format
    why: str


def choose_precision(wanted: str = "auto", device: torch.device | str = "cpu") -> Precision:
    """Choose dtype and layout for a device, by a measurement of about a second, once in a process.

    Parameters
    ----------
    wanted : {"auto", "fp32", "bf16", "fp16"}
        With ``auto`` the fastest is chosen; a less precise dtype must be faster by more than a tenth. With a dtype only
        the layout is measured.
    device : torch.device or str

    Raises
    ------
    SettingError
        There is no such precision, or the device does not support it.

    Warns
    -----
    WallpaintWarning
        ``fp16`` is wanted on a CPU, where it is hundreds of times slower: the faster of fp32 and bf16 is used.
    """
    if wanted not in PRECISIONS:
        raise SettingError(
            f"there is no precision {wanted!r}: choose {', '.join(PRECISIONS[:-1])} or {PRECISIONS[-1]}."
        )
    device = _available(device)
    if device.type == "cpu" and wanted == "fp16":
        warn_of(None, "fp16 is far slower than fp32 on a CPU, so the faster of fp32 and bf16 is used.")
        wanted = "auto"
    return _probed(wanted, device)


def wider_precision(precision: Precision, device: torch.device | str = "cpu") -> Precision | None:
    """The next precision with a larger range of numbers; None if there is none.

    The largest number in fp16 is 65,504. Some models exceed it in between and give NaN. bf16 has the range of fp32.

    Parameters
    ----------
    precision : Precision
        The precision in which a model gave NaN or infinity.
    device : torch.device or str
        The model's device.
    """
    names = {torch.float16: ("bf16", "fp32"), torch.bfloat16: ("fp32",)}.get(precision.unet.dtype, ())
    for name in names:
        unet, vae = (each._replace(dtype=_DTYPES[name]) for each in (precision.unet, precision.vae))
        if name == "fp32" or _computes(_unet_work(unet, torch.device(device))):
            why = f"{unet}, and {vae} for the VAE, on {device}: in {precision.unet} the model gave NaN."
            return Precision(unet, vae, why)
    return None


def _available(device: torch.device | str) -> torch.device:
    available = ["cpu"]
    if torch.accelerator.is_available():
        available.append(str(torch.accelerator.current_accelerator()))
    if str(device).partition(":")[0] not in available:
        raise SettingError(f"device {str(device)!r} is not available: choose {' or '.join(available)}.")
    return torch.device(device)


@cache
def _probed(wanted: str, device: torch.device) -> Precision:
    if device.type == "mps":
        only = Format(_DTYPES["fp16" if wanted == "auto" else wanted], torch.contiguous_format)
        return Precision(only, only, f"{only} on MPS, without a measurement.")
    unet_times = measure({each: _unet_work(each, device) for each in _formats(wanted, device)}, device)
    if not unet_times:
        raise SettingError(f"{device} does not support {wanted}: choose another precision, or auto.")
    unet = fastest(unet_times)
    vae_times = measure({each: _vae_work(each, device) for each in unet_times if each.dtype == unet.dtype}, device)
    vae = fastest(vae_times) if vae_times else unet
    times = f"the UNet's operations took {_listed(unet_times)}; the VAE's {_listed(vae_times)}"
    return Precision(unet, vae, f"{unet}, and {vae} for the VAE, on {device}: {times}.")


def _formats(wanted: str, device: torch.device) -> list[Format]:
    names = [wanted] if wanted != "auto" else ["fp32", "bf16"] if device.type == "cpu" else list(_DTYPES)
    return [Format(_DTYPES[name], layout) for name in names for layout in _LAYOUTS]


def fastest(milliseconds: dict[Format, float]) -> Format:
    """The fastest of several formats, the most precise and simplest of which are listed first and win near-ties.

    >>> fp32, bf16 = (Format(dtype, torch.contiguous_format) for dtype in (torch.float32, torch.bfloat16))
    >>> str(fastest({fp32: 10.0, bf16: 9.5})), str(fastest({fp32: 10.0, bf16: 5.0}))
    ('fp32', 'bf16')
    """
    chosen, *others = milliseconds
    for other in others:
        if milliseconds[other] < _WORTH_IT * milliseconds[chosen]:
            chosen = other
    return chosen


def measure(works: dict[Format, Callable[[], torch.Tensor]], device: torch.device) -> dict[Format, float]:
    """Milliseconds of each piece of work: the least of sixteen runs, taken in turns so that load affects all alike.

    A format that raises or gives a non-finite result (fp16 on some GPUs) is left out.
    """
    times = {name: _milliseconds(work, device) for name, work in works.items() if _computes(work)}
    for _ in range(_ROUNDS - 1):
        for name in times:
            if times[name] < _TOO_SLOW * min(times.values()):
                times[name] = min(times[name], _milliseconds(works[name], device))
    return times


def _computes(work: Callable[[], torch.Tensor]) -> bool:
    try:
        return bool(torch.isfinite(work()).all())
    except RuntimeError:  # the device, or this build of torch, does not support the format
        return False


@torch.inference_mode()
def _milliseconds(work: Callable[[], torch.Tensor], device: torch.device) -> float:
    _synchronize(device)
    start = time.perf_counter()
    work()
    _synchronize(device)
    return 1e3 * (time.perf_counter() - start)


def _synchronize(device: torch.device) -> None:
    if device.type != "cpu":
        torch.accelerator.synchronize(device)


def _unet_work(chosen: Format, device: torch.device) -> Callable[[], torch.Tensor]:
    """A convolution and a linear layer with SD 1.5's widths, in about the UNet's ratio of work, two to one."""
    draw, batch = _random_tensors(device), _batch(device)
    features = draw(batch, 320, 16, 16).to(dtype=chosen.dtype, memory_format=chosen.memory_format)
    kernel = draw(320, 320, 3, 3).to(dtype=chosen.dtype, memory_format=chosen.memory_format)
    tokens, weight = draw(batch, 256, 320).to(chosen.dtype), draw(1280, 320).to(chosen.dtype)

    def work() -> torch.Tensor:
        convolved = functional.conv2d(functional.silu(functional.group_norm(features, 32)), kernel, padding=1)
        return convolved.mean() + functional.linear(tokens, weight).mean()  # a sum would overflow in fp16

    return work


def _vae_work(chosen: Format, device: torch.device) -> Callable[[], torch.Tensor]:
    """Upsampling and a convolution, where the VAE spends its time; with fewer channels, to be short."""
    draw = _random_tensors(device)
    features = draw(_batch(device), 32, 128, 128).to(dtype=chosen.dtype, memory_format=chosen.memory_format)
    kernel = draw(32, 32, 3, 3).to(dtype=chosen.dtype, memory_format=chosen.memory_format)
    return lambda: functional.conv2d(functional.interpolate(features, scale_factor=2.0), kernel, padding=1)


def _batch(device: torch.device) -> int:
    """Batch size; with less than 32 on a GPU all formats take only the time of a kernel launch."""
    return 1 if device.type == "cpu" else 32


def _random_tensors(device: torch.device) -> Callable[..., torch.Tensor]:
    """Makes random tensors without changing the global random state."""
    generator = torch.Generator().manual_seed(0)
    return lambda *shape: (torch.randn(*shape, generator=generator) * shape[-1] ** -0.5).to(device)


def _listed(milliseconds: dict[Format, float]) -> str:
    return ", ".join(f"{time:.1f} ms in {each}" for each, time in milliseconds.items())
