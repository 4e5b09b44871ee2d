"""Training of the edge network: resumed runs, scores, and that it learns."""

from dataclasses import replace

import numpy as np
import pytest
import torch

from wallpaint.train.networks.edge import training
from wallpaint.train.networks.edge.network import EdgeNetwork
from wallpaint.train.networks.edge.objective import edge_loss
from wallpaint.train.networks.edge.training import EDGE_FIT, train_edge
from wallpaint.train.networks.edge.views import EdgeRoom, draw_edge_views


@pytest.fixture(autouse=True)
def few_views(monkeypatch):
    monkeypatch.setattr(training, "_HELD_OUT_VIEWS", 8)


def test_a_resumed_run_equals_an_uninterrupted_one(snapshots, tmp_path):
    settings = replace(EDGE_FIT, steps=2, keep_every=1)
    whole = train_edge(snapshots, snapshots, tmp_path / "whole", settings, batch=2)

    def stop_after_one(step, loss):
        if step == 2:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        train_edge(snapshots, snapshots, tmp_path / "stopped", settings, batch=2, callback=stop_after_one)
    again = train_edge(snapshots, snapshots, tmp_path / "stopped", settings, batch=2)
    for name, value in whole.state_dict().items():
        torch.testing.assert_close(again.state_dict()[name], value)


def test_scores_are_reported_during_training_and_at_its_end(snapshots, tmp_path, monkeypatch):
    monkeypatch.setattr(training, "_MEASURE_EVERY", 2)
    reported = []
    train_edge(
        snapshots,
        snapshots,
        tmp_path,
        replace(EDGE_FIT, steps=3),
        batch=1,
        scores_callback=lambda *scores: reported.append(scores),
    )
    assert [step for step, _ in reported] == [2, 3]
    assert set(reported[0][1]) == {"alpha", "expected", "mask"}


def test_every_weight_gets_a_gradient(snapshots):
    torch.manual_seed(0)
    network = EdgeNetwork()
    views = draw_edge_views([EdgeRoom.of(each) for each in snapshots], 4, np.random.default_rng(0))
    edge_loss(network, views).backward()
    assert [name for name, value in network.named_parameters() if not value.grad.any()] == []


def test_thirty_steps_already_beat_the_mask_on_simple_rooms(snapshots, tmp_path, monkeypatch):
    monkeypatch.setattr(training, "_HELD_OUT_VIEWS", 32)
    scores = []
    settings = replace(EDGE_FIT, steps=30, warmup=5, average=0.8)
    train_edge(snapshots, snapshots, tmp_path, settings, batch=8, scores_callback=lambda *each: scores.append(each))
    assert scores[-1][1]["alpha"] < 0.95 * scores[-1][1]["mask"]
