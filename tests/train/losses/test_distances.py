"""Distances of walls: known answers, what each is blind to, and gradients that are right and never nan."""

from __future__ import annotations

import pytest
import torch

from wallpaint.color import delta_e_76, lab_to_srgb, srgb_to_lab
from wallpaint.train.losses import COLOR_DISTANCES, FrequencyDistance, HistogramDistance, LabDistance, TargetWall

DISTANCES = [make() for make in COLOR_DISTANCES.values()]
each_distance = pytest.mark.parametrize("distance", DISTANCES, ids=list(COLOR_DISTANCES))
BEIGE, BLUE = (185, 160, 140), (51, 85, 136)


def even(rgb8, size=6, count=1):
    return (torch.tensor(rgb8, dtype=torch.float64) / 255)[None, :, None, None].expand(count, 3, size, size).clone()


def wall(size=6, count=1):
    mask = torch.zeros(count, 1, size, size, dtype=torch.float64)
    mask[:, :, 1:-1, 1:] = 1
    return mask


def wanted(picture, mask=None):
    mask = wall(picture.shape[-1], len(picture)) if mask is None else mask
    return TargetWall(picture[:, :, 2, 2], picture, mask)


def random(seed=0, size=6, count=2):
    generator = torch.Generator().manual_seed(seed)
    return torch.rand(count, 3, size, size, generator=generator, dtype=torch.float64) * 0.9 + 0.05


@each_distance
def test_the_target_itself_has_distance_zero(distance):
    losses = distance(even(BEIGE), wanted(even(BEIGE)))
    assert losses.values.abs().max() < 1e-9
    assert losses.count == 1


@each_distance
def test_pixels_outside_the_wall_do_not_count(distance):
    target, painted = random(), random(1)
    before = distance(painted, wanted(target)).values
    beside = wall(count=2).expand(-1, 3, -1, -1) == 0
    painted[beside], target[beside] = torch.nan, 9.0
    torch.testing.assert_close(distance(painted, wanted(target)).values, before)


@each_distance
def test_a_sample_without_wall_is_zero_without_gradient_and_unmeasured(distance):
    painted, mask = random().requires_grad_(), wall(count=2)
    mask[1] = 0
    losses = distance(painted, wanted(random(1), mask))
    losses.values.sum().backward()
    assert losses.measured.tolist() == [True, False]
    assert losses.values[1] == 0
    assert painted.grad[1].abs().max() == 0
    assert painted.grad[0].abs().max() > 0


@each_distance
def test_gradients_are_those_of_finite_differences(distance):
    target = wanted(random(1, size=4))
    assert torch.autograd.gradcheck(lambda painted: distance(painted, target).values, random(size=4).requires_grad_())


@each_distance
@pytest.mark.parametrize("value", [0.0, 1.0, -3.0, 40.0, 0.04045])
@pytest.mark.parametrize("target", [0.0, 0.5, 1.0])
def test_gradients_are_finite_in_black_white_and_far_outside(distance, value, target):
    painted = torch.full((1, 3, 6, 6), value, dtype=torch.float32, requires_grad=True)
    losses = distance(painted, wanted(torch.full((1, 3, 6, 6), target)))
    losses.mean().backward()
    assert torch.isfinite(losses.mean())
    assert torch.isfinite(painted.grad).all()


@each_distance
@pytest.mark.parametrize("value", [-0.5, 1.5])
def test_gradients_point_back_into_the_gamut(distance, value):
    painted = torch.full((1, 3, 6, 6), value, requires_grad=True)
    distance(painted, wanted(torch.full((1, 3, 6, 6), 0.5))).mean().backward()
    inside = painted.grad[:, :, 1:-1, 1:] * (value - 0.5)
    assert (inside > 0).all()


@each_distance
def test_descending_reaches_the_colour(distance):
    painted, target = even(BLUE).requires_grad_(), wanted(even(BEIGE))
    optimizer = torch.optim.Adam([painted], lr=0.02)
    for _ in range(150):
        optimizer.zero_grad()
        distance(painted, target).mean().backward()
        optimizer.step()
    reached = srgb_to_lab(painted.detach().movedim(1, -1)[wall()[:, 0] > 0])
    assert delta_e_76(reached, srgb_to_lab(target.color)).max() < 2


def test_lab_distance_is_the_metrics_own_smoothed():
    off = delta_e_76(srgb_to_lab(even(BLUE)[:, :, 0, 0]), srgb_to_lab(even(BEIGE)[:, :, 0, 0]))
    assert off > 40
    loss = LabDistance()(even(BLUE), wanted(even(BEIGE))).values
    torch.testing.assert_close(loss, ((off**2 + 1).sqrt() - 1) / 100)


def test_black_and_white_have_distance_one():
    distance = LabDistance()(even((0, 0, 0)), wanted(even((255, 255, 255)))).values
    assert distance.item() == pytest.approx(0.99, abs=1e-3)


def test_lab_distance_ignores_shading():
    lab = torch.tensor([60.0, 5.0, 15.0], dtype=torch.float64).expand(1, 6, 6, 3).clone()
    lab[:, :3, :, 0] += 10
    lab[:, 3:, :, 0] -= 10

    painted = lab_to_srgb(lab).movedim(-1, 1)
    reference = lab_to_srgb(torch.tensor([[60.0, 5.0, 15.0]], dtype=torch.float64))
    assert LabDistance()(painted, TargetWall(reference, random(count=1), wall())).values.item() < 1e-9


def test_histogram_distance_ignores_where_a_shadow_is():
    target = even(BEIGE)
    target[:, :, 1:-1, 1:3] *= 0.7
    moved = even(BEIGE)
    moved[:, :, 1:-1, 3:5] *= 0.7
    assert HistogramDistance()(moved, wanted(target)).values.item() < 1e-9
    assert HistogramDistance()(even(BEIGE), wanted(target)).values.item() > 0.01
    assert FrequencyDistance()(moved, wanted(target)).values.item() > 0.01


def test_coarse_differences_are_colour_and_fine_ones_structure():
    target = even((128, 128, 128), 32)
    checks = target.clone()
    checks[:, :, ::2, ::2] += 0.1
    checks[:, :, 1::2, 1::2] += 0.1
    checks[:, :, ::2, 1::2] -= 0.1
    checks[:, :, 1::2, ::2] -= 0.1
    shifted = target + 0.1

    def apart(picture, weight):
        return FrequencyDistance(1 / 8, weight)(picture, wanted(target)).values.item()

    assert apart(shifted, 0) > 20 * (apart(shifted, 1) - apart(shifted, 0))
    assert apart(checks, 1) - apart(checks, 0) > 20 * apart(checks, 0)
