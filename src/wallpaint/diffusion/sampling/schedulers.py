"""Schedulers: the sampling methods of diffusers by their usual names, and their timesteps."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, get_args

from wallpaint.diffusion.sampling.settings import Scheduler
from wallpaint.errors import SettingError
from wallpaint.optional import needs_extra

if TYPE_CHECKING:
    import torch

_LEAST_SIGNAL = 1e-6  # ᾱ; Stable Diffusion 1.5 ends at 4.7e-3

_KARRAS = {"use_karras_sigmas": True}
# Latents have no range to be clipped to. Only trailing steps start at the noisiest timestep, as a repaint at full
# strength must (Lin et al. 2024, "Common Diffusion Noise Schedules and Sample Steps are Flawed").
_CLASSES: dict[str, tuple[str, dict[str, Any]]] = {
    "dpm++": ("DPMSolverMultistepScheduler", {**_KARRAS, "algorithm_type": "dpmsolver++", "solver_order": 2}),
    "ddim": ("DDIMScheduler", {"timestep_spacing": "trailing", "clip_sample": False}),
    "lcm": ("LCMScheduler", {"clip_sample": False}),
    "unipc": ("UniPCMultistepScheduler", _KARRAS),
}
SCHEDULERS: tuple[str, ...] = get_args(Scheduler)


def make_scheduler(name: str, config: Mapping[str, Any]) -> Any:
    """Make a scheduler of diffusers for a base.

    Parameters
    ----------
    name : str
        ``dpm++`` (DPM-Solver++ 2M, Lu et al. 2022, on the noise levels of Karras et al. 2022: the best pictures with 10
        to 30 steps), ``unipc`` (Zhao et al. 2023) on the same levels, ``ddim`` (Song et al. 2021), or ``lcm`` (Luo et
        al. 2023) for 2 to 8 steps of a base or LoRA that was distilled for it.
    config : mapping
        Configuration of the base's own scheduler, of any class. The noise schedule of its training and the prediction
        type are taken from it.

    Raises
    ------
    SettingError
        There is no scheduler of this name, or the base has no clean picture at the last timestep (see
        `check_terminal_snr`).
    """
    if name not in _CLASSES:
        raise SettingError(f"there is no scheduler {name!r}: choose {', '.join(SCHEDULERS[:-1])} or {SCHEDULERS[-1]}.")
    with needs_extra("diffusion", "A scheduler"):
        import diffusers
    check_terminal_snr(config)
    class_name, settings = _CLASSES[name]
    return getattr(diffusers, class_name).from_config(dict(config), **settings)


def check_terminal_snr(config: Mapping[str, Any]) -> None:
    """Refuse noise prediction on a schedule that ends in pure noise.

    At the last timestep the picture that belongs to a predicted noise is x̂₀ = (x - √(1 - ᾱ) ε) / √ᾱ, and with ᾱ = 0
    infinite (Lin et al. 2024, section 3.3).

    Parameters
    ----------
    config : mapping
        Of the base's own scheduler.

    Raises
    ------
    SettingError
        It predicts ε, and its terminal signal-to-noise ratio is zero.
    """
    can_end_in_noise = config.get("rescale_betas_zero_snr") or config.get("trained_betas") is not None
    if config.get("prediction_type", "epsilon") != "epsilon" or not can_end_in_noise:
        return
    from diffusers import DDPMScheduler

    last = float(DDPMScheduler.from_config(dict(config)).alphas_cumprod[-1])
    if last < _LEAST_SIGNAL:
        raise SettingError(
            f"the base's scheduler ends in pure noise (its last ᾱ is {last:.1e}: zero terminal SNR) and predicts "
            "epsilon, so the clean picture is infinite there. Set rescale_betas_zero_snr to false in its "
            "scheduler_config.json, or prediction_type to v_prediction if the base was trained so."
        )


def set_timesteps(
    scheduler: Any, steps: int, strength: float = 1.0, device: torch.device | str = "cpu"
) -> torch.Tensor:
    """Set the timesteps of a scheduler for one picture.

    Parameters
    ----------
    scheduler : diffusers scheduler
    steps : int
        Number of steps at full strength, 1 to 1,000 (``lcm``: 50).
    strength : float
        (0, 1]: sampling starts at the timestep nearest to this share of the schedule, with the noise that
        ``scheduler.add_noise`` adds for it. 1 starts at the noisiest timestep.

    Returns
    -------
    (n,) tensor
        The timesteps in descending order: about steps × strength of them, at least one.

    Raises
    ------
    SettingError
        `steps` or `strength` is out of range.
    """
    config = scheduler.config
    most = config.get("original_inference_steps", config["num_train_timesteps"])
    if steps not in range(1, most + 1):
        raise SettingError(f"steps cannot be {steps}: choose a whole number, 1 to {most:,}.")
    if not 0 < strength <= 1:
        raise SettingError(f"strength cannot be {strength:g}: choose more than 0, at most 1.")
    scheduler.set_timesteps(steps, device=device)
    distance = (scheduler.timesteps - strength * config["num_train_timesteps"]).abs()
    begin = int(distance.argmin())
    if hasattr(scheduler, "set_begin_index"):
        scheduler.set_begin_index(begin)
    return scheduler.timesteps[begin:]
