"""LoRA files as other tools write them, for layers of a tiny UNet, and the changes that they stand for."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import torch
from safetensors.torch import save_file

Parts = dict[str, torch.Tensor]

BLOCK = "down_blocks.0.attentions.0.transformer_blocks.0"
LAYERS = [
    f"{BLOCK}.attn1.to_q",
    f"{BLOCK}.attn2.to_k",
    f"{BLOCK}.attn1.to_out.0",
    f"{BLOCK}.ff.net.2",
    "down_blocks.0.attentions.0.proj_in",
    "down_blocks.0.resnets.0.conv1",
]


def noise(*shape: int, seed: int = 0, size: float = 0.3) -> torch.Tensor:
    return size * torch.randn(*shape, generator=torch.Generator().manual_seed(seed))


def low_rank_parts(weight: torch.Tensor, *, rank: int = 3, alpha: float | None = 2.0, seed: int = 0) -> Parts:
    """kohya-ss' tensors of a layer."""
    parts = {
        "lora_down.weight": noise(rank, *weight.shape[1:], seed=seed),
        "lora_up.weight": noise(weight.shape[0], rank, *(1 for _ in weight.shape[2:]), seed=seed + 100),
    }
    return parts if alpha is None else {**parts, "alpha": torch.tensor(alpha)}


def loha_parts(weight: torch.Tensor, *, rank: int = 3, alpha: float = 2.0, seed: int = 0) -> Parts:
    """LyCORIS' tensors of a layer of a LoHa without a middle factor."""
    inputs = weight[0].numel()
    parts = {}
    for half in (1, 2):
        parts[f"hada_w{half}_a"] = noise(weight.shape[0], rank, seed=seed + half)
        parts[f"hada_w{half}_b"] = noise(rank, inputs, seed=seed + 10 * half)
    return {**parts, "alpha": torch.tensor(alpha)}


def delta_of(parts: Mapping[str, torch.Tensor], weight: torch.Tensor) -> torch.Tensor:
    """The change of a layer's weight for these tensors of a LoRA or a LoHa."""
    if "lora_up.weight" in parts:
        down, up = parts["lora_down.weight"], parts["lora_up.weight"]
        product, rank = up.flatten(1) @ down.flatten(1), down.shape[0]
    else:
        halves = [parts[f"hada_w{half}_a"] @ parts[f"hada_w{half}_b"] for half in (1, 2)]
        product, rank = halves[0] * halves[1], parts["hada_w1_b"].shape[0]
    return (float(parts.get("alpha", rank)) / rank * product).reshape(weight.shape)


def write(path: Path, layers: Mapping[str, Parts], metadata: dict[str, str] | None = None) -> Path:
    """A file with the tensors of these layers, joined by dots."""
    tensors = {f"{layer}.{part}": tensor for layer, parts in layers.items() for part, tensor in parts.items()}
    save_file({name: tensor.contiguous() for name, tensor in tensors.items()}, path, metadata)
    return path


def write_kohya(path: Path, layers: Mapping[str, Parts]) -> Path:
    """A file with kohya-ss' names of the layers."""
    return write(path, {"lora_unet_" + layer.replace(".", "_"): parts for layer, parts in layers.items()})
