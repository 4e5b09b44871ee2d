"""What a training step draws: timesteps and noise, from a generator alone, so that a step can be replayed."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence

from wallpaint.optional import needs_extra

with needs_extra("train", "Training"):
    import torch

HIGH_TIMESTEPS = 0.4  #: where the high ones begin, as a share of all: 400 of 1000


def seed_of(*numbers: int) -> int:
    """One seed for what several numbers name together (a run's seed, a batch, a process): [0, 2⁶³).

    >>> seed_of(0, 1) == seed_of(0, 1), seed_of(0, 1) == seed_of(1, 0)
    (True, False)
    """
    digest = hashlib.blake2b(repr(numbers).encode(), digest_size=8).digest()
    return int.from_bytes(digest, "big") >> 1


def draw_timesteps(
    count: int, generator: torch.Generator, high_share: float = 0.0, num_train_timesteps: int = 1000
) -> torch.Tensor:
    """Timesteps to add noise for, more of the noisy ones if wanted: the colour of a wall is decided there.

    Parameters
    ----------
    count : int
    generator : torch.Generator
        As many numbers are drawn whatever the share.
    high_share : float
        [0, 1]: chance that a timestep is drawn from [0.4 T, T) instead of [0, T).
    num_train_timesteps : int
        T.

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
    """Gaussian noise whose mean varies from channel to channel.

    Ordinary noise hardly changes the mean of a latent's channel, so a model learns to leave brightness as it was
    (Guttenberg, "Diffusion with Offset Noise", 2023).

    Parameters
    ----------
    shape : (B, C, h, w)
    generator : torch.Generator
        As many numbers are drawn whatever the offset.
    offset : float
        Spread of the channels' means, ≥ 0; 0.05 to 0.1 is usual.

    Returns
    -------
    (B, C, h, w) float32, on the generator's device
    """
    batch, channels = shape[:2]
    noise = torch.randn(*shape, generator=generator, device=generator.device)
    means = torch.randn(batch, channels, 1, 1, generator=generator, device=generator.device)
    return noise + offset * means
