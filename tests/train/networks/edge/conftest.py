import numpy as np
import pytest
import torch

from wallpaint.rooms import Snapshot
from wallpaint.rooms.snapshots.surface import Surface
from wallpaint.train.networks.edge.network import EdgeNetwork


def draw_snapshot(seed):
    """96 × 120: a wall in falling light and a disc before it, with anti-aliased edges."""
    random = np.random.default_rng(seed)
    y, x = np.mgrid[:96, :120]
    row, column, radius = random.uniform(30, 70), random.uniform(30, 90), random.uniform(12, 25)
    alpha = np.clip(np.hypot(y - row, x - column) - radius + 0.5, 0, 1).astype(np.float32)
    paint, thing = random.uniform(0.1, 0.8, (2, 3)).astype(np.float32)
    light = np.linspace(0.6, 1.2, 120, dtype=np.float32)[None, :, None]
    surfaces = Surface("none"), Surface("wall", "paint", 1, tuple(map(float, paint)))
    planes = np.ones(alpha.shape, np.uint8)
    rest = (1 - alpha)[..., None] * thing
    return Snapshot(rest, alpha[..., None] * paint * light, alpha, planes, planes, surfaces, seed)


@pytest.fixture(scope="session")
def snapshots():
    return [draw_snapshot(seed) for seed in range(4)]


@pytest.fixture(scope="session")
def network():
    """An untrained network whose weights are float16 already."""
    torch.manual_seed(0)
    network = EdgeNetwork()
    for value in network.parameters():
        torch.nn.init.normal_(value, std=0.05)
    return network.half().float().eval()
