from dataclasses import replace

import numpy as np
import pytest
import torch

from wallpaint.rooms import starter_rooms
from wallpaint.train.networks.interreflection import recipe
from wallpaint.train.networks.interreflection.network import export_network
from wallpaint.train.networks.interreflection.training import HOW, measure, train_interreflection
from wallpaint.train.networks.interreflection.room_maps import load_room_maps
from wallpaint.train.networks.interreflection.views import draw_views

TWO_STEPS = replace(HOW, steps=2, keep_every=1)


def test_a_run_that_was_stopped_ends_as_one_that_was_not(small_rooms, tmp_path, monkeypatch):
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
            callback=lambda *callback: None if callback[0] < 2 else stop(*callback),
        )
    again = train_interreflection(small_rooms, small_rooms, tmp_path / "stopped", TWO_STEPS, batch=2)
    for name, value in whole.state_dict().items():
        torch.testing.assert_close(again.state_dict()[name], value)


def test_held_out_errors_are_told_while_it_learns_and_after_the_last_step(small_rooms, tmp_path, monkeypatch):
    monkeypatch.setattr(recipe, "_MEASURE_EVERY", 2)
    callback = []
    how = replace(HOW, steps=3)
    train_interreflection(small_rooms, small_rooms, tmp_path, how, batch=1, measured=lambda *found: callback.append(found))
    assert [step for step, _ in callback] == [2, 3]
    assert set(callback[0][1]) == {f"{who} {where}" for who in ("network", "idle") for where in ("inside", "outside")}


def test_a_training_begins_with_the_weights_it_is_given(small_rooms, tmp_path):
    torch.manual_seed(3)
    earlier = recipe.InterreflectionNetwork()
    path = export_network(earlier, tmp_path, {})
    hardly = replace(HOW, steps=1, learning_rate=1e-9)
    network = train_interreflection(small_rooms, small_rooms, tmp_path / "work", hardly, batch=1, start=path)
    for name, value in earlier.state_dict().items():
        torch.testing.assert_close(network.state_dict()[name], value, atol=1e-3, rtol=1e-3)


@pytest.mark.slow
def test_a_hundred_steps_from_nothing_lower_the_held_out_error(tmp_path):
    rooms = starter_rooms()
    learnt, held_out = load_room_maps(rooms[4:]), load_room_maps(rooms[:4])
    test = draw_views(held_out, 8, np.random.default_rng(0), plain=True)
    how = replace(HOW, steps=100, warmup=20)
    torch.manual_seed(how.seed)
    before = measure(recipe.InterreflectionNetwork(), test)
    after = measure(train_interreflection(learnt, held_out, tmp_path, how), test)
    assert after["network outside"] < 0.9 * before["network outside"]
    assert after["network outside"] < before["idle outside"]
    assert after["network inside"] < before["network inside"]
