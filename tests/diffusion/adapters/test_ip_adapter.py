"""IP-Adapters: reading, loading and writing, and refusing files that do not fit."""

from __future__ import annotations

import pytest
import tiny_models
import torch
from diffusers import UNet2DConditionModel

from wallpaint.diffusion import sd15_config
from wallpaint.diffusion.adapters.ip_adapter import (
    attention_parameters,
    ip_adapter_weights,
    is_plain,
    load_ip_adapters,
    projection_parameters,
    projections,
    read_ip_adapter,
    save_ip_adapter,
    scales,
    set_scales,
)
from wallpaint.errors import MissingWeightsError, SettingError, WeightsError

pytestmark = pytest.mark.usefixtures("no_network")

KINDS = {"plus": tiny_models.plus_state_dict, "plain": tiny_models.plain_state_dict}


@pytest.fixture
def unet():
    return tiny_models.tiny_unet()


@pytest.fixture(params=KINDS)
def released(request, unet):
    """The weights of an IP-Adapter in the layout of its file."""
    return KINDS[request.param](unet)


@pytest.fixture
def plus(unet):
    return tiny_models.plus_state_dict(unet)


def assert_same(first, second):
    assert {part: set(values) for part, values in first.items()} == {part: set(v) for part, v in second.items()}
    for part in first:
        assert all(torch.equal(first[part][key], second[part][key]) for key in first[part])


def references(*shapes):
    generator = torch.Generator().manual_seed(7)
    return {"image_embeds": [torch.randn(1, 1, *shape, generator=generator) for shape in shapes]}


HIDDEN, EMBEDS = (5, 32), (16,)  # what the tiny image encoder says of a reference, to Plus and to the plain form


@torch.no_grad()
def denoised(unet, reference=None):
    generator = torch.Generator().manual_seed(8)
    latents, text = torch.randn(1, 9, 8, 8, generator=generator), torch.randn(1, 7, 32, generator=generator)
    return unet(latents, 500, text, added_cond_kwargs=reference).sample


@pytest.mark.parametrize("dtype", [torch.float32, torch.float16])
def test_a_bin_file_and_a_safetensors_file_have_the_same_weights(released, tmp_path, dtype):
    released = {part: {key: value.to(dtype) for key, value in values.items()} for part, values in released.items()}
    torch.save(released, tmp_path / "adapter.bin")
    tiny_models.save_ip_adapter(released, tmp_path / "adapter.safetensors")
    for name in ("adapter.bin", "adapter.safetensors"):
        assert_same(read_ip_adapter(tmp_path / name), released)


@pytest.mark.parametrize("name", ["adapter.bin", "adapter.safetensors"])
def test_what_is_loaded_is_written_back_bit_for_bit(unet, released, tmp_path, name):
    source, copy = tmp_path / name, tmp_path / "copy.safetensors"
    if source.suffix == ".bin":
        torch.save(released, source)
    else:
        tiny_models.save_ip_adapter(released, source)
    load_ip_adapters(unet, {name: read_ip_adapter(source)})
    assert_same(ip_adapter_weights(unet), released)
    save_ip_adapter(unet, copy)
    assert_same(read_ip_adapter(copy), released)
    assert [path.name for path in tmp_path.iterdir() if path.name.startswith(".")] == []


def test_half_precision_is_written_back_from_a_float32_unet(unet, released, tmp_path):
    halved = {part: {key: value.half() for key, value in values.items()} for part, values in released.items()}
    load_ip_adapters(unet, {"adapter": halved})
    save_ip_adapter(unet, tmp_path / "copy.safetensors", dtype=torch.float16)
    assert_same(read_ip_adapter(tmp_path / "copy.safetensors"), halved)


def test_each_of_two_adapters_is_written_back(unet, tmp_path):
    both = {name: make(unet) for name, make in KINDS.items()}
    load_ip_adapters(unet, both)
    assert [is_plain(projection) for projection in projections(unet)] == [False, True]
    for place, released in enumerate(both.values()):
        assert_same(ip_adapter_weights(unet, place), released)
        save_ip_adapter(unet, tmp_path / "copy.safetensors", place)
        assert_same(read_ip_adapter(tmp_path / "copy.safetensors"), released)


def test_exported_weights_are_copies(unet, plus):
    load_ip_adapters(unet, {"adapter": plus})
    taken = ip_adapter_weights(unet)
    with torch.no_grad():
        for parameter in (*projection_parameters(unet), *attention_parameters(unet)):
            parameter.zero_()
    assert_same(taken, plus)


@pytest.mark.parametrize("dtype", [torch.float32, torch.bfloat16])
def test_a_loaded_adapter_is_frozen_and_in_the_unets_dtype(unet, dtype):
    unet.to(dtype).requires_grad_(False)
    load_ip_adapters(unet, {name: make(unet) for name, make in KINDS.items()})
    assert {(value.dtype, value.requires_grad) for value in unet.parameters()} == {(dtype, False)}


