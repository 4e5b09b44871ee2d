"""LoRA files: saving and loading with the same effect, here and in diffusers, and refusing files that do not fit."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest
import torch
from diffusers import StableDiffusionInpaintPipeline, UNet2DConditionModel
from hypothesis import given, settings
from hypothesis import strategies as st
from tiny_lora import predict, unet_with_lora
from tiny_models import BLOCKS, UP_BLOCKS, plus_state_dict, tiny_unet

from wallpaint.diffusion import sd15_config
from wallpaint.diffusion.adapters.lora import LoraSettings, attach_lora, lora_state_dict, lora_weights
from wallpaint.diffusion.adapters.lora_io import load_lora, save_lora
from wallpaint.diffusion.checkpoints.tensor_file import read_tensors, write_tensors
from wallpaint.errors import MissingWeightsError, SettingError, WallpaintWarning, WeightsError

PLAIN = LoraSettings(rank=4, alpha=6)
KINDS = {"plain": PLAIN, "rslora": replace(PLAIN, rslora=True), "dora": replace(PLAIN, dora=True)}
kinds = pytest.mark.parametrize("kind", KINDS)
TO_Q = "mid_block.attentions.0.transformer_blocks.0.attn1.to_q"


@pytest.fixture(scope="module")
def saved(tmp_path_factory):
    """A folder with a LoRA of each kind, each in a folder of its own."""
    folder = tmp_path_factory.mktemp("loras")
    for kind, lora in KINDS.items():
        save_lora(unet_with_lora(lora), folder / kind)
    return folder


def rewritten(source, path, change=lambda tensors: tensors, **metadata):
    """The file at `path`, with other tensors, and with none of the metadata but these."""
    tensors, _ = read_tensors(source / "plain" / "pytorch_lora_weights.safetensors")
    write_tensors(path, change(tensors), metadata)
    return path


@kinds
def test_a_saved_lora_is_read_bit_for_bit(saved, kind):
    unet, loaded = unet_with_lora(KINDS[kind]), tiny_unet()
    load_lora(loaded, saved / kind)
    state, again = lora_state_dict(unet), lora_state_dict(loaded)
    assert state.keys() == again.keys()
    assert all(torch.equal(state[name], again[name]) for name in state)
    assert lora_weights(loaded).config() == lora_weights(unet).config()
    assert torch.equal(predict(loaded), predict(unet))


@kinds
def test_diffusers_reads_it_with_the_same_effect(saved, kind):
    unet = tiny_unet()
    state, alphas, metadata = StableDiffusionInpaintPipeline.lora_state_dict(saved / kind, return_lora_metadata=True)
    StableDiffusionInpaintPipeline.load_lora_into_unet(state, alphas, unet, metadata=metadata)
    torch.testing.assert_close(predict(unet), predict(unet_with_lora(KINDS[kind])), atol=1e-5, rtol=0)


@kinds
def test_a_lora_saved_by_diffusers_is_read_with_the_same_effect(tmp_path, kind):
    unet, loaded = unet_with_lora(KINDS[kind]), tiny_unet()
    unet.save_lora_adapter(tmp_path)
    load_lora(loaded, tmp_path)
    assert torch.equal(predict(loaded), predict(unet))


@settings(max_examples=4, deadline=None)
@given(rank=st.integers(1, 40), alpha=st.floats(0.1, 100), rslora=st.booleans())
def test_any_rank_and_alpha_survive(tmp_path_factory, rank, alpha, rslora):
    lora = LoraSettings(rank=rank, alpha=alpha, rslora=rslora, dropout=0.5)
    unet, loaded = tiny_unet(), tiny_unet()
    attach_lora(unet, lora)
    load_lora(loaded, save_lora(unet, tmp_path_factory.mktemp("lora")))
    weights = lora_weights(loaded)
    assert {(update.rank, update.alpha) for update in weights.updates.values()} == {(rank, alpha)}
    assert (weights.rslora, weights.dropout) == (rslora, 0.5)


def test_the_metadata_contains_only_what_peft_knows(saved):
    _, metadata = read_tensors(saved / "rslora" / "pytorch_lora_weights.safetensors")
    config = json.loads(metadata["lora_adapter_metadata"])
    assert (config["unet.r"], config["unet.lora_alpha"], config["unet.use_rslora"]) == (4, 6, True)
    assert len(config) == 8


def test_it_can_be_loaded_into_a_unet_with_an_ip_adapter(saved):
    unet = tiny_unet()
    unet._load_ip_adapter_weights([plus_state_dict(unet)])
    base = predict(unet)
    load_lora(unet, saved / "plain")
    assert (predict(unet) - base).abs().max() > 0.01


def test_loading_at_a_scale_is_loading_and_scaling(saved):
    unet = tiny_unet()
    load_lora(unet, saved / "dora", scale=0)
    torch.testing.assert_close(predict(unet), predict(tiny_unet()), atol=1e-6, rtol=0)


def test_a_file_may_have_any_name(saved, tmp_path):
    file = save_lora(unet_with_lora(), tmp_path / "walls.safetensors")
    assert file == tmp_path / "walls.safetensors"
    load_lora(tiny_unet(), file)


def test_without_metadata_alpha_is_the_rank_with_a_warning(saved, tmp_path):
    unet = tiny_unet()
    with pytest.warns(WallpaintWarning, match="it has no alpha"):
        load_lora(unet, rewritten(saved, tmp_path / "x.safetensors"))
    assert {update.alpha for update in lora_weights(unet).updates.values()} == {4}


def test_without_metadata_alpha_is_read_from_the_tensors(saved, tmp_path):
    def with_alphas(tensors):
        alphas = {name.replace("lora_A.weight", "alpha"): torch.tensor(6.0) for name in tensors if "lora_A" in name}
        return {**tensors, **alphas}

    unet = tiny_unet()
    load_lora(unet, rewritten(saved, tmp_path / "x.safetensors", with_alphas))
    assert torch.equal(predict(unet), predict(unet_with_lora()))


def test_older_names_of_tensors_are_read(saved, tmp_path):
    def older(tensors):
        names = {"to_out.0.lora_A": "to_out.0.lora.down", "to_out.0.lora_B": "to_out.0.lora.up"}
        for key in "qkv":
            names |= {f".to_{key}.lora_A": f".processor.to_{key}_lora.down"}
            names |= {f".to_{key}.lora_B": f".processor.to_{key}_lora.up"}
        for new, old in names.items():
            tensors = {name.replace(new, old): tensor for name, tensor in tensors.items()}
        return tensors

    unet = tiny_unet()
    config = json.dumps({"unet.lora_alpha": 6})
    load_lora(unet, rewritten(saved, tmp_path / "x.safetensors", older, lora_adapter_metadata=config))
    assert torch.equal(predict(unet), predict(unet_with_lora()))


def test_ranks_and_alphas_may_differ_by_layer(saved, tmp_path):
    def thinner(tensors):
        return {
            name: tensor if TO_Q not in name else tensor[:2] if "lora_A" in name else tensor[:, :2]
            for name, tensor in tensors.items()
        }

    unet, again = tiny_unet(), tiny_unet()
    config = json.dumps({"lora_alpha": 6, "alpha_pattern": {r"mid_block.*attn1\.to_q": 3}})
    load_lora(unet, rewritten(saved, tmp_path / "x.safetensors", thinner, lora_adapter_metadata=config))
    load_lora(again, save_lora(unet, tmp_path))
    for loaded in (unet, again):
        updates = lora_weights(loaded).updates
        assert (updates[TO_Q].rank, updates[TO_Q].alpha) == (2, 3)
        assert {(update.rank, update.alpha) for name, update in updates.items() if name != TO_Q} == {(4, 6)}
    assert torch.equal(predict(unet), predict(again))


def test_tensors_of_the_text_encoder_are_ignored_with_a_warning(saved, tmp_path):
    def with_text_encoder(tensors):
        return {**tensors, "text_encoder.layers.0.q_proj.lora_A.weight": torch.ones(1, 2)}

    config = json.dumps({"unet.lora_alpha": 6})
    file = rewritten(saved, tmp_path / "x.safetensors", with_text_encoder, lora_adapter_metadata=config)
    with pytest.warns(WallpaintWarning, match="1 layers of a text encoder are ignored"):
        load_lora(tiny_unet(), file)


CONFIG = json.dumps({"unet.lora_alpha": 6})
A, B = f"unet.{TO_Q}.lora_A.weight", f"unet.{TO_Q}.lora_B.weight"


@pytest.mark.parametrize(
    ("change", "config", "fault"),
    [
        (lambda t: {**t, A: t[A][:-1]}, CONFIG, rf"the factors of {TO_Q} do not match: 3 × 32 and 32 × 4"),
        (lambda t: {**t, A: t[A][0]}, CONFIG, "do not match"),
        (lambda t: {**t, A: t[A][:0], B: t[B][:, :0]}, CONFIG, "do not match"),
        (lambda t: {**t, B: t[B] * torch.nan}, CONFIG, rf"{TO_Q} contain NaN or infinity"),
        (lambda t: {k: v for k, v in t.items() if k != B}, CONFIG, rf"one of the factors of {TO_Q} is missing"),
        (lambda t: {**t, f"unet.{TO_Q}.alpha": torch.ones(2)}, None, rf"the alpha of {TO_Q} is not a number"),
        (
            lambda t: {k.replace("_block", "_mud"): v for k, v in t.items()},
            CONFIG,
            r"56 of its 56 layers do not fit this UNet, the first is unet\..*: it is not in this UNet",
        ),
        (lambda t: {**t, f"{TO_Q}.lora_magnitude_vector": torch.ones(9)}, CONFIG, "9 magnitudes for 32 outputs"),
        (
            lambda t: {"unet.conv_in.weight": torch.ones(1)},
            CONFIG,
            r"this is not a LoRA: its first tensor is unet\.conv",
        ),
        (lambda t: {}, CONFIG, "changes no layer of the UNet"),
        (lambda t: t, "{", "metadata cannot be read"),
        (lambda t: t, "[]", "metadata cannot be read"),
        (lambda t: t, '{"lora_alpha": "much"}', "metadata cannot be read"),
        (lambda t: t, '{"lora_alpha": 1, "alpha_pattern": {"(": 1}}', "metadata cannot be read"),
        (lambda t: t, '{"lora_alpha": 1, "alpha_pattern": {"(a+)+b": 1}}', "metadata cannot be read"),
    ],
)
@pytest.mark.filterwarnings("ignore:.*it has no alpha")
def test_a_file_that_does_not_fit_is_refused_and_the_unet_is_unchanged(saved, tmp_path, change, config, fault):
    unet = tiny_unet()
    names = unet.state_dict().keys()
    metadata = {} if config is None else {"lora_adapter_metadata": config}
    with pytest.raises(WeightsError, match=rf"x\.safetensors: .*{fault}"):
        load_lora(unet, rewritten(saved, tmp_path / "x.safetensors", change, **metadata))
    assert unet.state_dict().keys() == names


def test_a_lora_of_another_base_is_refused(saved):
    config = {**sd15_config("unet"), **BLOCKS, "up_block_types": UP_BLOCKS, "cross_attention_dim": 48}
    unet = UNet2DConditionModel.from_config(config)
    with pytest.raises(WeightsError, match="it was trained for a UNet with tokens of width 32"):
        load_lora(unet, saved / "plain")


def test_a_missing_file_is_named(tmp_path):
    with pytest.raises(MissingWeightsError, match=r"pytorch_lora_weights\.safetensors: there is no such file"):
        load_lora(tiny_unet(), tmp_path)


def test_a_second_lora_is_refused(saved):
    with pytest.raises(SettingError, match="already"):
        load_lora(unet_with_lora(), saved / "plain")


def test_a_scale_that_is_not_finite_is_refused_before_loading(saved):
    unet = tiny_unet()
    with pytest.raises(SettingError, match="choose a finite number"):
        load_lora(unet, saved / "plain", scale=float("nan"))
    attach_lora(unet, PLAIN)


def test_a_single_layer_that_does_not_fit_is_skipped_by_name(saved, tmp_path):
    def narrower(tensors):
        return {**tensors, A: tensors[A][:, :-1]}

    unet = tiny_unet()
    file = rewritten(saved, tmp_path / "x.safetensors", narrower, lora_adapter_metadata=CONFIG)
    with pytest.warns(WallpaintWarning, match=rf"1 of its 56 layers are skipped, the first is {TO_Q}: .* 32 × 31 in"):
        load_lora(unet, file)
    assert len(lora_weights(unet).updates) == 55


def test_tensors_that_are_not_part_of_a_lora_are_ignored_with_a_warning(saved, tmp_path):
    def with_another(tensors):
        return {**tensors, "conv_in.weight": torch.ones(1)}

    unet = tiny_unet()
    file = rewritten(saved, tmp_path / "x.safetensors", with_another, lora_adapter_metadata=CONFIG)
    with pytest.warns(WallpaintWarning, match=r"1 of its 113 tensors are not part of a LoRA and are ignored"):
        load_lora(unet, file)
    assert len(lora_weights(unet).updates) == 56


def test_saving_into_a_folder_changes_no_other_file_in_it(tmp_path):
    write_tensors(tmp_path / "trained_weights.safetensors", {"a": torch.ones(2)}, {})
    file = save_lora(unet_with_lora(), tmp_path)
    assert file.name == "pytorch_lora_weights.safetensors"
    assert read_tensors(tmp_path / "trained_weights.safetensors")[0].keys() == {"a"}
