"""Bases in all formats: the same weights, bit for bit, and one-line errors for other files."""

from __future__ import annotations

import json
import shutil
import sys
import types
from pathlib import Path

import ldm_layout
import pytest
import tiny_models
import torch
from diffusers import UNet2DConditionModel
from safetensors.torch import load_file, save_file

import wallpaint
from wallpaint.diffusion.checkpoints.base import find_base, load_base, load_text_encoder
from wallpaint.errors import MissingWeightsError, WeightsError

pytestmark = pytest.mark.usefixtures("no_network")


WEIGHTS = {
    "unet": "diffusion_pytorch_model.safetensors",
    "vae": "diffusion_pytorch_model.safetensors",
    "text_encoder": "model.safetensors",
}


def weights_of(source):
    base = load_base(source)
    return {"unet": base.unet, "vae": base.vae, "text_encoder": load_text_encoder(base.path)}


def assert_same_weights(first, second):
    for part in first:
        ours, others = first[part].state_dict(), second[part].state_dict()
        assert ours.keys() == others.keys()
        assert all(torch.equal(ours[key], others[key]) for key in ours), part


@pytest.fixture(scope="session")
def weights():
    return {
        "unet": tiny_models.tiny_unet(),
        "vae": tiny_models.tiny_vae(),
        "text_encoder": tiny_models.tiny_text_encoder(),
    }


def weight_files(folder):
    return [folder / part / name for part, name in WEIGHTS.items()]


def rewrite(file, change):
    """Give a weights file other content."""
    save_file(change(load_file(file)), file, metadata={"format": "pt"})


def test_a_folder_is_loaded_as_it_was_saved(tiny_folder, weights):
    assert_same_weights(weights_of(tiny_folder), weights)


def test_a_folder_of_bin_files_is_loaded_alike(own_folder, weights):
    for file in weight_files(own_folder):
        name = "pytorch_model.bin" if file.name == "model.safetensors" else "diffusion_pytorch_model.bin"
        torch.save(load_file(file), file.with_name(name))
        file.unlink()
    assert_same_weights(weights_of(own_folder), weights)


def test_a_folder_of_half_precision_alone_is_loaded_as_it_is(own_folder, weights):
    for file in weight_files(own_folder):
        rewrite(file, lambda content: {key: value.half() for key, value in content.items()})
        file.rename(file.with_name(file.name.replace(".safetensors", ".fp16.safetensors")))
    rounded = {part: model.half().float() for part, model in weights_of(own_folder).items()}
    assert_same_weights(weights_of(own_folder), rounded)
    original = weights["unet"].conv_in.weight
    assert torch.equal(rounded["unet"].conv_in.weight, original.half().float())


def test_full_precision_is_taken_where_there_is_a_choice(own_folder, weights):
    for file in weight_files(own_folder):
        half = {key: value.half() for key, value in load_file(file).items()}
        save_file(half, file.with_name(file.name.replace(".safetensors", ".fp16.safetensors")))
    assert_same_weights(weights_of(own_folder), weights)


def test_a_folder_in_pieces_is_loaded_alike(own_folder, weights):
    shutil.rmtree(own_folder / "unet")
    tiny_models.tiny_unet().save_pretrained(own_folder / "unet", max_shard_size="500KB")
    assert len(list((own_folder / "unet").glob("*.safetensors"))) > 1
    assert_same_weights(weights_of(own_folder), weights)


def test_names_of_the_release_are_understood(own_folder, weights):
    """The released folder names the VAE's attention and the text encoder's weights as they were called in 2022."""
    former = {".to_q.": ".query.", ".to_k.": ".key.", ".to_v.": ".value.", ".to_out.0.": ".proj_attn."}

    def renamed(key):
        for now, then in former.items():
            key = key.replace(now, then)
        return key

    vae, text = (own_folder / part / WEIGHTS[part] for part in ("vae", "text_encoder"))
    rewrite(vae, lambda content: {renamed(key): value for key, value in content.items()})
    rewrite(text, lambda content: {f"text_model.{k.removeprefix('text_model.')}": v for k, v in content.items()})
    assert any("proj_attn" in key for key in load_file(vae))
    assert_same_weights(weights_of(own_folder), weights)


@pytest.mark.parametrize("name", ["model.safetensors", "model.ckpt", "model.pt"])
def test_a_single_file_holds_the_same_weights(write_single_file, ldm_weights, weights, name):
    assert_same_weights(weights_of(write_single_file(ldm_weights, name)), weights)


@pytest.mark.parametrize("dtype", [torch.float32, torch.bfloat16])
def test_a_base_computes_in_the_dtype_asked_for_and_is_frozen(tiny_folder, dtype):
    base = load_base(tiny_folder, dtype)
    for model in (base.unet, base.vae):
        assert not model.training
        assert {(value.dtype, value.requires_grad) for value in model.parameters()} == {(dtype, False)}


def test_sizes_follow_from_the_models(tiny_folder):
    base = load_base(tiny_folder)
    assert base.pixels_per_latent == 8
    assert base.working_size == 64
    assert base.side_multiple == 32


