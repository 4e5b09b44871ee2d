from dataclasses import replace

import numpy as np
import pytest
import torch

from wallpaint.rooms import starter_rooms
from wallpaint.train.networks.interreflection import training
from wallpaint.train.networks.interreflection.network import export_network
from wallpaint.train.networks.interreflection.room_maps import load_room_maps
from wallpaint.train.networks.interreflection.training import INTERREFLECTION_FIT, measure, train_interreflection
from wallpaint.train.networks.interreflection.views import draw_views

TWO_STEPS = replace(INTERREFLECTION_FIT, steps=2, keep_every=1)


def test_a_resumed_run_equals_an_uninterrupted_one(small_rooms, tmp_path, monkeypatch):
    whole = train_interreflection(small_rooms, small_rooms, tmp_path / "whole", TWO_STEPS, batch=2)

    def stop(step, loss):
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        train_interreflection(
            small_rooms,
            small_rooms,
            tmp_path / "stopped",
            TWO_STEPS,
            batch=2,
            callback=lambda step, loss: None if step < 2 else stop(step, loss),
        )
    again = train_interreflection(small_rooms, small_rooms, tmp_path / "stopped", TWO_STEPS, batch=2)
    for name, value in whole.state_dict().items():
        torch.testing.assert_close(again.state_dict()[name], value)


def test_held_out_errors_are_reported_during_training_and_at_its_end(small_rooms, tmp_path, monkeypatch):
    monkeypatch.setattr(training, "_MEASURE_EVERY", 2)
    reported = []
    settings = replace(INTERREFLECTION_FIT, steps=3)
    train_interreflection(
        small_rooms, small_rooms, tmp_path, settings, batch=1, errors_callback=lambda *errors: reported.append(errors)
    )
    assert [step for step, _ in reported] == [2, 3]
    assert set(reported[0][1]) == {f"{who} {where}" for who in ("network", "idle") for where in ("inside", "outside")}


def test_a_training_starts_from_the_given_weights(small_rooms, tmp_path):
    torch.manual_seed(3)
    earlier = training.InterreflectionNetwork()
    path = export_network(earlier, tmp_path, {})
    tiny_step = replace(INTERREFLECTION_FIT, steps=1, learning_rate=1e-9)
    network = train_interreflection(small_rooms, small_rooms, tmp_path / "work", tiny_step, batch=1, start=path)
    for name, value in earlier.state_dict().items():
        torch.testing.assert_close(network.state_dict()[name], value, atol=1e-3, rtol=1e-3)


@pytest.mark.slow
def test_a_hundred_steps_from_nothing_lower_the_held_out_error(tmp_path):
    rooms = starter_rooms()
    learnt, held_out = load_room_maps(rooms[4:]), load_room_maps(rooms[:4])
    test = draw_views(held_out, 8, np.random.default_rng(0), plain=True)
    settings = replace(INTERREFLECTION_FIT, steps=100, warmup=20)
    torch.manual_seed(settings.seed)
    before = measure(training.InterreflectionNetwork(), test)
    after = measure(train_interreflection(learnt, held_out, tmp_path, settings), test)
    assert after["network outside"] < 0.9 * before["network outside"]
    assert after["network outside"] < before["idle outside"]
    assert after["network inside"] < before["network inside"]
