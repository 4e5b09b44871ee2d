"""Training a depth ControlNet from nothing, over an adapter that stays as it is."""

from __future__ import annotations

import pytest
import tiny_ablation
import torch
from safetensors.torch import load_file

from wallpaint.diffusion import ModelSources, choose_precision, load_model
from wallpaint.errors import SettingError
from wallpaint.train import load_config
from wallpaint.train.loop import train
from wallpaint.train.mini.build import save_controlnet
from wallpaint.train.models.training_models import load_training_models

pytestmark = pytest.mark.filterwarnings("ignore:`log_with=")  # no tracker is wanted

DEPTH = ("model.controlnet=new", "model.train=[controlnet]")
WEIGHTS = "controlnet/diffusion_pytorch_model.safetensors"


@pytest.fixture(scope="module")
def adapter(bare_base, two_rooms, tmp_path_factory):
    """LoRA, IP-Adapter and colour tokens, at a rate that makes them count."""
    output = tmp_path_factory.mktemp("adapter")
    rate = ("optimization.learning_rate=0.1", "optimization.warmup_steps=0", f"output={output}")
    return train(load_config(None, [*tiny_ablation.overrides(bare_base, two_rooms), *rate])).saved


@pytest.fixture
def config(bare_base, two_rooms, adapter, tmp_path):
    def config(*overrides, name="run"):
        own = (f"output={tmp_path / name}", f"model.adapter={adapter}")
        return load_config(None, [*tiny_ablation.overrides(bare_base, two_rooms), *own, *DEPTH, *overrides])

    return config


def predicted(unet):
    """What a UNet with IP-Adapter Plus and colour tokens says of one noise."""
    generator = torch.Generator().manual_seed(0)
    seen, words = torch.randn(1, 9, 8, 8, generator=generator), torch.zeros(1, 3, unet.config.cross_attention_dim)
    embeds = [torch.randn(1, 1, 5, 32, generator=generator), torch.randn(1, 1, 39, generator=generator)]
    with torch.inference_mode():
        return unet(seen, 500, words, added_cond_kwargs={"image_embeds": embeds}).sample


def test_it_is_trained_over_the_adapter_as_it_will_be_in_use(config, bare_base, adapter):
    training = load_training_models(config(), choose_precision("fp32", torch.device("cpu")), torch.device("cpu"))
    assert {name.partition(".")[0] for name in training.trained()} == {"controlnet"}
    used, bare = (
        load_model(ModelSources(bare_base, each), precision="fp32", device="cpu") for each in (adapter, adapter)
    )
    torch.testing.assert_close(predicted(training.unet), predicted(used.base.unet), rtol=1e-4, atol=1e-5)
    bare.base.unet.disable_lora()
    assert (predicted(training.unet) - predicted(bare.base.unet)).abs().max() > 1e-2


def test_it_alone_is_exported_and_fits(config, bare_base, adapter):
    final = train(config()).saved
    assert {path.name for path in final.iterdir()} == {"README.md", "controlnet"}
    before, after = (load_file(folder / WEIGHTS) for folder in (final.parent / "checkpoint-000001", final))
    assert not torch.equal(before["controlnet_mid_block.weight"], after["controlnet_mid_block.weight"])
    kept = save_controlnet(final, final.parent)
    assert {value.dtype for value in load_file(kept / "diffusion_pytorch_model.safetensors").values()} == {
        torch.float16
    }
    load_model(ModelSources(bare_base, adapter, controlnet=kept), precision="fp32", device="cpu")
    assert f"--adapter {adapter} --controlnet THIS_FOLDER/controlnet" in (final / "README.md").read_text()


@pytest.mark.filterwarnings("ignore:.*resumed with other settings")
def test_a_resumed_run_ends_with_the_weights_of_an_uninterrupted_one(config):
    whole = train(config(name="whole")).saved
    train(config("optimization.max_steps=1", name="halves"))
    halves = train(config(name="halves"), resume="latest").saved
    one, other = load_file(whole / WEIGHTS), load_file(halves / WEIGHTS)
    assert all(torch.equal(one[name], other[name]) for name in one)


def test_a_new_one_that_is_not_trained_is_refused(config):
    with pytest.raises(SettingError, match="Add controlnet to"):
        train(config("model.adapter=null", "model.train=[lora, ip_adapter_projection, ip_adapter_attention]"))


def test_nothing_else_is_trained_over_an_adapter(config):
    with pytest.raises(SettingError, match=r"set model.train to \[controlnet\]"):
        config("model.train=[lora, controlnet]")