def test_projections_and_attentions_are_all_that_an_adapter_adds(unet):
    before = {id(parameter) for parameter in unet.parameters()}
    both = {name: make(unet) for name, make in KINDS.items()}
    load_ip_adapters(unet, both)
    added = {id(parameter) for parameter in unet.parameters()} - before
    projection, attention = ([id(p) for p in get(unet)] for get in (projection_parameters, attention_parameters))
    assert not set(projection) & set(attention)
    assert {*projection, *attention} == added
    assert len(projection) + len(attention) == len(added)
    counted = sum(value.numel() for released in both.values() for part in released.values() for value in part.values())
    assert sum(parameter.numel() for parameter in unet.parameters() if id(parameter) in added) == counted


def test_a_unet_without_adapter_has_no_parts_of_one(unet):
    assert projections(unet) == projection_parameters(unet) == attention_parameters(unet) == []
    set_scales(unet, [])


@pytest.mark.parametrize(("kind", "shape"), [("plus", HIDDEN), ("plain", EMBEDS)])
def test_at_scale_0_the_unet_predicts_the_same_as_without_adapter(unet, kind, shape):
    without = denoised(unet)
    load_ip_adapters(unet, {kind: KINDS[kind](unet)})
    reference = references(shape)
    at_full = denoised(unet, reference)
    set_scales(unet, [0.0])
    assert torch.equal(denoised(unet, reference), without)
    set_scales(unet, [1.0])
    assert torch.equal(denoised(unet, reference), at_full)
    assert not torch.allclose(at_full, without, atol=1e-3)


@pytest.mark.parametrize(("kind", "shape"), [("plus", HIDDEN), ("plain", EMBEDS)])
def test_the_prediction_depends_on_the_reference(unet, kind, shape):
    load_ip_adapters(unet, {kind: KINDS[kind](unet)})
    reference = references(shape)
    other = {"image_embeds": [-features for features in reference["image_embeds"]]}
    assert not torch.allclose(denoised(unet, reference), denoised(unet, other), atol=1e-3)


def test_each_adapter_has_its_own_scale(unet):
    load_ip_adapters(unet, {"plus": KINDS["plus"](unet)})
    alone = denoised(unet, references(HIDDEN))
    load_ip_adapters(unet, {name: make(unet) for name, make in KINDS.items()})
    both = references(HIDDEN, EMBEDS)
    set_scales(unet, [1.0, 0.0])
    torch.testing.assert_close(denoised(unet, both), alone)
    set_scales(unet, [1.0, 0.5])
    assert not torch.allclose(denoised(unet, both), alone, atol=1e-3)


@pytest.mark.parametrize("scales", [[], [1.0, 1.0]])
def test_each_adapter_needs_one_scale(unet, plus, scales):
    load_ip_adapters(unet, {"adapter": plus})
    with pytest.raises(SettingError, match=rf"scales given: {len(scales)}, IP-Adapters loaded: 1\. Give one"):
        set_scales(unet, scales)


def test_a_missing_file_is_named(tmp_path):
    with pytest.raises(MissingWeightsError, match=r"a\.bin: there is no such file\. Fetch one: wallpaint models pull"):
        read_ip_adapter(tmp_path / "a.bin")


@pytest.mark.parametrize("name", ["adapter.bin", "adapter.safetensors"])
@pytest.mark.parametrize("length", [0, 5, 5000, -1000])
def test_a_file_cut_short_is_named(plus, tmp_path, name, length):
    path = tmp_path / name
    if path.suffix == ".bin":
        torch.save(plus, path)
    else:
        tiny_models.save_ip_adapter(plus, path)
    path.write_bytes(path.read_bytes()[:length])
    with pytest.raises(WeightsError, match=rf"{name}: .*damaged.*(Fetch|Get) it again") as e:
        read_ip_adapter(path)
    assert "\n" not in str(e.value)


@pytest.mark.parametrize(
    "content",
    [
        {"conv_in.weight": torch.ones(2)},
        {"image_proj.latents": torch.ones(2)},
        {"image_proj": {}, "ip_adapter": {}},
        {"image_proj": {"latents": 3}, "ip_adapter": {"1.to_k_ip.weight": torch.ones(2)}},
        {"image_proj": torch.ones(2), "ip_adapter": torch.ones(2)},
        {1: torch.ones(2)},
        [torch.ones(2)],
        torch.ones(2),
    ],
    ids=str,
)
def test_a_file_of_another_kind_is_refused(tmp_path, content):
    path = tmp_path / "lora.bin"
    torch.save(content, path)
    with pytest.raises(WeightsError, match=r"lora\.bin: (this is not an IP-Adapter|it contains no named weights)"):
        read_ip_adapter(path)


def test_an_adapter_for_another_base_is_refused(unet):
    wider = tiny_models.tiny_unet()
    wider.register_to_config(cross_attention_dim=48)
    for make in KINDS.values():
        with pytest.raises(
            WeightsError, match=r"other: 1\.to_k_ip\.weight is 16 × 48, this UNet needs 16 × 32. Use an"
        ):
            load_ip_adapters(unet, {"other": make(wider)})


