"""Random timesteps and noise of a training step, from one seeded generator, so that a step can be repeated exactly."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence

from wallpaint.optional import needs_extra

with needs_extra("train", "Training"):
    import torch

HIGH_TIMESTEPS = 0.4  #: first high timestep, as a share of all timesteps: 400 of 1000


def seed_of(*numbers: int) -> int:
    """A seed in [0, 2⁶³) from several numbers, such as a run's seed, a batch number and a process number.

    >>> seed_of(0, 1) == seed_of(0, 1), seed_of(0, 1) == seed_of(1, 0)
    (True, False)
    """
    digest = hashlib.blake2b(repr(numbers).encode(), digest_size=8).digest()
    return int.from_bytes(digest, "big") >> 1


def draw_timesteps(
    count: int, generator: torch.Generator, high_share: float = 0.0, num_train_timesteps: int = 1000
) -> torch.Tensor:
    """Random timesteps, optionally with more high ones, because high timesteps determine the colour of a wall.

    Parameters
    ----------
    count : int
        Number of timesteps.
    generator : torch.Generator
        Its state afterwards does not depend on `high_share`.
    high_share : float
        Probability in [0, 1] that a timestep is drawn from [0.4 T, T) instead of [0, T).
    num_train_timesteps : int
        T, the number of timesteps of the schedule.

    Returns
    -------
    (count,) int64, on the generator's device
    """
    device = generator.device
    high_from = round(HIGH_TIMESTEPS * num_train_timesteps)
    anywhere = torch.randint(num_train_timesteps, (count,), generator=generator, device=device)
    high = torch.randint(high_from, num_train_timesteps, (count,), generator=generator, device=device)
    is_high = torch.rand(count, generator=generator, device=device) < high_share
    return torch.where(is_high, high, anywhere)


def draw_noise(shape: Sequence[int], generator: torch.Generator, offset: float = 0.0) -> torch.Tensor:
    """Gaussian noise with a random offset for each channel.

    Plain Gaussian noise hardly changes the mean of a latent's channel, so a model does not learn to change the
    brightness (Guttenberg, "Diffusion with Offset Noise", 2023).

    Parameters
    ----------
    shape : (B, C, h, w)
        Shape of the noise.
    generator : torch.Generator
        Its state afterwards does not depend on `offset`.
    offset : float
        Standard deviation of the offsets, ≥ 0; 0.05 to 0.1 is usual.

    Returns
    -------
    (B, C, h, w) float32, on the generator's device
    """
    batch, channels = shape[:2]
    noise = torch.randn(*shape, generator=generator, device=generator.device)
    means = torch.randn(batch, channels, 1, 1, generator=generator, device=generator.device)
    return noise + offset * means
