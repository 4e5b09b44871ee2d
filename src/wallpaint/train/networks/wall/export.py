"""Export of the wall networks: two ONNX files with float16 weights, which OpenCV reads, and a file about them."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path

import torch

from wallpaint.networks.wall import CLICK, LOOK, LOOK_OUTPUTS
from wallpaint.networks.wall_inputs import CLICK_MAPS
from wallpaint.photo import write_files
from wallpaint.train.networks.onnx_file import load_onnx_weights, to_onnx
from wallpaint.train.networks.wall.objective import WallNetworks

ABOUT = "wall.json"
_AUXILIARY = "labels."  # a head that only training needs


def export_wall(networks: WallNetworks, folder: Path, metadata: Mapping[str, object]) -> list[Path]:
    """Write ``look.onnx``, ``click.onnx`` and ``wall.json`` into a folder; returns the paths.

    Raises
    ------
    OutputError
        The folder cannot be written to.
    """
    networks = networks.float().eval()
    photo = torch.zeros(1, 3, 64, 96)
    with torch.no_grad():
        look = networks.look(photo)
    maps = torch.zeros(1, CLICK_MAPS, *look.features.shape[2:])
    contents = {
        LOOK: to_onnx(networks.look, (photo,), _free("photo"), LOOK_OUTPUTS),
        CLICK: to_onnx(
            networks.click,
            (look.features, look.fine, look.wall, maps),
            _free("features", "fine", "prior", "maps"),
            ["wall"],
        ),
        ABOUT: json.dumps(dict(metadata), indent=2).encode(),
    }
    folder.mkdir(parents=True, exist_ok=True)
    write_files({folder / name: content for name, content in contents.items()})
    return [folder / name for name in contents]


def import_wall(folder: Path) -> WallNetworks:
    """The networks that `export_wall` wrote into a folder; the head that only training needs gets random weights.

    Raises
    ------
    WeightsError
        A file is missing or damaged, or holds another network.
    """
    networks = WallNetworks()
    load_onnx_weights(networks.look, folder / LOOK, without=_AUXILIARY)
    load_onnx_weights(networks.click, folder / CLICK)
    return networks


def _free(*names: str) -> dict[str, dict[int, str]]:
    """Free height and width of the inputs."""
    return {name: {2: f"{name} height", 3: f"{name} width"} for name in names}
