"""What ``--model``, ``--adapter``, ``--lora`` and ``--ip-adapter`` may name: the same weights paint the same picture,
from wherever they come."""

from __future__ import annotations

import shutil

import numpy as np
import pytest
import tiny_models
import torch
from huggingface_hub import constants
from PIL import Image
from tiny_lora import unet_with_lora

from wallpaint.diffusion.adapters.ip_adapter import load_ip_adapters, save_ip_adapter
from wallpaint.diffusion.adapters.kohya import export_kohya
from wallpaint.diffusion.adapters.lora_io import save_lora
from wallpaint.diffusion.hub.catalog import KNOWN_MODELS

pytestmark = pytest.mark.usefixtures("no_network")

COMMIT = "0123456789abcdef0123456789abcdef01234567"
CHOICES = ("--steps", "1", "--precision", "fp32", "--device", "cpu")


@pytest.fixture(scope="module")
def unet():
    """Of the tiny model, with a LoRA and an IP-Adapter that are not the model's own."""
    unet = unet_with_lora()
    load_ip_adapters(unet, {"another": tiny_models.plus_state_dict(tiny_models.tiny_unet(), seed=9)})
    return unet


@pytest.fixture(scope="module")
def depth_folder(tmp_path_factory):
    """A ControlNet."""
    folder = tmp_path_factory.mktemp("depth")
    tiny_models.tiny_controlnet().save_pretrained(folder)
    return folder


@pytest.fixture(scope="module")
def base_folder(tiny_folder, tmp_path_factory):
    """The tiny model without IP-Adapter and image encoder."""
    folder = tmp_path_factory.mktemp("base") / "model"
    return shutil.copytree(tiny_folder, folder, ignore=shutil.ignore_patterns("ip_adapter*", "image_encoder"))


@pytest.fixture(autouse=True)
def cache(tmp_path, monkeypatch):
    """An empty cache of the hub."""
    monkeypatch.setattr(constants, "HF_HUB_CACHE", str(tmp_path / "hub"))
    return tmp_path / "hub"


def keep(cache, repo, commit):
    """The folder of a repository's main branch in the cache, as a pull would make it."""
    storage = cache / f"models--{repo.replace('/', '--')}"
    (storage / "refs").mkdir(parents=True)
    (storage / "refs" / "main").write_text(commit)
    return storage / "snapshots" / commit


def keep_known(cache, name, folder):
    """A known model's files in the cache, with the content of those in a folder; what that lacks is no weights."""
    model = KNOWN_MODELS[name]
    snapshot = keep(cache, model.repo, model.revision)
    for path in model.files:
        own = folder / path.removeprefix("models/").replace(".fp16.", ".")
        (snapshot / path).parent.mkdir(parents=True, exist_ok=True)
        (snapshot / path).write_bytes(own.read_bytes() if own.is_file() else b"{}")


@pytest.fixture
def paint(run, files, tmp_path):
    """Run ``wallpaint paint --model MODEL …`` and read the picture before the colour lock."""

    def paint(model, *more):
        raw = tmp_path / "raw.png"
        words = ("-c", "#7A9E7E", "--model", model, *CHOICES, "-o", tmp_path / "painted.png", "--raw", raw)
        result = run("paint", files[0], "-m", files[1], *words, *more)
        assert result.code == 0
        assert len(result.err.splitlines()) == 1  # in what it computes
        return np.asarray(Image.open(raw))

    return paint


@pytest.fixture
def from_folder(paint, tiny_folder):
    return paint(tiny_folder)


@pytest.mark.parametrize("name", ["model.safetensors", "model.ckpt"])
def test_a_single_file_paints_as_the_folder_does(paint, from_folder, tiny_folder, write_single_file, ldm_weights, name):
    file = write_single_file(ldm_weights, name)
    more = ("--image-encoder", tiny_folder / "image_encoder", "--ip-adapter", tiny_folder / "ip_adapter.safetensors")
    np.testing.assert_array_equal(paint(file, *more), from_folder)


@pytest.mark.parametrize("hub_id", ["someone/walls", f"someone/walls@{COMMIT}"])
def test_a_hub_id_that_was_pulled_paints_as_the_folder_does(paint, from_folder, tiny_folder, cache, hub_id):
    shutil.copytree(tiny_folder, keep(cache, "someone/walls", COMMIT))
    np.testing.assert_array_equal(paint(hub_id), from_folder)


def test_sd15_needs_only_the_pulled_files(paint, from_folder, tiny_folder, cache, tmp_path):
    released = tmp_path / "ip-adapter"
    shutil.copytree(tiny_folder / "image_encoder", released / "image_encoder")
    shutil.copy(tiny_folder / "ip_adapter.safetensors", released / "ip-adapter-plus_sd15.safetensors")
    keep_known(cache, "sd15", tiny_folder)
    keep_known(cache, "ip-adapter-plus", released)
    np.testing.assert_array_equal(paint("sd15"), from_folder)


def test_an_adapter_is_its_lora_and_its_ip_adapter(paint, from_folder, tiny_folder, unet, tmp_path):
    folder = tmp_path / "adapter"
    lora, ip_adapter = save_lora(unet, folder), folder / "ip_adapter.safetensors"
    save_ip_adapter(unet, ip_adapter)
    whole = paint(tiny_folder, "--adapter", folder)
    parts = [paint(tiny_folder, "--lora", lora), paint(tiny_folder, "--ip-adapter", ip_adapter)]
    np.testing.assert_array_equal(whole, paint(tiny_folder, "--lora", lora, "--ip-adapter", ip_adapter))
    for other in (*parts, from_folder):
        assert (whole != other).any()


