"""Training of the wall networks: resumed runs, scores, and that it learns."""

from dataclasses import replace

import numpy as np
import pytest
import torch

from wallpaint.errors import MissingFileError, SettingError
from wallpaint.train.networks.snapshot_files import snapshot_files
from wallpaint.train.networks.wall import training
from wallpaint.train.networks.wall.objective import WallNetworks, held_out_scores, mask_loss, wall_loss
from wallpaint.train.networks.wall.training import WALL_FIT, train_wall
from wallpaint.train.networks.wall.views import draw_wall_views

TWO_STEPS = replace(WALL_FIT, steps=2, keep_every=1)


@pytest.fixture(autouse=True)
def small_views(monkeypatch):
    monkeypatch.setattr("wallpaint.train.networks.wall.views.SHAPES", ((64, 96), (96, 64)))


def test_a_resumed_run_equals_an_uninterrupted_one(snapshots, tmp_path):
    whole = train_wall(snapshots, snapshots, tmp_path / "whole", TWO_STEPS, batch=2)

    def stop_after_one(step, loss):
        if step == 2:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        train_wall(snapshots, snapshots, tmp_path / "stopped", TWO_STEPS, batch=2, callback=stop_after_one)
    again = train_wall(snapshots, snapshots, tmp_path / "stopped", TWO_STEPS, batch=2)
    for name, value in whole.state_dict().items():
        torch.testing.assert_close(again.state_dict()[name], value)


def test_scores_are_reported_during_training_and_at_its_end(snapshots, tmp_path, monkeypatch):
    monkeypatch.setattr(training, "_MEASURE_EVERY", 2)
    reported = []
    settings = replace(WALL_FIT, steps=3)
    train_wall(
        snapshots, snapshots, tmp_path, settings, batch=1, scores_callback=lambda *scores: reported.append(scores)
    )
    assert [step for step, _ in reported] == [2, 3]
    assert set(reported[0][1]) == {"all walls", "1 clicks", "3 clicks", "5 clicks"}


def test_the_encoder_is_changed_less_than_the_rest(snapshots, tmp_path):
    torch.manual_seed(WALL_FIT.seed)
    before = WallNetworks().state_dict()
    settings = replace(WALL_FIT, steps=1, warmup=1, weight_decay=0.0, average=0.0001)
    after = train_wall(snapshots, snapshots, tmp_path, settings, batch=1).state_dict()
    step = {name: float((after[name] - value).abs().max()) for name, value in before.items()}
    assert step["look.encoder.stem.0.weight"] < 0.5 * step["look.wall.weight"]


def test_every_trained_part_gets_a_gradient(snapshots):
    torch.manual_seed(0)
    networks = WallNetworks()
    views = draw_wall_views(snapshots, 4, np.random.default_rng(0))
    wall_loss(networks, views, 2, np.random.default_rng(0)).backward()
    without = [name for name, value in networks.named_parameters() if value.grad is None or not value.grad.any()]
    assert without == []


def test_the_mask_loss_is_lowest_at_the_truth():
    share = torch.zeros(1, 1, 8, 8)
    share[..., :4] = 1
    right, opposite, unsure = (mask_loss(sign * 12 * (share - 0.5), share) for sign in (1, -1, 0))
    assert right < unsure < opposite


def test_benchmark_rooms_and_empty_folders_are_refused(snapshots, tmp_path):
    with pytest.raises(MissingFileError, match="wallpaint rooms render --kind varied --snapshots"):
        snapshot_files(tmp_path)
    snapshots[0].save(tmp_path / "snapshot-020000.npz")
    assert list(snapshot_files(tmp_path).values()) == [20000]
    snapshots[0].save(tmp_path / "snapshot-009003.npz")
    with pytest.raises(SettingError, match="room 9003 belongs to the benchmark"):
        snapshot_files(tmp_path)


@pytest.mark.slow
def test_sixty_steps_from_nothing_find_most_of_the_walls_of_simple_rooms(snapshots, tmp_path):
    torch.manual_seed(1)
    test = draw_wall_views(snapshots, 4, np.random.default_rng(1), plain=True)
    untrained = held_out_scores(WallNetworks(), test)
    settings = replace(WALL_FIT, steps=60, warmup=10, slower=(), average=0.9)
    trained = held_out_scores(train_wall(snapshots, snapshots, tmp_path, settings, batch=4), test)
    assert trained["all walls"] > max(0.75, untrained["all walls"] + 0.1)
    assert trained["5 clicks"] > untrained["5 clicks"]
