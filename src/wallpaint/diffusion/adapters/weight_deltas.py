"""Changes of a layer's weight that are not two low-rank factors: LoHa, LoKr, differences, DoRA by inputs.

They are merged into the base's weights. Formulas as in LyCORIS (Yeh et al. 2024, "Navigating text-to-image
customization: from LyCORIS fine-tuning to model evaluation"). DoRA: Liu et al. 2024.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from wallpaint.optional import needs_extra

with needs_extra("diffusion", "LoRA"):
    import torch

DOWN, UP = "lora_A.weight", "lora_B.weight"  # peft's names of the two factors

_SMALLEST_NORM = 1e-12


@dataclass(frozen=True)
class WeightDelta:
    """The change of one layer.

    Attributes
    ----------
    tensors : dict of str to Tensor
        By LyCORIS' names: ``hada_w1_a`` … (LoHa), ``lokr_w1`` … (LoKr), ``diff``; or ``lora_A.weight`` and
        ``lora_B.weight``. Empty if only the bias changes.
    factor : float
        Factor on the delta.
    magnitude : (out, 1, …) or (1, in, …), or None
        For a DoRA: the norm of each output's, or each input's, weights after the change.
    bias : (out,) or None
        Added to the layer's bias.
    """

    tensors: Mapping[str, torch.Tensor]
    factor: float = 1.0
    magnitude: torch.Tensor | None = None
    bias: torch.Tensor | None = None

    def shape(self) -> tuple[int, ...]:
        """Shape of the delta, computed without data. Raises `RuntimeError` if the factors do not match."""
        return tuple(replace(self, tensors=_on(self.tensors, "meta"))._product().shape)

    def change(self, weight: torch.Tensor) -> torch.Tensor:
        """W′ − W in float32 for the base's weight W, at scale 1."""
        base = weight.detach().float()
        tensors = {name: tensor.to(base.device, torch.float32) for name, tensor in self.tensors.items()}
        delta = self.factor * replace(self, tensors=tensors)._product().reshape(base.shape)
        if self.magnitude is None:
            return delta
        updated, magnitude = base + delta, self.magnitude.to(base.device, torch.float32)
        kept = 0 if magnitude.shape[0] != 1 or magnitude.shape[1] == 1 else 1
        others = [axis for axis in range(base.ndim) if axis != kept]
        norm = torch.linalg.vector_norm(updated, dim=others, keepdim=True)
        return updated * (magnitude / norm.clamp(min=_SMALLEST_NORM)) - base

    def _product(self) -> torch.Tensor:
        names = self.tensors
        if "diff" in names:
            return names["diff"]
        if "hada_w1_a" in names:
            return self._hadamard_half("1") * self._hadamard_half("2")
        if "lokr_w1" in names or "lokr_w1_a" in names:
            return _kronecker(self._kronecker_half("1"), self._kronecker_half("2"))
        return names[UP].flatten(1) @ names[DOWN].flatten(1)

    def _hadamard_half(self, which: str) -> torch.Tensor:
        a, b = self.tensors[f"hada_w{which}_a"], self.tensors[f"hada_w{which}_b"]
        core = self.tensors.get(f"hada_t{which}")
        return a.flatten(1) @ b.flatten(1) if core is None else _tucker(core, a, b)

    def _kronecker_half(self, which: str) -> torch.Tensor:
        whole = self.tensors.get(f"lokr_w{which}")
        if whole is not None:
            return whole
        a, b = self.tensors[f"lokr_w{which}_a"], self.tensors[f"lokr_w{which}_b"]
        core = self.tensors.get(f"lokr_t{which}")
        return (a @ b.flatten(1)).reshape(a.shape[0], *b.shape[1:]) if core is None else _tucker(core, a, b)


def rank_of(tensors: Mapping[str, torch.Tensor]) -> int | None:
    """The rank that alpha is divided by; None if the change has no alpha (differences, LoKr of two whole matrices)."""
    for name in ("hada_w1_b", "lokr_w1_b", "lokr_w2_b", DOWN):
        if name in tensors:
            return int(tensors[name].shape[0])
    return None


def _tucker(core: torch.Tensor, a: torch.Tensor, b: torch.Tensor) -> torch.Tensor:
    """core (r, r, h, w), a (r, out), b (r, in) → (out, in, h, w)."""
    return torch.einsum("ij...,ip,jq->pq...", core, a, b)


def _kronecker(first: torch.Tensor, second: torch.Tensor) -> torch.Tensor:
    first = first.reshape(*first.shape, *(1 for _ in range(second.ndim - first.ndim)))
    return torch.kron(first, second.contiguous())


def _on(tensors: Mapping[str, torch.Tensor], device: str) -> dict[str, torch.Tensor]:
    return {name: tensor.to(device) for name, tensor in tensors.items()}
