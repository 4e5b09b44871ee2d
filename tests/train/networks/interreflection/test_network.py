import numpy as np
import pytest
import torch

from wallpaint.errors import WeightsError
from wallpaint.networks.forward_pass import run_network
from wallpaint.networks.interreflection_inputs import CHANNELS, OUTPUTS
from wallpaint.networks.weights import read_weights
from wallpaint.train.networks.interreflection.network import InterreflectionNetwork, export_network, import_network


def random_network(widths=(8, 16, 24)):
    """A network without the all-zero layers of the initialization."""
    torch.manual_seed(1)
    network = InterreflectionNetwork(widths).eval()
    for value in network.parameters():
        torch.nn.init.normal_(value, std=0.2)
    return network


@pytest.mark.parametrize("size", [(32, 32), (48, 64), (16, 96)])
def test_numpy_and_torch_compute_the_same(size):
    network, maps = random_network(), np.random.default_rng(0).normal(size=(CHANNELS, *size)).astype(np.float32)
    weights = {name: value.numpy() for name, value in network.state_dict().items()}
    with torch.no_grad():
        expected = network(torch.from_numpy(maps)[None])[0].numpy()
    assert expected.shape == (OUTPUTS, *size)
    np.testing.assert_allclose(run_network(weights, maps), expected, atol=2e-4 * np.abs(expected).max())


def test_exported_weights_are_the_networks_in_half_precision(tmp_path):
    network, other = random_network(), InterreflectionNetwork((8, 16, 24))
    path = export_network(network, tmp_path, {"steps": 3})
    import_network(path, other)
    for name, value in network.state_dict().items():
        torch.testing.assert_close(other.state_dict()[name], value.half().float())
    assert set(read_weights(path)) == set(network.state_dict())
    assert '"steps": 3' in (tmp_path / "bounce.json").read_text()


def test_weights_of_another_network_are_refused(tmp_path):
    path = export_network(random_network(), tmp_path, {})
    with pytest.raises(WeightsError, match="other tensors"):
        import_network(path, InterreflectionNetwork((8, 16, 32)))


def test_the_initial_outputs_are_constant_over_the_picture():
    with torch.no_grad():
        outputs = InterreflectionNetwork()(torch.randn(1, CHANNELS, 32, 32))
    assert outputs.std((2, 3)).max() < 1e-6
