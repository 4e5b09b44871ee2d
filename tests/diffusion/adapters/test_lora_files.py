"""LoRA files of other tools: every spelling of the layers, and kinds other than two low-rank factors."""

from __future__ import annotations

import json

import pytest
import torch
from ldm_layout import _unet_key
from lora_files import LAYERS, delta_of, low_rank_parts, noise, write, write_kohya
from lycoris.modules.locon import LoConModule
from lycoris.modules.loha import LohaModule
from lycoris.modules.lokr import LokrModule
from safetensors.torch import save_file
from tiny_lora import predict
from tiny_models import tiny_unet

from wallpaint.diffusion.adapters.lora import lora_weights, merge_lora
from wallpaint.diffusion.adapters.lora_io import load_lora
from wallpaint.errors import WallpaintWarning, WeightsError

CONV = "down_blocks.0.resnets.0.conv1"
TO_Q = LAYERS[0]


@pytest.fixture(scope="module")
def base():
    return tiny_unet()


@pytest.fixture(scope="module")
def parts(base):
    return {layer: low_rank_parts(weight_of(base, layer), seed=n) for n, layer in enumerate(LAYERS)}


def weight_of(unet, layer):
    return unet.get_submodule(layer).weight.detach()


def original_name(layer, unet):
    """A layer's name in the original Stable Diffusion code."""
    return _unet_key(f"{layer}.weight", unet).removesuffix(".weight")


def in_peft(parts, names):
    return {names.get(part, part): tensor for part, tensor in parts.items() if names.get(part, part)}


PEFT = {"lora_down.weight": "lora_A.weight", "lora_up.weight": "lora_B.weight"}
SPELLINGS = {
    "kohya, diffusers' names": lambda name, _: "lora_unet_" + name.replace(".", "_"),
    "kohya, original names": lambda _, original: "lora_unet_" + original.replace(".", "_"),
    "lycoris": lambda name, _: "lycoris_" + name.replace(".", "_"),
    "comfy": lambda _, original: "diffusion_model." + original,
    "diffusers": lambda name, _: "unet." + name,
    "peft": lambda name, _: "base_model.model." + name,
    "peft of a pipeline": lambda name, _: "unet.base_model.model." + name,
    "without prefix": lambda name, _: name,
    "original checkpoint": lambda _, original: "model.diffusion_model." + original,
}


@pytest.mark.parametrize("spelling", SPELLINGS)
@pytest.mark.parametrize(
    "roles",
    [
        {},
        {**PEFT},
        {"lora_down.weight": "lora_A.default.weight", "lora_up.weight": "lora_B.default.weight"},
        {"lora_down.weight": "lora.down.weight", "lora_up.weight": "lora.up.weight"},
        {"lora_down.weight": "lora_linear_layer.down.weight", "lora_up.weight": "lora_linear_layer.up.weight"},
    ],
    ids=["down-up", "A-B", "A.default", "lora.down", "lora_linear_layer"],
)
def test_every_spelling_of_layers_and_factors_is_read(spelling, roles, base, parts, tmp_path):
    named = {
        SPELLINGS[spelling](layer, original_name(layer, base)): in_peft(each, roles) for layer, each in parts.items()
    }
    unet = tiny_unet()
    load_lora(unet, write(tmp_path / "x.safetensors", named))
    weights = lora_weights(unet)
    assert weights.updates.keys() == set(LAYERS)
    for layer, update in weights.updates.items():
        assert torch.equal(update.down.flatten(), parts[layer]["lora_down.weight"].flatten())
        assert (update.rank, update.alpha) == (3, 2)


def test_every_layer_of_the_unet_is_found_by_its_original_name(base, tmp_path):
    layers = [name for name, layer in base.named_modules() if isinstance(layer, torch.nn.Linear | torch.nn.Conv2d)]
    parts = {layer: low_rank_parts(weight_of(base, layer), rank=1) for layer in layers}
    write(tmp_path / "x.safetensors", {f"diffusion_model.{original_name(name, base)}": parts[name] for name in layers})
    unet = tiny_unet()
    load_lora(unet, tmp_path / "x.safetensors")
    assert lora_weights(unet).updates.keys() == set(layers)


