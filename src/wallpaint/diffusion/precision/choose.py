"""The number format and memory layout in which this machine computes fastest, found by trying."""

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

_DTYPES = {"fp32": torch.float32, "fp16": torch.float16, "bf16": torch.bfloat16}  # most digits first
_NAMES = {dtype: name for name, dtype in _DTYPES.items()}
_LAYOUTS = {torch.contiguous_format: "", torch.channels_last: " channels_last"}
_ROUNDS = 16
_HOPELESS = 10  # times the fastest: not tried again
_WORTH_IT = 0.9  # of the time of more digits or a plainer layout; what is nearer may be noise


class Format(NamedTuple):
    """A number format and a memory layout."""

    dtype: torch.dtype
    memory_format: torch.memory_format

    def __str__(self) -> str:
        return _NAMES[self.dtype] + _LAYOUTS[self.memory_format]


@dataclass(frozen=True)
class Precision:
    """How a model's parts are to compute.

    Attributes
    ----------
    unet : Format
        Of UNet, ControlNet and image encoder.
    vae : Format
    why : str
        One sentence, with milliseconds where something was tried.
    """

    unet: Format
    vae: Format
    why: str


def choose_precision(wanted: str = "auto", device: torch.device | str = "cpu") -> Precision:
    """Choose how to compute on a device: by a probe of about a second, once in a process.

    Parameters
    ----------
    wanted : {"auto", "fp32", "bf16", "fp16"}
        ``auto`` is the fastest; fewer digits have to be faster by more than a tenth. Only the layout is tried where a
        format is named.
    device : torch.device or str

    Raises
    ------
    SettingError
        There is no such precision, or the device cannot compute in it.

    Warns
    -----
    WallpaintWarning
        ``fp16`` was wanted on a CPU, where it is hundreds of times slower: the faster of fp32 and bf16 is taken.
    """
    if wanted not in PRECISIONS:
        raise SettingError(
            f"there is no precision {wanted!r}: choose {', '.join(PRECISIONS[:-1])} or {PRECISIONS[-1]}."
        )
    device = _present(device)
    if device.type == "cpu" and wanted == "fp16":
        warn_of(None, "fp16 is far slower than fp32 on a CPU, so the faster of fp32 and bf16 is taken.")
        wanted = "auto"
    return _probed(wanted, device)


def wider_precision(precision: Precision, device: torch.device | str = "cpu") -> Precision | None:
    """The next precision that holds larger numbers; None where there is none.

    fp16 ends at 65,504, which some models exceed within, and give NaN. bf16 reaches as far as fp32.

    Parameters
    ----------
    precision : Precision
        In which a model gave NaN or infinite values.
    device : torch.device or str
        Where it computes.
    """
    names = {torch.float16: ("bf16", "fp32"), torch.bfloat16: ("fp32",)}.get(precision.unet.dtype, ())
    for name in names:
        unet, vae = (each._replace(dtype=_DTYPES[name]) for each in (precision.unet, precision.vae))
        if name == "fp32" or _computes(_unet_work(unet, torch.device(device))):
            why = f"{unet}, and {vae} for the VAE, on {device}: in {precision.unet} the model gave NaN."
            return Precision(unet, vae, why)
    return None


def _present(device: torch.device | str) -> torch.device:
    here = ["cpu"]
    if torch.accelerator.is_available():
        here.append(str(torch.accelerator.current_accelerator()))
    if str(device).partition(":")[0] not in here:
        raise SettingError(f"there is no device {str(device)!r} here: choose {' or '.join(here)}.")
    return torch.device(device)


@cache
def _probed(wanted: str, device: torch.device) -> Precision:
    if device.type == "mps":
        only = Format(_DTYPES["fp16" if wanted == "auto" else wanted], torch.contiguous_format)
        return Precision(only, only, f"{only} on MPS, where nothing else was tried.")
    unet_times = measure({each: _unet_work(each, device) for each in _formats(wanted, device)}, device)
    if not unet_times:
        raise SettingError(f"{device} cannot compute in {wanted}: choose another precision, or auto.")
    unet = fastest(unet_times)
    vae_times = measure({each: _vae_work(each, device) for each in unet_times if each.dtype == unet.dtype}, device)
    vae = fastest(vae_times) if vae_times else unet
    times = f"the UNet's work took {_listed(unet_times)}; the VAE's {_listed(vae_times)}"
    return Precision(unet, vae, f"{unet}, and {vae} for the VAE, on {device}: {times}.")


def _formats(wanted: str, device: torch.device) -> list[Format]:
    names = [wanted] if wanted != "auto" else ["fp32", "bf16"] if device.type == "cpu" else list(_DTYPES)
    return [Format(_DTYPES[name], layout) for name in names for layout in _LAYOUTS]


def fastest(milliseconds: dict[Format, float]) -> Format:
    """The fastest of formats that are listed with the most digits and the plainest layout first; near-ties go to those.

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
    """Milliseconds of each piece of work: the least of sixteen, taken in turns, so that a busy moment spoils none.

    What raises or gives a number that is not finite (fp16 on some GPUs) is left out.
    """
    times = {name: _milliseconds(work, device) for name, work in works.items() if _computes(work)}
    for _ in range(_ROUNDS - 1):
        for name in times:
            if times[name] < _HOPELESS * min(times.values()):
                times[name] = min(times[name], _milliseconds(works[name], device))
    return times


def _computes(work: Callable[[], torch.Tensor]) -> bool:
    try:
        return bool(torch.isfinite(work()).all())
    except RuntimeError:  # torch's answer to a format that the device, or this build of torch, does not have
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
    """A convolution and a linear layer of SD 1.5's widths, in about the UNet's own ratio of work, two to one."""
    draw, batch = _drawing(device), _batch(device)
    features = draw(batch, 320, 16, 16).to(dtype=chosen.dtype, memory_format=chosen.memory_format)
    kernel = draw(320, 320, 3, 3).to(dtype=chosen.dtype, memory_format=chosen.memory_format)
    tokens, weight = draw(batch, 256, 320).to(chosen.dtype), draw(1280, 320).to(chosen.dtype)

    def work() -> torch.Tensor:
        convolved = functional.conv2d(functional.silu(functional.group_norm(features, 32)), kernel, padding=1)
        return convolved.mean() + functional.linear(tokens, weight).mean()  # a sum would overflow in fp16

    return work


def _vae_work(chosen: Format, device: torch.device) -> Callable[[], torch.Tensor]:
    """A picture grows and is convolved, as where the VAE spends its time; fewer channels, to be short."""
    draw = _drawing(device)
    features = draw(_batch(device), 32, 128, 128).to(dtype=chosen.dtype, memory_format=chosen.memory_format)
    kernel = draw(32, 32, 3, 3).to(dtype=chosen.dtype, memory_format=chosen.memory_format)
    return lambda: functional.conv2d(functional.interpolate(features, scale_factor=2.0), kernel, padding=1)


def _batch(device: torch.device) -> int:
    """On less than this a GPU is idle, and all formats take the time of a launch."""
    return 1 if device.type == "cpu" else 32


def _drawing(device: torch.device) -> Callable[..., torch.Tensor]:
    """Random tensors that leave the process's own random numbers as they were."""
    generator = torch.Generator().manual_seed(0)
    return lambda *shape: (torch.randn(*shape, generator=generator) * shape[-1] ** -0.5).to(device)


def _listed(milliseconds: dict[Format, float]) -> str:
    return ", ".join(f"{time:.1f} ms in {each}" for each, time in milliseconds.items())
