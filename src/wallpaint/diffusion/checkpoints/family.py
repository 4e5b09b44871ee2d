"""The family of a model or adapter, such as "SD 1.5 inpainting" or "SDXL", from its tensors' names and shapes."""

from __future__ import annotations

import re
from collections.abc import Mapping

Shape = tuple[int, ...]
Shapes = Mapping[str, Shape]

SD15, SD2, SDXL = "SD 1.5", "SD 2", "SDXL"
INPAINTING_CHANNELS = 9  # noisy latents, mask, latents of the masked photo

_TOKEN_WIDTHS = {768: SD15, 1024: SD2, 2048: SDXL, 1280: "SDXL refiner"}  # of the text that the UNet reads
_CHANNELS = {4: "", 5: " depth", 8: " instruct-pix2pix", INPAINTING_CHANNELS: " inpainting"}

# in this order; each matches names of a file's tensors, with underscores or dots between their parts
_MARKS = (
    ("Flux", r"double_blocks[._]|single_transformer_blocks[._]|(^|[._])single_blocks[._]"),
    ("SD 3", r"joint_blocks[._]|(^|[._])transformer_blocks[._]\d+[._]attn[._]add_[qkv]_proj"),
    (
        "a transformer, such as Wan or PixArt",
        r"^(diffusion_model\.|transformer\.|base_model\.model\.|lora_(unet|transformer)_)?(transformer_)?blocks[._]\d",
    ),
    (SDXL, r"^lora_te2_|^text_encoder_2\.|^conditioner\.embedders\.1|label_emb[._]|add_embedding[._]"),
    (SD2, r"^cond_stage_model\.model\."),
)
_CONTEXT = re.compile(
    r"(?:attn2[._](?:processor[._])?to_[kv](?:_lora)?|ip_adapter\.\d+\.to_[kv]_ip)\."
    r"(?:lora_down|lora_A|lora\.down|lora_linear_layer\.down|down|hada_w1_b|diff|weight|\w+\.lora_A)"
)
_FIRST_LAYER = re.compile(
    r"^(model\.diffusion_model\.|diffusion_model\.|control_model\.|unet\.)?(conv_in|input_blocks\.0\.0)\.weight$"
)
_LATER_BLOCK = re.compile(r"transformer_blocks[._][1-9]")  # SD 1.x and 2.x have one in each attention


def family_of(shapes: Shapes) -> str:
    """The family of the UNet in a file, or of the UNet that an adapter in it was trained for.

    Parameters
    ----------
    shapes : mapping of str to tuple of int
        Shape of each tensor by name.

    Returns
    -------
    str
        Such as "SD 1.5 inpainting", "SD 1.5", "SD 2", "SDXL", "SD 3", "Flux"; "" if nothing tells.
    """
    width = token_width(shapes)
    if width is not None:
        family = _TOKEN_WIDTHS.get(width, f"a UNet with tokens of width {width:,}")
        return family + _CHANNELS.get(input_channels(shapes) or 4, f" with {input_channels(shapes)} input channels")
    for family, pattern in _MARKS:
        if any(re.search(pattern, name) for name in shapes):
            return family
    return SDXL if any(_LATER_BLOCK.search(name) for name in shapes) else ""


def is_foreign(family: str) -> bool:
    """Whether a family is known, and is not that of Stable Diffusion 1.5.

    >>> is_foreign("SDXL inpainting"), is_foreign("SD 1.5"), is_foreign("a UNet with tokens of width 128")
    (True, False, False)
    """
    known = (*_TOKEN_WIDTHS.values(), *(name for name, _ in _MARKS))
    return not family.startswith(SD15) and family.startswith(known)


def token_width(shapes: Shapes) -> int | None:
    """Width of the tokens that the cross-attentions read: 768 for Stable Diffusion 1.5."""
    return next((shape[1] for name, shape in shapes.items() if len(shape) > 1 and _CONTEXT.search(name)), None)


def input_channels(shapes: Shapes) -> int | None:
    """Input channels of a UNet: 9 for inpainting, 4 for text to image."""
    return next((shape[1] for name, shape in shapes.items() if len(shape) == 4 and _FIRST_LAYER.search(name)), None)
