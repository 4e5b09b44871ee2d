"""The public checkpoints that have a name in wallpaint, each pinned to one commit."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType


@dataclass(frozen=True)
class KnownModel:
    """A public checkpoint.

    Attributes
    ----------
    name : str
        The name that users give.
    repo : str
        ``owner/name`` on the hub.
    revision : str
        A commit.
    files : tuple of str
        Paths in the repository: all that is needed, and only one copy of the weights.
    gigabytes : float
        Approximate download size in 10⁹ bytes.
    description : str
    licence : str
        Of the weights, as their publisher states it. Data that they were trained on may have other terms.
    """

    name: str
    repo: str
    revision: str
    files: tuple[str, ...]
    gigabytes: float
    description: str
    licence: str


_IMAGE_ENCODER = ("models/image_encoder/config.json", "models/image_encoder/model.safetensors")

_MODELS = (
    KnownModel(
        name="sd15",
        repo="stable-diffusion-v1-5/stable-diffusion-inpainting",
        revision="8a4288a76071f7280aedbdb3253bdb9e9d5d84bb",
        files=(
            "model_index.json",
            "scheduler/scheduler_config.json",
            "text_encoder/config.json",
            "text_encoder/model.fp16.safetensors",
            "tokenizer/merges.txt",
            "tokenizer/special_tokens_map.json",
            "tokenizer/tokenizer_config.json",
            "tokenizer/vocab.json",
            "unet/config.json",
            "unet/diffusion_pytorch_model.fp16.safetensors",
            "vae/config.json",
            "vae/diffusion_pytorch_model.fp16.safetensors",
        ),
        gigabytes=2.1,
        description="base model: Stable Diffusion 1.5 inpainting",
        licence="CreativeML OpenRAIL-M",
    ),
    KnownModel(
        name="ip-adapter-plus",
        repo="h94/IP-Adapter",
        revision="018e402774aeeddd60609b4ecdb7e298259dc729",
        files=("models/ip-adapter-plus_sd15.safetensors", *_IMAGE_ENCODER),
        gigabytes=2.6,
        description="conditions sd15 on a reference image, with 16 tokens; with its image encoder",
        licence="Apache-2.0",
    ),
    KnownModel(
        name="ip-adapter",
        repo="h94/IP-Adapter",
        revision="018e402774aeeddd60609b4ecdb7e298259dc729",
        files=("models/ip-adapter_sd15.safetensors", *_IMAGE_ENCODER),
        gigabytes=2.6,
        description="the same with 4 tokens; uses the image encoder of ip-adapter-plus",
        licence="Apache-2.0",
    ),
    KnownModel(
        name="depth-controlnet",
        repo="lllyasviel/control_v11f1p_sd15_depth",
        revision="539f99181d33db39cf1af2e517cd8056785f0a87",
        files=("config.json", "diffusion_pytorch_model.fp16.safetensors"),
        gigabytes=0.7,
        description="conditions sd15 on the room's depth",
        licence="CreativeML OpenRAIL-M",
    ),
    KnownModel(
        name="depth-anything",
        repo="depth-anything/Depth-Anything-V2-Small-hf",
        revision="5426e4f0f36572d16453bbda7a8389317b1bef99",
        files=("config.json", "preprocessor_config.json", "model.safetensors"),
        gigabytes=0.1,
        description="estimates the depth of a photo",
        licence="Apache-2.0",
    ),
    KnownModel(
        name="upernet-ade",
        repo="openmmlab/upernet-convnext-tiny",
        revision="876ffc56b819a829448f7e81e9f8606deef6fb65",
        files=("config.json", "preprocessor_config.json", "model.safetensors"),
        gigabytes=0.24,
        description="finds the walls of a photo: UperNet, ConvNeXt tiny, trained on ADE20K (images for research only)",
        licence="MIT",
    ),
    KnownModel(
        name="oneformer-ade",
        repo="shi-labs/oneformer_ade20k_swin_tiny",
        revision="05f2812b1eccf9909b3897777450f8d68148cafc",
        files=(
            "config.json",
            "merges.txt",
            "preprocessor_config.json",
            "pytorch_model.bin",
            "special_tokens_map.json",
            "tokenizer_config.json",
            "vocab.json",
        ),
        gigabytes=0.21,
        description="finds the walls of a photo: OneFormer, Swin tiny, trained on ADE20K (images for research only)",
        licence="MIT",
    ),
    KnownModel(
        name="sam2",
        repo="facebook/sam2.1-hiera-tiny",
        revision="de431c4043854a71d8101e17995dfe596bf101a5",
        files=("config.json", "preprocessor_config.json", "model.safetensors"),
        gigabytes=0.16,
        description="finds the surface at clicks: SAM 2.1, Hiera tiny",
        licence="Apache-2.0",
    ),
    KnownModel(
        name="wall-segmenter",
        repo="nvidia/segformer-b0-finetuned-ade-512-512",
        revision="489d5cd81a0b59fab9b7ea758d3548ebe99677da",
        files=("config.json", "preprocessor_config.json", "model.safetensors"),
        gigabytes=0.02,
        description="finds the walls of a photo: SegFormer B0, trained on ADE20K (images for research only)",
        licence="NVIDIA SegFormer, non-commercial",
    ),
)

KNOWN_MODELS: Mapping[str, KnownModel] = MappingProxyType({model.name: model for model in _MODELS})

MODEL_SETS: Mapping[str, tuple[str, ...]] = MappingProxyType({"wall-finder": ("upernet-ade", "sam2")})
"""Known models that are fetched together, by the name of the set."""


def members(name: str) -> tuple[str, ...]:
    """The names of the models in a set; of any other name itself.

    >>> members("wall-finder"), members("sd15")
    (('upernet-ade', 'sam2'), ('sd15',))
    """
    return MODEL_SETS.get(name, (name,))
