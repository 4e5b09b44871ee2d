"""Several LoRAs together: the sum of their changes, whatever their kinds."""

from __future__ import annotations

import pytest
import torch
from diffusers import StableDiffusionInpaintPipeline
from lora_files import LAYERS, delta_of, loha_parts, low_rank_parts, write_kohya
from tiny_lora import predict, unet_with_lora
from tiny_models import tiny_unet

from wallpaint.diffusion.adapters.lora import LoraSettings, lora_weights
from wallpaint.diffusion.adapters.lora_io import load_lora, load_loras, save_lora
from wallpaint.errors import SettingError

SCALES = (1.0, 0.6, -0.4)


@pytest.fixture(scope="module")
def three(tmp_path_factory):
    """Three plain LoRAs of different rank and alpha, one of them with rsLoRA."""
    folder = tmp_path_factory.mktemp("three")
    kinds = (LoraSettings(rank=4, alpha=6), LoraSettings(rank=2, alpha=2), LoraSettings(rank=3, alpha=4, rslora=True))
    return [
        save_lora(unet_with_lora(kind, seed=seed), folder / f"{seed}.safetensors") for seed, kind in enumerate(kinds)
    ]


def test_three_loras_equal_the_sum_that_diffusers_computes(three):
    ours, stock = tiny_unet(), tiny_unet()
    load_loras(ours, zip(three, SCALES, strict=True))
    for number, path in enumerate(three):
        state, alphas, metadata = StableDiffusionInpaintPipeline.lora_state_dict(path, return_lora_metadata=True)
        StableDiffusionInpaintPipeline.load_lora_into_unet(
            state, alphas, stock, metadata=metadata, adapter_name=f"lora{number}"
        )
    stock.set_adapters([f"lora{number}" for number in range(3)], list(SCALES))
    assert (predict(ours) - predict(tiny_unet())).abs().max() > 0.01
    torch.testing.assert_close(predict(ours), predict(stock), atol=1e-4, rtol=0)


def test_the_sum_of_weights_is_exact(three):
    summed, expected = tiny_unet(), dict[str, torch.Tensor]()
    load_loras(summed, zip(three, SCALES, strict=True))
    for path, scale in zip(three, SCALES, strict=True):
        load_lora(alone := tiny_unet(), path)
        for layer, change in changes(alone).items():
            expected[layer] = expected.get(layer, 0) + scale * change
    for layer, change in changes(summed).items():
        torch.testing.assert_close(change, expected[layer], atol=1e-5, rtol=0)


def changes(unet):
    weights = lora_weights(unet)
    return {
        layer: weights.factor(layer) * update.up.flatten(1) @ update.down.flatten(1)
        for layer, update in weights.updates.items()
    }


def test_kinds_may_be_mixed_and_their_order_does_not_matter(three, tmp_path):
    loha, dora = tmp_path / "loha.safetensors", tmp_path / "dora.safetensors"
    unet = tiny_unet()
    parts = {layer: loha_parts(unet.get_submodule(layer).weight, seed=n) for n, layer in enumerate(LAYERS)}
    write_kohya(loha, parts)
    save_lora(unet_with_lora(LoraSettings(rank=2, alpha=2, dora=True), seed=8), dora)
    loras = [(three[0], 0.7), (loha, 0.5), (dora, 0.3)]
    for order in (loras, loras[::-1]):
        load_loras(unet := tiny_unet(), order)
        for layer in (LAYERS[0], LAYERS[-1]):
            weight = tiny_unet().get_submodule(layer).weight.detach()
            load_lora(alone := tiny_unet(), dora)
            of_dora = torch.zeros_like(weight)
            if layer in lora_weights(alone).updates:
                module = alone.get_submodule(layer)
                module.merge()
                of_dora = module.get_base_layer().weight.detach() - weight
            expected = weight + 0.5 * delta_of(parts[layer], weight) + 0.3 * of_dora
            base = unet.get_submodule(layer)
            base = base.get_base_layer() if hasattr(base, "get_base_layer") else base
            torch.testing.assert_close(base.weight.detach(), expected, atol=1e-5, rtol=0)


def test_a_scale_of_zero_disables_a_file(three, tmp_path):
    write_kohya(tmp_path / "x.safetensors", {LAYERS[0]: loha_parts(tiny_unet().get_submodule(LAYERS[0]).weight)})
    load_loras(unet := tiny_unet(), [(tmp_path / "x.safetensors", 0.0), (three[0], 0.0)])
    assert torch.equal(predict(unet), predict(tiny_unet()))


def test_a_scale_that_is_not_finite_changes_nothing(three, tmp_path):
    weight = tiny_unet().get_submodule(LAYERS[0]).weight
    write_kohya(tmp_path / "x.safetensors", {LAYERS[0]: low_rank_parts(weight)})
    unet = tiny_unet()
    with pytest.raises(SettingError, match="choose a finite number"):
        load_loras(unet, [(tmp_path / "x.safetensors", 1.0), (three[0], float("inf"))])
    assert torch.equal(predict(unet), predict(tiny_unet()))
