import numpy as np
import pytest
import torch

from wallpaint.errors import WeightsError
from wallpaint.networks.forward_pass import run_network
from wallpaint.networks.interreflection_inputs import CHANNELS, OUTPUTS
from wallpaint.networks.weights import read_weights
from wallpaint.train.networks.interreflection.network import export_network, import_network
from wallpaint.train.networks.interreflection.network import InterreflectionNetwork


def stirred(widths=(8, 16, 24)):
    """A network none of whose layers is nought, as some are when training begins."""
    torch.manual_seed(1)
    network = InterreflectionNetwork(widths).eval()
    for value in network.parameters():
        torch.nn.init.normal_(value, std=0.2)
    return network


@pytest.mark.parametrize("size", [(32, 32), (48, 64), (16, 96)])
def test_numpy_and_torch_work_out_the_same(size):
    network, maps = stirred(), np.random.default_rng(0).normal(size=(CHANNELS, *size)).astype(np.float32)
    weights = {name: value.numpy() for name, value in network.state_dict().items()}
    with torch.no_grad():
        expected = network(torch.from_numpy(maps)[None])[0].numpy()
    assert expected.shape == (OUTPUTS, *size)
    np.testing.assert_allclose(run_network(weights, maps), expected, atol=2e-4 * np.abs(expected).max())


def test_an_exported_network_is_itself_to_half_precision(tmp_path):
    network, other = stirred(), InterreflectionNetwork((8, 16, 24))
    path = export_network(network, tmp_path, {"steps": 3})
    import_network(path, other)
    for name, value in network.state_dict().items():
        torch.testing.assert_close(other.state_dict()[name], value.half().float())
    assert set(read_weights(path)) == set(network.state_dict())
    assert '"steps": 3' in (tmp_path / "bounce.json").read_text()


def test_weights_of_another_network_are_refused(tmp_path):
    path = export_network(stirred(), tmp_path, {})
    with pytest.raises(WeightsError, match="another network"):
        import_network(path, InterreflectionNetwork((8, 16, 32)))


def test_a_fresh_network_says_the_same_of_every_place():
    with torch.no_grad():
        outputs = InterreflectionNetwork()(torch.randn(1, CHANNELS, 32, 32))
    assert outputs.std((2, 3)).max() < 1e-6
