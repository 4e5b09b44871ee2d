"""The edge network: shapes, files, and OpenCV's inference equal to torch's."""

import json

import numpy as np
import pytest
import torch

from wallpaint.errors import WeightsError
from wallpaint.networks.edge import EdgeNetwork as Inference
from wallpaint.networks.edge_inputs import PATCH, edge_inputs, straightened
from wallpaint.train.networks.edge.export import export_edge, import_edge
from wallpaint.train.networks.edge.network import EdgeNetwork


@pytest.fixture(scope="module")
def exported(network, tmp_path_factory):
    folder = tmp_path_factory.mktemp("edge")
    export_edge(network, folder, {"rooms": 3})
    return folder


def patches(count):
    random = np.random.default_rng(0)
    mask = (np.arange(PATCH) > 20).astype(np.float32) + np.zeros((PATCH, 1), np.float32)
    return [(random.integers(0, 256, (PATCH, PATCH, 3), np.uint8), mask) for _ in range(count)]


@pytest.mark.parametrize("count", [1, 33])
def test_opencv_computes_what_torch_computes(network, exported, count):
    some = patches(count)
    alpha, confidence = Inference(exported).refine(some)
    planes, contrast = (np.stack(each) for each in zip(*(edge_inputs(*patch) for patch in some), strict=True))
    with torch.no_grad():
        found = network(torch.from_numpy(planes)).numpy()
    certain = contrast == 1
    np.testing.assert_allclose(alpha[certain], np.clip((found[:, 0] - 0.02) / 0.96, 0, 1)[certain], atol=2e-3)
    np.testing.assert_allclose(confidence, contrast * (1 - found[:, 1]), atol=2e-3)


def test_without_contrast_the_mask_is_straightened_and_the_network_is_not_sure(exported):
    mask = patches(1)[0][1]
    alpha, confidence = Inference(exported).refine([(np.full((PATCH, PATCH, 3), 99, np.uint8), mask)])
    np.testing.assert_array_equal(alpha[0], straightened(mask))
    assert confidence.max() == 0


def test_the_file_stays_below_a_megabyte_and_another_says_what_made_it(exported):
    assert (exported / "edge.onnx").stat().st_size < 1_000_000
    assert json.loads((exported / "edge.json").read_text()) == {"rooms": 3}


def test_an_exported_network_can_be_trained_further(network, exported):
    again = import_edge(exported).state_dict()
    for name, value in network.state_dict().items():
        torch.testing.assert_close(again[name], value, rtol=0, atol=0)


@pytest.mark.parametrize("content", [b"", b"not a network"])
def test_a_damaged_network_is_a_one_line_error(tmp_path, content):
    (tmp_path / "edge.onnx").write_bytes(content)
    with pytest.raises(WeightsError, match=r"edge\.onnx"):
        import_edge(tmp_path)
    with pytest.raises(WeightsError, match=r"edge\.onnx.*Install wallpaint again"):
        Inference(tmp_path)


def test_patches_of_any_multiple_of_four_are_accepted():
    assert EdgeNetwork()(torch.zeros(2, 12, 20, 36)).shape == (2, 2, 20, 36)