def fails(unet, released, message):
    with pytest.raises(WeightsError, match=message) as caught:
        load_ip_adapters(unet, {"adapter.bin": released})
    assert str(caught.value).startswith("adapter.bin: ")
    assert "\n" not in str(caught.value)
    assert projections(unet) == []


@pytest.mark.parametrize("depth", [3, 5])
def test_a_resampler_of_another_depth_is_refused(unet, plus, depth):
    projection = plus["image_proj"]
    for key in [key for key in projection if key.startswith("layers.3.")]:
        if depth == 3:
            del projection[key]
        else:
            projection[key.replace("layers.3.", "layers.4.")] = projection[key]
    fails(unet, plus, f"its resampler has {depth} layers, only 4 are supported")


def test_a_resampler_of_another_head_size_is_refused(unet, plus):
    projection = plus["image_proj"]
    for layer in range(4):
        attention = f"layers.{layer}.0."
        projection[f"{attention}to_q.weight"] = projection[f"{attention}to_q.weight"][:48]
        projection[f"{attention}to_kv.weight"] = projection[f"{attention}to_kv.weight"][:96]
        projection[f"{attention}to_out.weight"] = projection[f"{attention}to_out.weight"][:, :48]
    fails(unet, plus, "the attention width of its resampler is 48, not a multiple of the head size 64")


def test_a_resampler_of_another_feed_forward_is_refused(unet, plus):
    projection = plus["image_proj"]
    for layer in range(4):
        projection[f"layers.{layer}.1.1.weight"] = projection[f"layers.{layer}.1.1.weight"][:64]
        projection[f"layers.{layer}.1.3.weight"] = projection[f"layers.{layer}.1.3.weight"][:, :64]
    fails(unet, plus, r"layers\.0\.1\.1\.weight is 64 × 32, this UNet needs 128 × 32")


@pytest.mark.parametrize("kind", KINDS)
def test_an_adapter_with_a_missing_weight_is_refused(unet, kind):
    whole = KINDS[kind](unet)
    for part, key in [(part, key) for part, values in whole.items() for key in values]:
        lacking = {name: dict(values) for name, values in whole.items()}
        del lacking[part][key]
        fails(unet, lacking, "is missing|its resampler has|is not supported")


@pytest.mark.parametrize("key", ["latents", "proj_in.weight", "layers.0.0.to_q.weight"])
def test_an_adapter_with_a_scalar_instead_of_a_matrix_is_refused(unet, plus, key):
    plus["image_proj"][key] = torch.tensor(1.0)
    fails(unet, plus, "its IP-Adapter cannot be loaded")


@pytest.mark.parametrize("part", ["image_proj", "ip_adapter"])
def test_an_adapter_with_an_additional_weight_is_refused(unet, released, part):
    released[part]["99.extra.weight"] = torch.ones(2)
    fails(unet, released, r"this UNet has no layer for its 99\.extra\.weight")


def test_another_kind_of_adapter_is_refused(unet, plus):
    faces = {"proj.0.weight": torch.ones(2, 2), "proj.3.weight": torch.ones(2)}
    fails(
        unet,
        {**plus, "image_proj": faces},
        "this kind of IP-Adapter is not supported. Use IP-Adapter or",
    )


@pytest.fixture
def sd15_unet():
    with torch.device("meta"):
        return UNet2DConditionModel.from_config(sd15_config("unet"))


def official_plus(unet):
    """ip-adapter-plus_sd15: the same names and shapes."""
    return tiny_models.plus_state_dict(unet, features=1280, hidden=768, heads=12, tokens=16)


def test_the_released_plus_fits_sd15(sd15_unet):
    released = official_plus(sd15_unet)
    assert sum(value.numel() for part in released.values() for value in part.values()) == 49_087_488
    assert sorted(released["ip_adapter"], key=lambda key: int(key.split(".")[0]))[-1] == "31.to_v_ip.weight"
    load_ip_adapters(sd15_unet, {"ip-adapter-plus_sd15": released})
    assert sum(p.numel() for get in (projection_parameters, attention_parameters) for p in get(sd15_unet)) == 49_087_488


@pytest.mark.slow
def test_the_released_plus_is_written_back_from_sd15(sd15_unet):
    unet = sd15_unet.to(torch.bfloat16).to_empty(device="cpu")
    released = {part: {k: v.bfloat16() for k, v in values.items()} for part, values in official_plus(unet).items()}
    load_ip_adapters(unet, {"ip-adapter-plus_sd15": released})
    assert_same(ip_adapter_weights(unet), released)


def test_scales_returns_the_scales_that_were_set(unet):
    assert scales(unet) == []
    load_ip_adapters(unet, {"plus": tiny_models.plus_state_dict(unet), "plain": tiny_models.plain_state_dict(unet)})
    assert scales(unet) == [1.0, 1.0]
    set_scales(unet, [0.0, 0.5])
    assert scales(unet) == [0.0, 0.5]
