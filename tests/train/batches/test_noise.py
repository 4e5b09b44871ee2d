from __future__ import annotations

import pytest
import torch

from wallpaint.train.batches.noise import draw_noise, draw_timesteps


def seeded(seed=0):
    return torch.Generator().manual_seed(seed)


def test_timesteps_are_drawn_from_the_whole_schedule():
    drawn = draw_timesteps(20_000, seeded())
    assert (drawn.min(), drawn.max()) == (0, 999)
    assert drawn.dtype == torch.int64
    assert drawn.float().mean() == pytest.approx(499.5, abs=10)


def test_only_high_timesteps_are_drawn_if_wanted():
    drawn = draw_timesteps(20_000, seeded(), high_share=1)
    assert (drawn.min(), drawn.max()) == (400, 999)
    assert draw_timesteps(1000, seeded(), 1, num_train_timesteps=50).min() == 20


@pytest.mark.parametrize("share", [0.25, 0.5])
def test_a_share_of_timesteps_is_high(share):
    low = (draw_timesteps(20_000, seeded(), share) < 400).float().mean()
    assert low == pytest.approx((1 - share) * 0.4, abs=0.02)


def test_the_same_generator_draws_the_same():
    assert torch.equal(draw_timesteps(9, seeded(3), 0.5), draw_timesteps(9, seeded(3), 0.5))
    assert torch.equal(draw_noise((2, 4, 3, 3), seeded(3), 0.1), draw_noise((2, 4, 3, 3), seeded(3), 0.1))


def test_settings_do_not_change_what_is_drawn_next():
    for draw in (lambda value, g: draw_timesteps(5, g, value), lambda value, g: draw_noise((2, 4, 3, 3), g, value)):
        after = []
        for value in (0.0, 0.5):
            generator = seeded()
            draw(value, generator)
            after.append(torch.rand((), generator=generator))
        assert after[0] == after[1]


def test_offset_noise_is_noise_with_each_channels_mean_moved():
    moved = draw_noise((64, 4, 32, 32), seeded(), 0.5) - draw_noise((64, 4, 32, 32), seeded(), 0.0)
    assert moved.std((2, 3)).max() < 1e-6
    assert moved[:, :, 0, 0].std() == pytest.approx(0.5, abs=0.07)


def test_noise_without_offset_is_of_unit_variance():
    noise = draw_noise((8, 4, 64, 64), seeded())
    assert noise.mean() == pytest.approx(0, abs=0.01)
    assert noise.std() == pytest.approx(1, abs=0.01)