def test_a_lora_of_kohya_paints_as_that_of_diffusers(paint, tiny_folder, unet, tmp_path):
    export_kohya(unet, tmp_path / "kohya.safetensors")
    ours, theirs = (
        paint(tiny_folder, "--lora", file) for file in (save_lora(unet, tmp_path), tmp_path / "kohya.safetensors")
    )
    np.testing.assert_allclose(theirs.astype(int), ours, atol=1)


def test_a_bin_file_of_an_ip_adapter_paints_as_the_safetensors_file(paint, from_folder, tiny_folder, tmp_path):
    torch.save(tiny_models.plus_state_dict(tiny_models.tiny_unet()), tmp_path / "ip-adapter.bin")
    np.testing.assert_array_equal(paint(tiny_folder, "--ip-adapter", tmp_path / "ip-adapter.bin"), from_folder)


def test_loras_are_added_to_each_other_and_to_that_of_the_adapter(paint, from_folder, tiny_folder, unet, tmp_path):
    adapter = tmp_path / "adapter"
    save_lora(unet, adapter)
    other = save_lora(unet_with_lora(seed=5), tmp_path / "other.safetensors")
    scaled = paint(tiny_folder, "--adapter", adapter, "--lora", f"{other}=0.5")
    both = paint(tiny_folder, "--lora", f"{other}=0.5", "--lora", adapter)
    np.testing.assert_allclose(scaled.astype(int), both, atol=1)
    for fewer in (("--adapter", adapter), ("--lora", f"{other}=0.5"), ()):
        assert (scaled != (paint(tiny_folder, *fewer) if fewer else from_folder)).any()
    none = paint(tiny_folder, "--adapter", adapter, "--lora", f"{other}=0", "--lora-scale", "0")
    np.testing.assert_array_equal(none, from_folder)


def test_every_part_may_be_a_file_or_folder_of_a_pulled_repository(paint, from_folder, tiny_folder, unet, cache):
    snapshot = keep(cache, "someone/parts", COMMIT)
    shutil.copytree(tiny_folder, snapshot / "whole")
    lora = save_lora(unet, snapshot / "loras" / "sage.safetensors")
    parts = ("--image-encoder", "someone/parts:whole/image_encoder", "--vae", "someone/parts:whole/vae")
    parts += ("--ip-adapter", f"someone/parts@{COMMIT}:whole/ip_adapter.safetensors")
    np.testing.assert_array_equal(paint(tiny_folder, *parts), from_folder)
    ours = paint(tiny_folder, "--lora", "someone/parts:loras/sage.safetensors=1")
    np.testing.assert_array_equal(ours, paint(tiny_folder, "--lora", lora))


@pytest.mark.parametrize(
    ("words", "name"),
    [
        (("sd15",), "sd15"),
        (("WHOLE", "--lora", "someone/lora=0.5"), "someone/lora"),
        (("WHOLE", "--lora", "someone/loras@v1:a.safetensors=0.5"), "someone/loras@v1:a.safetensors"),
        (("WHOLE", "--ip-adapter", "h94/IP-Adapter:models/a.bin"), "h94/IP-Adapter:models/a.bin"),
        (("WHOLE", "--image-encoder", "h94/IP-Adapter:models/image_encoder"), "h94/IP-Adapter:models/image_encoder"),
        (("WHOLE", "--vae", "stabilityai/sd-vae-ft-mse"), "stabilityai/sd-vae-ft-mse"),
        (("someone/walls",), "someone/walls"),
        (("WHOLE", "--ip-adapter", "ip-adapter"), "ip-adapter"),
        (("WHOLE", "--ip-adapter", "none.bin"), "ip-adapter-plus"),
        (("WHOLE", "--image-encoder", "none"), "ip-adapter-plus"),
        (("WHOLE", "--controlnet", "depth-controlnet"), "depth-controlnet"),
        (("WHOLE", "--controlnet", "someone/depth"), "someone/depth"),
        (("WHOLE", "--controlnet", "DEPTH", "--depth-model", "depth-anything"), "depth-anything"),
        (("BASE",), "ip-adapter-plus"),
    ],
)
def test_a_missing_model_is_a_one_line_error_with_the_command_that_fetches_it(
    run, files, tiny_folder, depth_folder, base_folder, words, name
):
    places = {"WHOLE": tiny_folder, "DEPTH": depth_folder, "BASE": base_folder}
    command = ("paint", files[0], "-m", files[1], "-c", "red", *CHOICES, "--model")
    result = run(*command, *(places.get(word, word) for word in words))
    assert result.code == 2
    assert result.err.endswith(f": wallpaint models pull {name}\n")
    assert result.err.count("\n") == 1
    assert not files[0].with_name("room-painted.png").exists()


def test_help_says_how_to_get_a_model_and_how_to_use_it(run):
    for words in (("paint",), ("palette",), ("models",), ("models", "pull")):
        assert "wallpaint models pull sd15 ip-adapter-plus" in run(*words, "--help").out
    for command in ("paint", "palette", "models"):
        assert "--model sd15" in run(command, "--help").out