def test_a_folder_of_peft_is_read_with_the_alpha_of_its_configuration(base, parts, tmp_path):
    named = {"base_model.model." + layer: in_peft(each, {**PEFT, "alpha": ""}) for layer, each in parts.items()}
    write(tmp_path / "adapter_model.safetensors", named)
    config = {"peft_type": "LORA", "r": 3, "lora_alpha": 12, "alpha_pattern": {TO_Q: 1}, "use_rslora": True}
    (tmp_path / "adapter_config.json").write_text(json.dumps(config))
    unet = tiny_unet()
    load_lora(unet, tmp_path)
    weights = lora_weights(unet)
    assert weights.rslora
    assert {layer: update.alpha for layer, update in weights.updates.items()} == {
        layer: 1 if layer == TO_Q else 12 for layer in LAYERS
    }


def test_the_only_file_in_a_folder_is_read_and_one_of_several_must_be_named(parts, tmp_path):
    write_kohya(tmp_path / "limewash.safetensors", parts)
    load_lora(tiny_unet(), tmp_path)
    write_kohya(tmp_path / "plaster.safetensors", parts)
    with pytest.raises(WeightsError, match=r"2 files in this folder: limewash\.safetensors, plaster"):
        load_lora(tiny_unet(), tmp_path)


def test_text_encoders_and_embeddings_are_ignored_with_a_note_each(parts, tmp_path):
    named = {"lora_unet_" + layer.replace(".", "_"): each for layer, each in parts.items()}
    fc = {"lora_down.weight": torch.zeros(2, 768), "lora_up.weight": torch.zeros(3072, 2), "alpha": torch.tensor(1.0)}
    named["lora_te_text_model_encoder_layers_0_mlp_fc1"] = fc
    named["bundle_emb.wall"] = {"string_to_param.*": torch.zeros(2, 768)}
    unet = tiny_unet()
    with pytest.warns(WallpaintWarning) as notes:
        load_lora(unet, write(tmp_path / "x.safetensors", named))
    assert [str(note.message).partition(": ")[2].split(" are")[0] for note in notes] == [
        "its 1 layers of a text encoder",
        "its 1 embeddings of words",
    ]
    assert lora_weights(unet).updates.keys() == set(LAYERS)


# LyCORIS


def lycoris(kind, base, layer, alpha, seed=0, **settings):
    """LyCORIS' module for a layer with noise for weights."""
    module = kind("x", base.get_submodule(layer), lora_dim=3, alpha=alpha, **settings)
    for place, parameter in enumerate(module.parameters()):
        if parameter.ndim and parameter is not getattr(module, "dora_scale", None):
            parameter.data = noise(*parameter.shape, seed=seed + place)
    if getattr(module, "wd", False):
        module.dora_scale.data *= 1 + 0.2 * noise(*module.dora_scale.shape, seed=seed + 50)
    return module


BY_OUTPUT = {"weight_decompose": True, "wd_on_out": True}
BY_INPUT = {"weight_decompose": True, "wd_on_out": False}
METHODS = {
    "LoHa": (LohaModule, TO_Q, {}),
    "LoHa, convolution": (LohaModule, CONV, {}),
    "LoHa with middle factors": (LohaModule, CONV, {"use_tucker": True}),
    "LoHa with DoRA": (LohaModule, TO_Q, BY_OUTPUT),
    "LoKr": (LokrModule, LAYERS[3], {"factor": 4}),
    "LoKr, both halves factored": (LokrModule, LAYERS[3], {"factor": 8, "decompose_both": True}),
    "LoKr, both halves whole": (LokrModule, TO_Q, {"factor": 4, "full_matrix": True}),
    "LoKr, convolution": (LokrModule, CONV, {"factor": 2}),
    "LoKr with a middle factor": (LokrModule, CONV, {"factor": 2, "use_tucker": True}),
    "LoKr with DoRA by inputs": (LokrModule, CONV, {"factor": 2, **BY_INPUT}),
    "LoCon": (LoConModule, CONV, {}),
    "LoCon with a middle factor": (LoConModule, CONV, {"use_tucker": True}),
    "DoRA": (LoConModule, TO_Q, BY_OUTPUT),
    "DoRA by inputs": (LoConModule, TO_Q, BY_INPUT),
    "DoRA by inputs, convolution": (LoConModule, CONV, BY_INPUT),
    "DoRA, middle factor": (LoConModule, CONV, {"use_tucker": True, **BY_OUTPUT}),
    "rsLoRA": (LoConModule, TO_Q, {"rs_lora": True}),
}


