"""Files of weights as the world has them: each row of docs/weight-files.md, with the shapes of Stable Diffusion 1.5.

`ROWS` has by the row's name the option of ``wallpaint paint`` that the file is given to, a function that makes the file
in a folder, and what happens: the part of a note or of the refusal, or an empty string if it is used without a note.
"""

from __future__ import annotations

import functools
import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import ldm_layout
import torch
from diffusers import AutoencoderKL, ControlNetModel, UNet2DConditionModel
from sparse_weights import Shapes, shapes_of, write_sparse
from transformers import CLIPTextConfig, CLIPTextModel

from wallpaint.diffusion.checkpoints.configs import sd15_config

LAYER = "down_blocks.0.attentions.0.transformer_blocks.0"
CONV = "down_blocks.0.resnets.0.conv1"


@dataclass(frozen=True)
class Row:
    option: str
    make: Callable[[Path], Path]
    note: str = ""
    refusal: str = ""
    is_known_to_check: bool = True  # False if `models check`, which knows no base, does not refuse it


@functools.cache
def sd15_unet(channels: int = 9, width: int = 768) -> UNet2DConditionModel:
    """The UNet without data."""
    with torch.device("meta"):
        return UNet2DConditionModel.from_config(
            {**sd15_config("unet"), "in_channels": channels, "cross_attention_dim": width}
        )


@functools.cache
def whole_checkpoint(channels: int = 9, width: int = 768) -> Shapes:
    """Names and shapes of a single file of the original code."""
    with torch.device("meta"):
        vae = AutoencoderKL.from_config(sd15_config("vae"))
        text = CLIPTextModel(CLIPTextConfig(**sd15_config("text_encoder")))
    return shapes_of(ldm_layout.single_file(sd15_unet(channels, width), vae, text))


def attentions() -> dict[str, tuple[int, ...]]:
    """The 128 layers that most LoRAs change, with the shapes of their weights."""
    names = ("to_q", "to_k", "to_v", "to_out.0")
    state = sd15_unet().state_dict()
    return {
        name.removesuffix(".weight"): tuple(weight.shape)
        for name, weight in state.items()
        if "attentions" in name and name.endswith(tuple(f".{each}.weight" for each in names))
    }


def original(layer: str) -> str:
    """A layer's name in the original code."""
    return ldm_layout._unet_key(f"{layer}.weight", sd15_unet()).removesuffix(".weight")


def lora(
    spell: Callable[[str], str],
    down: str = "lora_down.weight",
    up: str = "lora_up.weight",
    *,
    alpha: bool = True,
    more: Shapes | None = None,
    metadata: dict[str, str] | None = None,
    name: str = "lora.safetensors",
) -> Callable[[Path], Path]:
    """A LoRA of rank 4 on all attentions."""

    def make(folder: Path) -> Path:
        shapes: dict[str, tuple[int, ...]] = {}
        for layer, (outputs, inputs, *_) in attentions().items():
            shapes[f"{spell(layer)}.{down}"] = (4, inputs)
            shapes[f"{spell(layer)}.{up}"] = (outputs, 4)
            if alpha:
                shapes[f"{spell(layer)}.alpha"] = ()
        return write_sparse(folder / name, {**shapes, **(more or {})}, metadata)

    return make


def kohya(layer: str) -> str:
    return "lora_unet_" + layer.replace(".", "_")


def named(shapes: Shapes, name: str = "x.safetensors") -> Callable[[Path], Path]:
    return lambda folder: write_sparse(folder / name, shapes)


def layer_of(parts: Shapes, layer: str = f"{LAYER}.attn2.to_k") -> Callable[[Path], Path]:
    """A file with the tensors of one layer."""
    return named({f"{kohya(layer)}.{part}": shape for part, shape in parts.items()})


def peft_folder(folder: Path) -> Path:
    lora(lambda layer: f"base_model.model.{layer}", "lora_A.weight", "lora_B.weight", alpha=False)(folder).rename(
        folder / "adapter_model.safetensors"
    )
    (folder / "adapter_config.json").write_text(json.dumps({"peft_type": "LORA", "r": 4, "lora_alpha": 8}))
    return folder