def test_the_schedule_is_the_folders_own(own_folder):
    config = own_folder / "scheduler" / "scheduler_config.json"
    config.write_text(json.dumps({"beta_start": 0.5}))
    assert load_base(own_folder).scheduler_config == {"beta_start": 0.5}


def test_without_a_schedule_it_is_that_of_sd15(own_folder, write_single_file, ldm_weights):
    shutil.rmtree(own_folder / "scheduler")
    for source in (own_folder, write_single_file(ldm_weights)):
        assert load_base(source).scheduler_config["beta_schedule"] == "scaled_linear"


def test_a_damaged_schedule_is_named(own_folder):
    (own_folder / "scheduler" / "scheduler_config.json").write_text('{"beta')
    with pytest.raises(WeightsError, match="its scheduler cannot be loaded"):
        load_base(own_folder)


@pytest.mark.parametrize(("part", "fault"), [("unet", r"unet/config\.json is missing"), ("vae", "it has no VAE")])
def test_a_part_that_is_missing_is_named(own_folder, empty_cache, part, fault):
    shutil.rmtree(own_folder / part)
    with pytest.raises(MissingWeightsError, match=rf"model: {fault}"):
        load_base(own_folder)


def test_a_text_encoder_that_is_missing_is_named(own_folder, empty_cache):
    shutil.rmtree(own_folder / "text_encoder")
    load_base(own_folder)
    with pytest.raises(MissingWeightsError, match="model: it has no text encoder"):
        load_text_encoder(own_folder)


@pytest.mark.parametrize("part", ["unet", "vae"])
def test_a_file_cut_short_is_named(own_folder, part):
    file = own_folder / part / WEIGHTS[part]
    file.write_bytes(file.read_bytes()[:-100])
    with pytest.raises(WeightsError, match=rf"model/{part}: its model cannot be loaded"):
        load_base(own_folder)


def changed_unet(**settings):
    config = {key: value for key, value in tiny_models.tiny_unet().config.items() if not key.startswith("_")}
    return UNet2DConditionModel(**{**config, **settings})


def test_a_folder_that_cannot_inpaint_is_refused(own_folder):
    changed_unet(in_channels=4).save_pretrained(own_folder / "unet")
    with pytest.raises(
        WeightsError, match=r"model: this is not an inpainting model: its UNet has 4 input channels, not 9\. Use"
    ):
        load_base(own_folder)


def test_a_single_file_that_cannot_inpaint_is_refused(write_single_file):
    path = write_single_file(ldm_layout.single_file(changed_unet(in_channels=4), tiny_models.tiny_vae()))
    with pytest.raises(WeightsError, match=r"model\.safetensors: this is not an inpainting model: .+ 4 input"):
        load_base(path)


def test_a_folder_of_another_family_is_refused(own_folder):
    settings = {"addition_embed_type": "text_time", "addition_time_embed_dim": 8}
    changed_unet(**settings, projection_class_embeddings_input_dim=64).save_pretrained(own_folder / "unet")
    with pytest.raises(WeightsError, match=r"model: this is not a model of Stable Diffusion 1\.5"):
        load_base(own_folder)


def test_a_file_that_is_no_model_is_refused(tmp_path):
    path = tmp_path / "model.zip"
    path.write_bytes(b"PK")
    with pytest.raises(WeightsError, match=r"model\.zip: this is not a model. Use a folder, or a file that ends in"):
        load_base(path)


@pytest.mark.parametrize(
    "source", [Path("nowhere"), "./nowhere", "/nowhere/at/all", "~/nowhere", "nowhere.safetensors", "no/where.ckpt"]
)
def test_a_missing_path_is_named(source, monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(MissingWeightsError, match=r"where.*: there is no such file or folder\. Known models"):
        find_base(source)


def test_a_folder_is_found_where_it_is(tiny_folder, monkeypatch):
    monkeypatch.setenv("HOME", str(tiny_folder.parent))
    assert find_base(tiny_folder) == find_base(str(tiny_folder)) == find_base(f"~/{tiny_folder.name}") == tiny_folder


def test_the_mini_is_in_the_package(monkeypatch, tmp_path):
    assert find_base("mini") == Path(wallpaint.__file__).parent / "weights" / "mini"
    monkeypatch.chdir(tmp_path)
    (tmp_path / "mini").mkdir()
    assert find_base("mini").is_absolute()
    assert find_base(Path("mini")) == find_base("./mini") == Path("mini")


@pytest.mark.parametrize("name", ["sd15", "owner/name"])
def test_any_other_name_is_looked_up_among_the_models_on_this_machine(monkeypatch, tmp_path, name):
    hub = types.ModuleType("wallpaint.diffusion.hub.download")
    hub.find_model = {"sd15": tmp_path / "a", "owner/name": tmp_path / "b"}.__getitem__
    monkeypatch.setitem(sys.modules, hub.__name__, hub)
    monkeypatch.chdir(tmp_path)
    assert find_base(name) == hub.find_model(name)
