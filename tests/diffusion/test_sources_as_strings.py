"""Parts of a model named as people name files: by text, by path, from their home."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
import tiny_lora
import tiny_models

from wallpaint import Repainter
from wallpaint.diffusion import ModelSources
from wallpaint.diffusion.adapters.lora_io import save_lora
from wallpaint.diffusion.encoders.image_encoder import load_image_encoder
from wallpaint.diffusion.model_files import LORA, find_files
from wallpaint.errors import MissingWeightsError

QUICK = {"steps": 1, "precision": "fp32", "device": "cpu"}


@pytest.fixture(scope="module")
def parts(tmp_path_factory):
    """Paths of a model, and of a LoRA, an adapter and an image encoder beside it."""
    folder = tmp_path_factory.mktemp("strings")
    model = tiny_models.save_tiny_model(folder / "model", controlnet=True)
    lora = save_lora(tiny_lora.unet_with_lora(), folder / "sage.safetensors")
    (folder / "adapter").mkdir()
    shutil.copy(lora, folder / "adapter" / LORA)
    shutil.copytree(model / "image_encoder", folder / "encoder")
    return {
        "base": model,
        "lora": lora,
        "adapter": folder / "adapter",
        "image_encoder": folder / "encoder",
        "controlnet": model / "controlnet",
        "ip_adapter": model / "ip_adapter.safetensors",
    }


def test_every_part_may_be_text(parts):
    assert find_files(ModelSources(**{name: str(path) for name, path in parts.items()})) == find_files(
        ModelSources(**parts)
    )


@pytest.mark.parametrize("name", ["lora", "adapter", "image_encoder"])
def test_a_repainter_takes_a_part_by_text(name, parts, room_pixels, wall_mask):
    repainter = Repainter.from_pretrained(str(parts["base"]), **{name: str(parts[name])}, depth=False, **QUICK)
    assert repainter.open(room_pixels, wall_mask).paint("#B9A08C").metrics["delta_e_2000_median"] <= 0.5


def test_a_tilde_is_the_home_folder(parts, monkeypatch):
    monkeypatch.setenv("HOME", str(parts["base"].parent))
    named = {name: f"~/{path.relative_to(parts['base'].parent)}" for name, path in parts.items()}
    assert find_files(ModelSources(**named)).loras == ((parts["lora"], None),)


def test_a_missing_part_is_named_whether_text_or_path(parts):
    for missing in ("nowhere", Path("nowhere")):
        with pytest.raises(MissingWeightsError, match="nowhere"):
            Repainter.from_pretrained(parts["base"], lora=missing, **QUICK)
        with pytest.raises(MissingWeightsError, match="nowhere"):
            Repainter.from_pretrained(parts["base"], adapter=missing, **QUICK)
        with pytest.raises(MissingWeightsError, match="nowhere"):
            load_image_encoder(missing)


def test_catalogues_may_be_named_by_their_files(tmp_path):
    (tmp_path / "paints.csv").write_text("name,hex\nFog,#c0ffee\n")
    by_text, by_path = (Repainter(catalogs=[kind(tmp_path / "paints.csv")]) for kind in (str, Path))
    assert by_text.catalogs == by_path.catalogs
    assert by_text.catalogs[0]["fog"].hex == "#c0ffee"