def old_diffusers(folder: Path) -> Path:
    shapes = {}
    for layer, (outputs, inputs, *_) in attentions().items():
        attention, _, part = layer.removesuffix(".0").rpartition(".")
        start = f"unet.{attention}.processor.{part}_lora"
        shapes |= {f"{start}.down.weight": (4, inputs), f"{start}.up.weight": (outputs, 4)}
    return write_sparse(folder / "pytorch_lora_weights.safetensors", shapes)


def pickled(folder: Path) -> Path:
    weights = {f"unet.{LAYER}.attn1.to_q.lora_A.weight": torch.zeros(4, 320)}
    weights[f"unet.{LAYER}.attn1.to_q.lora_B.weight"] = torch.zeros(320, 4)
    torch.save(weights, folder / "pytorch_lora_weights.bin")
    return folder / "pytorch_lora_weights.bin"


class _Harmful:
    def __reduce__(self) -> tuple[Any, ...]:
        return (print, ("code was run",))


def unsafe(name: str) -> Callable[[Path], Path]:
    def make(folder: Path) -> Path:
        torch.save({"state_dict": {"a": torch.zeros(2)}, "callbacks": _Harmful()}, folder / name)
        return folder / name

    return make


def content(name: str, value: bytes) -> Callable[[Path], Path]:
    def make(folder: Path) -> Path:
        (folder / name).write_bytes(value)
        return folder / name

    return make


def cut(folder: Path) -> Path:
    path = lora(kohya)(folder)
    path.write_bytes(path.read_bytes()[:-100])
    return path


def diffusers_base(channels: int) -> Callable[[Path], Path]:
    def make(folder: Path) -> Path:
        write_sparse(folder / "unet/diffusion_pytorch_model.safetensors", shapes_of(sd15_unet(channels).state_dict()))
        config = {**sd15_config("unet"), "in_channels": channels}
        (folder / "unet/config.json").write_text(json.dumps(config))
        return folder

    return make


def lightning(folder: Path) -> Path:
    """The tensors are few: `models check` lists what is there."""
    weights = {
        "model.diffusion_model.input_blocks.0.0.weight": torch.zeros(320, 9, 3, 3),
        "model.diffusion_model.time_embed.0.weight": torch.zeros(1280, 320),
        f"model.diffusion_model.{original(f'{LAYER}.attn2.to_k')}.weight": torch.zeros(320, 768),
    }
    torch.save({"state_dict": weights, "global_step": 440000, "lr_schedulers": [], "loops": None}, folder / "x.ckpt")
    return folder / "x.ckpt"


def control(prefix: str = "", width: int = 768) -> Callable[[Path], Path]:
    """A ControlNet with the names of diffusers."""

    def make(folder: Path) -> Path:
        with torch.device("meta"):
            model = ControlNetModel.from_config({**sd15_config("controlnet"), "cross_attention_dim": width})
        return write_sparse(folder / "x.safetensors", shapes_of(model.state_dict()))

    return make


def ip_adapter(projection: Shapes, width: int = 768, more: Shapes | None = None) -> Callable[[Path], Path]:
    unet = sd15_unet()
    attention: dict[str, tuple[int, ...]] = {}
    places = [name for name in unet.attn_processors if name.endswith("attn2.processor")]
    for number, name in enumerate(places):
        outputs = unet.get_submodule(name.removesuffix(".processor")).to_q.in_features
        attention |= {f"ip_adapter.{2 * number + 1}.to_{key}_ip.weight": (outputs, width) for key in "kv"}
    return named({**{f"image_proj.{name}": shape for name, shape in projection.items()}, **attention, **(more or {})})


def resampler(width: int = 768) -> Shapes:
    shapes: dict[str, tuple[int, ...]] = {
        "latents": (1, 16, 768),
        "proj_in.weight": (768, 1280),
        "proj_in.bias": (768,),
        "proj_out.weight": (width, 768),
        "proj_out.bias": (width,),
        "norm_out.weight": (width,),
        "norm_out.bias": (width,),
    }
    for layer in range(4):
        for norm in ("0.norm1", "0.norm2", "1.0"):
            shapes |= {f"layers.{layer}.{norm}.{part}": (768,) for part in ("weight", "bias")}
        shapes |= {
            f"layers.{layer}.0.to_q.weight": (768, 768),
            f"layers.{layer}.0.to_kv.weight": (1536, 768),
            f"layers.{layer}.0.to_out.weight": (768, 768),
            f"layers.{layer}.1.1.weight": (3072, 768),
            f"layers.{layer}.1.3.weight": (768, 3072),
        }
    return shapes