def loaded(tmp_path, layer, module):
    state = {name: tensor.detach().clone() for name, tensor in module.state_dict().items()}
    load_lora(unet := tiny_unet(), write_kohya(tmp_path / "x.safetensors", {layer: state}))
    if any(name.endswith("base_layer") for name, _ in unet.named_modules()):
        merge_lora(unet)
    return unet.get_submodule(layer)


@pytest.mark.parametrize("method", METHODS)
@torch.no_grad()
def test_lycoris_methods_change_weights_as_its_own_merge_does(method, base, tmp_path):
    kind, layer, settings = METHODS[method]
    module = lycoris(kind, base, layer, alpha=3, **settings)  # its merge of LoHa and LoKr applies alpha / rank twice
    before = weight_of(base, layer)
    expected = module.get_merged_weight(1, before.shape)[0]
    assert (expected - before).abs().max() > 1e-3
    torch.testing.assert_close(loaded(tmp_path, layer, module).weight, expected, atol=1e-5, rtol=0)


@pytest.mark.parametrize("method", METHODS)
@torch.no_grad()
def test_lycoris_methods_have_the_effect_that_they_were_trained_for(method, base, tmp_path):
    kind, layer, settings = METHODS[method]
    module = lycoris(kind, base, layer, alpha=2, **settings)
    inputs = noise(
        1, *((weight_of(base, layer).shape[1], 8, 8) if layer == CONV else (weight_of(base, layer).shape[1],))
    )
    torch.testing.assert_close(loaded(tmp_path, layer, module)(inputs), module.eval()(inputs), atol=1e-5, rtol=0)


def test_differences_of_weights_and_biases_are_added(base, tmp_path):
    norm = "down_blocks.0.resnets.0.norm1"
    change, bias, gain, shift = noise(16, 16, 3, 3), noise(16), noise(16, seed=3), noise(16, seed=4)
    named = {
        CONV: {"diff": change, "diff_b": bias},
        norm: {"w_norm": gain, "b_norm": shift},
    }
    unet = tiny_unet()
    load_lora(unet, write_kohya(tmp_path / "x.safetensors", named), scale=0.5)
    ours = unet.get_submodule(CONV), unet.get_submodule(norm)
    theirs = base.get_submodule(CONV), base.get_submodule(norm)
    torch.testing.assert_close(ours[0].weight, theirs[0].weight + 0.5 * change)
    torch.testing.assert_close(ours[0].bias, theirs[0].bias + 0.5 * bias)
    torch.testing.assert_close(ours[1].weight, theirs[1].weight + 0.5 * gain)
    torch.testing.assert_close(ours[1].bias, theirs[1].bias + 0.5 * shift)


def test_a_lora_with_a_difference_of_the_bias_changes_both(base, tmp_path):
    layer, bias = LAYERS[4], noise(16)
    parts = low_rank_parts(weight_of(base, layer))
    load_lora(unet := tiny_unet(), write_kohya(tmp_path / "x.safetensors", {layer: {**parts, "diff_b": bias}}))
    merge_lora(unet)
    torch.testing.assert_close(weight_of(unet, layer), weight_of(base, layer) + delta_of(parts, weight_of(base, layer)))
    torch.testing.assert_close(unet.get_submodule(layer).bias, base.get_submodule(layer).bias + bias)


