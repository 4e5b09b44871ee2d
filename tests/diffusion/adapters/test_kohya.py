"""LoRA files in the layout of kohya: export, import, the formula of the tools, and files of other origin."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest
import torch
from diffusers import StableDiffusionInpaintPipeline
from hypothesis import given, settings
from hypothesis import strategies as st
from tiny_lora import predict, unet_with_lora
from tiny_models import plus_state_dict, tiny_unet

from wallpaint.diffusion.adapters.kohya import export_kohya
from wallpaint.diffusion.adapters.lora import LoraSettings, attach_lora, lora_state_dict, lora_weights, merge_lora
from wallpaint.diffusion.adapters.lora_io import load_lora, save_lora
from wallpaint.diffusion.checkpoints.tensor_file import read_tensors, write_tensors
from wallpaint.errors import WallpaintWarning, WeightsError

PLAIN = LoraSettings(rank=4, alpha=6)
KINDS = {"plain": PLAIN, "rslora": replace(PLAIN, rslora=True), "dora": replace(PLAIN, dora=True)}
TO_Q = "lora_unet_mid_block_attentions_0_transformer_blocks_0_attn1_to_q"

pytestmark = pytest.mark.filterwarnings("ignore:.*tools read a DoRA differently")


@pytest.fixture(scope="module")
def exported(tmp_path_factory):
    folder = tmp_path_factory.mktemp("kohya")
    for kind, lora in KINDS.items():
        export_kohya(unet_with_lora(lora), folder / f"{kind}.safetensors")
    return folder


def foreign_file(path, layers, alpha=2.0, rank=3, extra=()):
    """A file from another tool for these layers of a tiny UNet, and the adapted weights."""
    unet, tensors, updated = tiny_unet(), {}, {}
    generator = torch.Generator().manual_seed(0)
    for layer in layers:
        weight = unet.get_submodule(layer).weight.detach()
        down = torch.randn(rank, *weight.shape[1:], generator=generator) * 0.3
        up = torch.randn(weight.shape[0], rank, *(1 for _ in weight.shape[2:]), generator=generator) * 0.3
        name = "lora_unet_" + layer.replace(".", "_")
        tensors |= {
            f"{name}.lora_down.weight": down,
            f"{name}.lora_up.weight": up,
            f"{name}.alpha": torch.tensor(alpha),
        }
        delta = torch.mm(up.flatten(1), down.flatten(1)).reshape(weight.shape)
        updated[layer] = weight + alpha / rank * delta
    write_tensors(path, {**tensors, **dict(extra)}, {})
    return updated


@pytest.mark.parametrize("kind", KINDS)
def test_an_exported_lora_can_be_read_with_the_same_effect(exported, kind):
    unet, loaded = unet_with_lora(KINDS[kind]), tiny_unet()
    load_lora(loaded, exported / f"{kind}.safetensors")
    state, again = lora_state_dict(unet), lora_state_dict(loaded)
    assert state.keys() == again.keys()
    assert all(torch.equal(state[name], again[name]) for name in state)
    torch.testing.assert_close(predict(loaded), predict(unet), atol=1e-5, rtol=0)


@pytest.mark.parametrize("kind", ["plain", "rslora"])  # diffusers drops the magnitudes of a DoRA in these files
def test_diffusers_reads_it_with_the_same_effect(exported, kind):
    unet = tiny_unet()
    state, alphas = StableDiffusionInpaintPipeline.lora_state_dict(
        exported / f"{kind}.safetensors", unet_config=unet.config
    )
    StableDiffusionInpaintPipeline.load_lora_into_unet(state, alphas, unet)
    torch.testing.assert_close(predict(unet), predict(unet_with_lora(KINDS[kind])), atol=1e-5, rtol=0)


def test_both_layouts_give_the_same_weights(exported, tmp_path):
    unet, again = tiny_unet(), tiny_unet()
    load_lora(unet, exported / "rslora.safetensors")
    load_lora(again, save_lora(unet, tmp_path))
    assert torch.equal(predict(again), predict(unet))


@settings(max_examples=4, deadline=None)
@given(rank=st.integers(1, 40), alpha=st.floats(0.1, 100), rslora=st.booleans())
def test_the_factor_is_kept_for_any_rank_and_alpha(tmp_path_factory, rank, alpha, rslora):
    unet, loaded = tiny_unet(), tiny_unet()
    attach_lora(unet, LoraSettings(rank=rank, alpha=alpha, rslora=rslora))
    path = tmp_path_factory.mktemp("kohya") / "x.safetensors"
    export_kohya(unet, path)
    load_lora(loaded, path)
    ours, theirs = lora_weights(unet), lora_weights(loaded)
    for layer in ours.updates:
        assert theirs.factor(layer) == pytest.approx(ours.factor(layer), rel=1e-6)


def test_names_and_shapes_are_those_of_the_tools(exported):
    tensors, metadata = read_tensors(exported / "dora.safetensors")
    shapes = {name: tuple(tensor.shape) for name, tensor in tensors.items() if name.startswith(TO_Q)}
    assert shapes == {
        f"{TO_Q}.lora_down.weight": (4, 32),
        f"{TO_Q}.lora_up.weight": (32, 4),
        f"{TO_Q}.alpha": (),
        f"{TO_Q}.dora_scale": (32, 1),
    }
    assert f"{TO_Q.removesuffix('q')}out_0.lora_down.weight" in tensors
    assert len(tensors) == 4 * 56
    assert metadata["ss_network_dim"] == "4"
    assert metadata["ss_network_alpha"] == "6"
    assert metadata["ss_base_model_version"] == "sd_v1"
    assert json.loads(metadata["ss_network_args"])["wd_on_output"] is True


def test_metadata_can_be_added(tmp_path):
    path = tmp_path / "x.safetensors"
    export_kohya(unet_with_lora(), path, base_model_version="mini", metadata={"ss_training_comment": "walls"})
    _, metadata = read_tensors(path)
    assert (metadata["ss_base_model_version"], metadata["ss_training_comment"]) == ("mini", "walls")


def test_alpha_is_scaled_so_that_tools_without_rslora_use_the_same_factor(exported):
    tensors, _ = read_tensors(exported / "rslora.safetensors")
    assert float(tensors[f"{TO_Q}.alpha"]) == 6 * 4**0.5


@pytest.mark.parametrize("kind", KINDS)
def test_the_formula_of_the_tools_gives_the_merged_weight(exported, kind):
    tensors, _ = read_tensors(exported / f"{kind}.safetensors")
    layer = "mid_block.attentions.0.transformer_blocks.0.attn1.to_q"
    factor = float(tensors[f"{TO_Q}.alpha"]) / 4
    weight = tiny_unet().get_submodule(layer).weight.detach()
    weight = weight + factor * tensors[f"{TO_Q}.lora_up.weight"] @ tensors[f"{TO_Q}.lora_down.weight"]
    if kind == "dora":
        weight = weight * tensors[f"{TO_Q}.dora_scale"] / weight.norm(dim=1, keepdim=True)
    unet = unet_with_lora(KINDS[kind])
    merge_lora(unet)
    torch.testing.assert_close(unet.get_submodule(layer).weight.detach(), weight)


def test_exporting_a_dora_warns_that_tools_differ(tmp_path):
    with pytest.warns(WallpaintWarning, match="tools read a DoRA differently"):
        export_kohya(unet_with_lora(KINDS["dora"]), tmp_path / "x.safetensors")


BLOCK = "down_blocks.0.attentions.0"
LAYERS = [
    f"{BLOCK}.transformer_blocks.0.attn2.to_k",
    f"{BLOCK}.transformer_blocks.0.ff.net.0.proj",
    f"{BLOCK}.transformer_blocks.0.ff.net.2",
    f"{BLOCK}.proj_in",
    "down_blocks.0.resnets.0.conv1",
    "down_blocks.0.resnets.0.time_emb_proj",
    "down_blocks.0.downsamplers.0.conv",
    "conv_out",
]


def test_a_lora_trained_elsewhere_may_change_any_layer(tmp_path):
    updated = foreign_file(tmp_path / "x.safetensors", LAYERS)
    unet, expected = tiny_unet(), tiny_unet()
    unet._load_ip_adapter_weights([plus_state_dict(unet)])
    load_lora(unet, tmp_path / "x.safetensors")
    assert lora_weights(unet).updates.keys() == updated.keys()
    merge_lora(unet)
    for layer, weight in updated.items():
        torch.testing.assert_close(unet.get_submodule(layer).weight.detach(), weight)
        expected.get_submodule(layer).weight.data = weight
    load_lora(plain := tiny_unet(), tmp_path / "x.safetensors")
    torch.testing.assert_close(predict(plain), predict(expected), atol=1e-4, rtol=0)


def test_a_1_by_1_convolution_may_be_stored_as_a_matrix(tmp_path):
    path = tmp_path / "x.safetensors"
    updated = foreign_file(path, [f"{BLOCK}.proj_in"])
    tensors, _ = read_tensors(path)
    write_tensors(path, {k: v.flatten(1) if v.ndim == 4 else v for k, v in tensors.items()}, {})
    unet = tiny_unet()
    load_lora(unet, path)
    merge_lora(unet)
    for layer, weight in updated.items():
        torch.testing.assert_close(unet.get_submodule(layer).weight.detach(), weight)


def test_half_precision_is_read(tmp_path):
    path = tmp_path / "x.safetensors"
    foreign_file(path, LAYERS)
    tensors, _ = read_tensors(path)
    write_tensors(path, {name: tensor.half() for name, tensor in tensors.items()}, {})
    unet = tiny_unet()
    load_lora(unet, path)
    assert {tensor.dtype for tensor in lora_state_dict(unet).values()} == {torch.float32}


def test_layers_of_the_text_encoder_are_ignored_with_one_warning(tmp_path):
    extra = {
        f"lora_te_text_model_encoder_layers_{layer}_mlp_fc1.{part}": torch.ones(1)
        for layer in range(2)
        for part in ("lora_down.weight", "lora_up.weight", "alpha")
    }
    foreign_file(tmp_path / "x.safetensors", LAYERS, extra=extra)
    unet = tiny_unet()
    with pytest.warns(WallpaintWarning, match="2 layers of a text encoder are ignored") as warnings:
        load_lora(unet, tmp_path / "x.safetensors")
    assert len(warnings) == 1
    assert lora_weights(unet).updates.keys() == set(LAYERS)


def test_without_alpha_the_rank_is_used_with_a_warning(tmp_path):
    path = tmp_path / "x.safetensors"
    foreign_file(path, LAYERS)
    tensors, _ = read_tensors(path)
    write_tensors(path, {name: tensor for name, tensor in tensors.items() if not name.endswith("alpha")}, {})
    unet = tiny_unet()
    with pytest.warns(WallpaintWarning, match="it has no alpha"):
        load_lora(unet, path)
    assert {lora_weights(unet).factor(layer) for layer in LAYERS} == {1}


OF_ANOTHER_UNET = {
    f"lora_unet_input_blocks_{block}.{part}": torch.ones(2, 2) if "lora" in part else torch.ones(())
    for block in (1, 2)
    for part in ("lora_down.weight", "lora_up.weight", "alpha")
}


@pytest.mark.parametrize(
    ("extra", "fault"),
    [
        ({f"{TO_Q}.hada_w1_a": torch.ones(2)}, r"the factors of mid_block.*to_q do not match"),
        (
            {f"{TO_Q}.lora_down.weight": torch.ones(2, 32), f"{TO_Q}.alpha": torch.ones(())},
            "one of the factors .* missing",
        ),
        ({"lora_unet_conv_out.dora_scale": torch.ones(1, 9, 1, 1)}, "conv_out has 9 magnitudes for 4 outputs"),
    ],
)
def test_a_file_that_does_not_fit_is_refused(tmp_path, extra, fault):
    foreign_file(tmp_path / "x.safetensors", LAYERS, extra=extra)
    with pytest.raises(WeightsError, match=rf"x\.safetensors: .*{fault}"):
        load_lora(tiny_unet(), tmp_path / "x.safetensors")


def test_layers_that_the_unet_lacks_are_skipped_by_name(tmp_path):
    foreign_file(tmp_path / "x.safetensors", LAYERS, extra=OF_ANOTHER_UNET)
    unet = tiny_unet()
    with pytest.warns(
        WallpaintWarning, match=r"2 of its 10 layers are skipped, the first is lora_unet_input_blocks_1: "
    ):
        load_lora(unet, tmp_path / "x.safetensors")
    assert lora_weights(unet).updates.keys() == set(LAYERS)


def test_a_file_for_the_text_encoder_alone_is_refused(tmp_path):
    foreign_file(tmp_path / "x.safetensors", [], extra={"lora_te_x.lora_down.weight": torch.ones(2, 2)})
    with (
        pytest.warns(WallpaintWarning, match="text encoder"),
        pytest.raises(WeightsError, match="changes no layer of the UNet"),
    ):
        load_lora(tiny_unet(), tmp_path / "x.safetensors")
