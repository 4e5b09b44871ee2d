import dataclasses

import numpy as np
import pytest
import torch

from wallpaint.albedo.interreflection.formula import indirect_light_ratio
from wallpaint.albedo.interreflection.prediction import InterreflectionPrediction
from wallpaint.color import delta_e_2000, linear_to_lab
from wallpaint.train.networks.interreflection.objective import Prediction, color_error, interreflection_loss, render
from wallpaint.train.networks.interreflection.views import draw_views


@pytest.fixture(scope="module")
def views(small_rooms):
    return draw_views(small_rooms, 3, np.random.default_rng(0), plain=True)


def test_training_and_inference_predict_the_same_light(views):
    f, q = torch.rand(3, 3, 128, 128), 0.8 * torch.rand(3, 3, 128, 128)
    predicted = render(Prediction(f, q, torch.ones(3, 128, 128)), views)
    room = InterreflectionPrediction(f[0].numpy(), q[0].numpy(), None, None, views.inputs[0, 6].numpy(), None)
    change = views.wall_ratio[0, 0].numpy()
    ratio = indirect_light_ratio(room.q, room.reflectance_ratio(change)[:, None, None])
    expected = views.old[0].numpy() * (1 - room.f + room.f * ratio)
    outside = views.inside[0, 0].numpy() == 0
    np.testing.assert_allclose(predicted[0, 0].numpy()[:, outside], expected[:, outside], rtol=1e-4, atol=1e-6)


def test_the_error_is_near_ciede2000_for_colours_that_are_near():
    random = np.random.default_rng(0)
    light = random.uniform(0.1, 0.8, (3, 400, 1))
    other = light * random.uniform(0.95, 1.05, light.shape)
    ours = color_error(torch.from_numpy(light), torch.from_numpy(other)).numpy().ravel()
    labs = (linear_to_lab(np.moveaxis(each, 0, -1))[:, 0] for each in (light, other))
    assert np.corrcoef(ours, delta_e_2000(*labs))[0, 1] > 0.9


def test_the_true_f_costs_less_than_unchanged_light(views):
    """f computed from two true pictures, against a prediction of unchanged light."""
    ratio = (views.new[:, 0] + 1e-4) / (views.old + 1e-4)
    change = views.wall_ratio[:, 0, :, None, None]
    f = ((ratio - 1) / torch.where((change - 1).abs() < 0.05, torch.inf, change - 1)).clamp(1e-3, 1 - 1e-3)
    one = dataclasses.replace(views, new=views.new[:, :1], wall_ratio=views.wall_ratio[:, :1])
    unchanged = torch.full((3, 7, 128, 128), -9.0)
    right = unchanged.clone()
    right[:, :3] = torch.logit(f)
    assert interreflection_loss(right, one) < interreflection_loss(unchanged, one)


def test_an_outlier_trains_only_the_expected_error(views):
    outlier = dataclasses.replace(views, is_room=torch.zeros(3))
    outputs = torch.zeros(3, 7, 128, 128, requires_grad=True)
    interreflection_loss(outputs, outlier).backward()
    assert outputs.grad[:, :6].abs().max() == 0
    assert (outputs.grad[:, 6] < 0).all()  # a descent step raises the expected error