def test_a_dora_of_only_some_layers_is_read(base, parts, tmp_path):
    weight = weight_of(base, TO_Q)
    scale = weight.norm(dim=1, keepdim=True) * 1.5
    load_lora(
        unet := tiny_unet(),
        write_kohya(tmp_path / "x.safetensors", {**parts, TO_Q: {**parts[TO_Q], "dora_scale": scale}}),
    )
    updated = weight + delta_of(parts[TO_Q], weight)
    torch.testing.assert_close(weight_of(unet, TO_Q), updated * scale / updated.norm(dim=1, keepdim=True))
    assert lora_weights(unet).updates.keys() == set(LAYERS) - {TO_Q}


@pytest.mark.parametrize(
    ("name", "method"),
    [("oft_blocks", "OFT or BOFT"), ("a1.weight", "GLoRA"), ("on_input", "IA3"), ("lambda_layer", "T-LoRA")],
)
def test_methods_that_are_not_supported_are_named(name, method, tmp_path):
    write_kohya(tmp_path / "x.safetensors", {TO_Q: {name: torch.zeros(2, 2, 2), "alpha": torch.tensor(1.0)}})
    with pytest.raises(WeightsError, match=f"this is an? {method}"):
        load_lora(tiny_unet(), tmp_path / "x.safetensors")


@pytest.mark.parametrize(
    ("broken", "fault"),
    [
        ({"hada_w1_b": noise(2, 16)}, "the factors of .*to_q do not match"),
        ({"hada_w2_a": None}, "the factors of .*to_q do not match"),
        ({"hada_w1_a": torch.full((16, 3), torch.nan)}, "contain NaN or infinity"),
        ({"alpha": torch.ones(2)}, "alpha of .* is not a number"),
        ({"dora_scale": torch.ones(7, 1)}, "7 magnitudes for 16 outputs"),
    ],
)
def test_a_damaged_loha_is_refused_and_changes_nothing(broken, fault, base, tmp_path):
    whole = {f"hada_w{half}_{side}": noise(*shape) for half in "12" for side, shape in (("a", (16, 3)), ("b", (3, 16)))}
    parts = {
        name: tensor for name, tensor in {**whole, "alpha": torch.tensor(1.0), **broken}.items() if tensor is not None
    }
    write_kohya(tmp_path / "x.safetensors", {TO_Q: parts})
    unet = tiny_unet()
    with pytest.raises(WeightsError, match=rf"x\.safetensors: .*{fault}.*damaged"):
        load_lora(unet, tmp_path / "x.safetensors")
    assert torch.equal(predict(unet), predict(base))


# families


@pytest.mark.parametrize(
    ("names", "family"),
    [
        ({f"lora_unet_{LAYERS[1].replace('.', '_')}.lora_down.weight": (4, 2048)}, "SDXL"),
        ({f"lora_unet_{LAYERS[1].replace('.', '_')}.lora_down.weight": (4, 1024)}, "SD 2"),
        ({"unet.down_blocks.1.attentions.0.transformer_blocks.1.attn1.to_q.lora_A.weight": (4, 640)}, "SDXL"),
        ({"lora_unet_double_blocks_0_img_attn_qkv.lora_down.weight": (4, 3072)}, "Flux"),
        ({"transformer.single_transformer_blocks.0.attn.to_q.lora_A.weight": (4, 3072)}, "Flux"),
        ({"transformer.transformer_blocks.0.attn.add_q_proj.lora_A.weight": (4, 1536)}, "SD 3"),
        ({"diffusion_model.joint_blocks.0.x_block.attn.qkv.lora_A.weight": (4, 1536)}, "SD 3"),
        ({"diffusion_model.blocks.0.self_attn.q.lora_A.weight": (4, 1536)}, "a transformer"),
    ],
)
def test_a_lora_of_another_family_is_refused_with_the_name_of_that_family(names, family, tmp_path):
    save_file({name: torch.zeros(shape) for name, shape in names.items()}, tmp_path / "x.safetensors")
    with pytest.raises(WeightsError, match=f"it was trained for {family}"):
        load_lora(tiny_unet(), tmp_path / "x.safetensors")