def plain(width: int = 768) -> Shapes:
    return {
        "proj.weight": (4 * width, 1024),
        "proj.bias": (4 * width,),
        "norm.weight": (width,),
        "norm.bias": (width,),
    }


TEXT = {
    "lora_te_text_model_encoder_layers_0_mlp_fc1.lora_down.weight": (4, 768),
    "lora_te_text_model_encoder_layers_0_mlp_fc1.lora_up.weight": (3072, 4),
    "lora_te_text_model_encoder_layers_0_mlp_fc1.alpha": (),
}
NO_ALPHA = "it has no alpha, so its rank is used"
OTHER_METHOD = "of adapters of weights LoRA, DoRA, LoHa, LoKr and differences are supported"
XL = "model.diffusion_model.input_blocks.4.1.transformer_blocks.0.attn2.to_k.weight"
XL_MORE = {"model.diffusion_model.label_emb.0.0.weight": (1280, 2816), "first_stage_model.decoder.conv_in.bias": (512,)}

ROWS = {
    # LoRAs
    "lora-diffusers": Row(
        "lora",
        lora(
            "unet.{}".format,
            "lora_A.weight",
            "lora_B.weight",
            alpha=False,
            metadata={"lora_adapter_metadata": '{"unet.lora_alpha": 8}'},
        ),
    ),
    "lora-diffusers-2023": Row(
        "lora", lora("unet.{}".format, "lora.down.weight", "lora.up.weight", alpha=False), NO_ALPHA
    ),
    "lora-diffusers-processors": Row("lora", old_diffusers, NO_ALPHA),
    "lora-peft-folder": Row("lora", peft_folder),
    "lora-peft-default": Row(
        "lora",
        lora("base_model.model.{}".format, "lora_A.default.weight", "lora_B.default.weight", alpha=False),
        NO_ALPHA,
    ),
    "lora-kohya": Row("lora", lora(kohya)),
    "lora-kohya-text": Row("lora", lora(kohya, more=TEXT), "its 1 layers of a text encoder are ignored"),
    "lora-kohya-original": Row("lora", lora(lambda layer: kohya(original(layer)))),
    "lora-lycoris-prefix": Row("lora", lora(lambda layer: "lycoris_" + layer.replace(".", "_"))),
    "lora-comfy": Row(
        "lora",
        lora(lambda layer: f"diffusion_model.{original(layer)}", "lora_A.weight", "lora_B.weight", alpha=False),
        NO_ALPHA,
    ),
    "lora-onetrainer-embedding": Row(
        "lora",
        lora(kohya, more={"bundle_emb.wall.string_to_param.*": (2, 768)}),
        "its 1 embeddings of words are ignored",
    ),
    "lora-convolutions": Row(
        "lora", layer_of({"lora_down.weight": (4, 320, 3, 3), "lora_up.weight": (320, 4, 1, 1), "alpha": ()}, CONV)
    ),
    "lora-middle-factor": Row(
        "lora",
        layer_of(
            {
                "lora_down.weight": (4, 320, 1, 1),
                "lora_mid.weight": (4, 4, 3, 3),
                "lora_up.weight": (320, 4, 1, 1),
                "alpha": (),
            },
            CONV,
        ),
    ),
    "lora-pickled": Row("lora", pickled, NO_ALPHA),
    "loha": Row(
        "lora",
        layer_of(
            {"hada_w1_a": (320, 4), "hada_w1_b": (4, 768), "hada_w2_a": (320, 4), "hada_w2_b": (4, 768), "alpha": ()}
        ),
    ),
    "loha-middle-factors": Row(
        "lora",
        layer_of(
            {
                "hada_t1": (4, 4, 3, 3),
                "hada_w1_a": (4, 320),
                "hada_w1_b": (4, 320),
                "hada_t2": (4, 4, 3, 3),
                "hada_w2_a": (4, 320),
                "hada_w2_b": (4, 320),
                "alpha": (),
            },
            CONV,
        ),
    ),
    "lokr": Row("lora", layer_of({"lokr_w1": (16, 24), "lokr_w2_a": (20, 4), "lokr_w2_b": (4, 32), "alpha": ()})),
    "lokr-whole": Row("lora", layer_of({"lokr_w1": (16, 24), "lokr_w2": (20, 32), "alpha": ()})),
    "lokr-convolution": Row("lora", layer_of({"lokr_w1": (8, 8), "lokr_w2": (40, 40, 3, 3), "alpha": ()}, CONV)),
    "dora": Row(
        "lora",
        layer_of({"lora_down.weight": (4, 768), "lora_up.weight": (320, 4), "alpha": (), "dora_scale": (320, 1)}),
    ),
    "dora-by-inputs": Row(
        "lora",
        layer_of({"lora_down.weight": (4, 768), "lora_up.weight": (320, 4), "alpha": (), "dora_scale": (1, 768)}),
    ),
    "difference": Row("lora", layer_of({"diff": (320, 320, 3, 3), "diff_b": (320,)}, CONV)),
    "difference-of-norms": Row("lora", layer_of({"w_norm": (320,), "b_norm": (320,)}, "down_blocks.0.resnets.0.norm1")),
    "lora-odd-layer": Row(
        "lora",
        lora(
            kohya,
            more={
                "lora_unet_mid_block_x.lora_down.weight": (4, 4),
                "lora_unet_mid_block_x.lora_up.weight": (4, 4),
                "lora_unet_mid_block_x.alpha": (),
            },
        ),
        "1 of its 129 layers are skipped, the first is lora_unet_mid_block_x: it is not in this UNet",
    ),
    "lora-text-only": Row("lora", named(TEXT), "text encoder", "it changes no layer of the UNet", False),
    "lora-other-layers": Row(
        "lora",
        named({"lora_unet_x.lora_down.weight": (4, 8), "lora_unet_x.lora_up.weight": (8, 4), "lora_unet_x.alpha": ()}),
        refusal="1 of its 1 layers do not fit this UNet",
        is_known_to_check=False,
    ),
    "lora-sd2": Row("lora", layer_of({"lora_down.weight": (4, 1024)}), refusal="SD 2"),
    "lora-sdxl": Row(
        "lora",
        named(
            {
                "lora_unet_input_blocks_4_1_transformer_blocks_0_attn2_to_k.lora_down.weight": (4, 2048),
                "lora_unet_input_blocks_4_1_transformer_blocks_0_attn2_to_k.lora_up.weight": (640, 4),
            }
        ),
        refusal="SDXL",
    ),
    "lora-sd3": Row(
        "lora", named({"transformer.transformer_blocks.0.attn.add_q_proj.lora_A.weight": (4, 1536)}), refusal="SD 3"
    ),
    "lora-flux": Row(
        "lora", named({"lora_unet_double_blocks_0_img_attn_qkv.lora_down.weight": (4, 3072)}), refusal="Flux"
    ),
    "lora-wan": Row(
        "lora", named({"diffusion_model.blocks.0.self_attn.q.lora_A.weight": (4, 1536)}), refusal="a transformer"
    ),
    "oft": Row("lora", layer_of({"oft_blocks": (4, 80, 80), "alpha": ()}), refusal=OTHER_METHOD),
    "glora": Row(
        "lora", layer_of({f"{part}.weight": (4, 4) for part in ("a1", "a2", "b1", "b2")}), refusal=OTHER_METHOD
    ),
    "ia3": Row("lora", layer_of({"weight": (320, 1), "on_input": ()}), refusal=OTHER_METHOD),
    "textual-inversion": Row("lora", named({"emb_params": (2, 768)}), refusal="there is no prompt"),
    "lora-unsafe": Row("lora", unsafe("x.bin"), refusal="unsafe: it contains Python objects"),
    "lora-cut": Row("lora", cut, refusal="damaged"),
    "web-page": Row("lora", content("x.safetensors", b"<!DOCTYPE html><html>Sign in</html>"), refusal="damaged"),
    # base models
    "base-folder": Row("model", diffusers_base(9)),
    "base-file": Row("model", named(whole_checkpoint())),
    "base-lightning": Row("model", lightning),
    "base-text-to-image": Row("model", named(whole_checkpoint(4)), refusal="4 input channels, not 9"),
    "base-folder-text-to-image": Row("model", diffusers_base(4), refusal="4 input channels, not 9"),
    "base-pix2pix": Row("model", named(whole_checkpoint(8)), refusal="8 input channels, not 9"),
    "base-sd2-inpainting": Row("model", named(whole_checkpoint(9, 1024)), refusal="SD 2 inpainting"),
    "base-sdxl": Row(
        "model",
        named({"model.diffusion_model.input_blocks.0.0.weight": (320, 4, 3, 3), XL: (640, 2048), **XL_MORE}),
        refusal="SDXL",
    ),
    "base-sdxl-inpainting": Row(
        "model",
        named({"model.diffusion_model.input_blocks.0.0.weight": (320, 9, 3, 3), XL: (640, 2048), **XL_MORE}),
        refusal="SDXL inpainting",
    ),
    "base-sd3": Row(
        "model",
        named({"model.diffusion_model.joint_blocks.0.context_block.adaLN_modulation.1.bias": (9216,)}),
        refusal="SD 3",
    ),
    "base-flux": Row(
        "model",
        named({"model.diffusion_model.double_blocks.0.img_attn.norm.key_norm.scale": (128,)}),
        refusal="Flux",
    ),
    "base-unsafe": Row("model", unsafe("x.ckpt"), refusal="unsafe: it contains Python objects"),
    "base-is-a-lora": Row("model", lora(kohya), refusal="a LoRA, not a base model", is_known_to_check=False),
    "base-is-a-vae": Row(
        "model",
        named({"decoder.conv_in.weight": (512, 4, 3, 3), "encoder.conv_in.weight": (128, 3, 3, 3)}),
        refusal="an AutoencoderKL, not a base model",
        is_known_to_check=False,
    ),
    # ControlNets
    "controlnet": Row("controlnet", control()),
    "controlnet-sd2": Row("controlnet", control(width=1024), refusal="SD 2"),
    "controlnet-sdxl": Row(
        "controlnet",
        named(
            {
                "controlnet_cond_embedding.conv_in.weight": (16, 3, 3, 3),
                "down_blocks.1.attentions.0.transformer_blocks.0.attn2.to_k.weight": (640, 2048),
            }
        ),
        refusal="SDXL",
    ),
    "control-lora": Row(
        "controlnet",
        named({"lora_controlnet": (0,), "input_blocks.1.0.in_layers.2.up": (320, 128)}),
        refusal="a Control-LoRA",
    ),
    "controlnet-lllite": Row(
        "controlnet",
        named({"lllite_unet_input_blocks_4_1_transformer_blocks_0_attn1_to_q.down.0.weight": (32, 640)}),
        refusal="a ControlNet-LLLite",
    ),
    "t2i-adapter": Row(
        "controlnet",
        named({"conv_in.weight": (320, 192, 3, 3), "body.0.block1.weight": (320, 320, 3, 3)}),
        refusal="a T2I-Adapter",
    ),
    "controlnet-is-a-lora": Row("controlnet", lora(kohya), refusal="not a ControlNet", is_known_to_check=False),
    # IP-Adapters
    "ip-adapter-plus": Row("ip_adapter", ip_adapter(resampler())),
    "ip-adapter": Row("ip_adapter", ip_adapter(plain())),
    "ip-adapter-sdxl": Row("ip_adapter", ip_adapter(resampler(2048), 2048), refusal="SDXL"),
    "ip-adapter-full-face": Row(
        "ip_adapter",
        ip_adapter({"proj.0.weight": (1280, 1280), "proj.2.weight": (768, 1280), "proj.3.weight": (768,)}),
        refusal="it was made for faces",
    ),
    "ip-adapter-faceid": Row(
        "ip_adapter",
        ip_adapter(
            {"proj.0.weight": (1024, 512), "proj.2.weight": (3072, 1024), "norm.weight": (768,)},
            more={"ip_adapter.0.to_q_lora.down.weight": (128, 320)},
        ),
        refusal="it reads embeddings of faces",
    ),
    "ip-adapter-faceid-plus": Row(
        "ip_adapter",
        ip_adapter({"proj.0.weight": (1024, 512), "perceiver_resampler.proj_in.weight": (768, 1280)}),
        refusal="it reads embeddings of faces",
    ),
}
