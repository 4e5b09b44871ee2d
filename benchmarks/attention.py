"""Speed of attention in training on a CPU: torch's bfloat16, and float32 within a bfloat16 model.

    python benchmarks/attention.py

Forward and backward, at the sizes of the mini (batch 48) and of Stable Diffusion 1.5 (batch 1): self-attention over all
latents, and cross-attention over a reference's tokens.
"""

from __future__ import annotations

import time

import torch
from torch.nn.functional import scaled_dot_product_attention

from wallpaint.train.models.attention import FloatAttention

SHAPES = {
    "mini, latents": ((48, 4, 256, 16), 256),
    "mini, tokens": ((48, 4, 256, 16), 8),
    "SD 1.5, latents": ((1, 8, 4096, 40), 4096),
    "SD 1.5, tokens": ((1, 8, 4096, 40), 16),
}
REPEATS = 5


def seconds(shape: tuple[int, int, int, int], tokens: int, in_float: bool) -> float:
    """Seconds of one forward and backward pass: the median of several, after one warm-up."""
    query = torch.randn(shape, dtype=torch.bfloat16, requires_grad=True)
    key, value = (torch.randn(*shape[:2], tokens, shape[3], dtype=torch.bfloat16, requires_grad=True) for _ in range(2))
    taken = []
    for _ in range(REPEATS + 1):
        start = time.perf_counter()
        if in_float:
            with FloatAttention():
                attended = scaled_dot_product_attention(query, key, value)
        else:
            attended = scaled_dot_product_attention(query, key, value)
        attended.sum().backward()
        taken.append(time.perf_counter() - start)
    return sorted(taken[1:])[REPEATS // 2]


def main() -> None:
    print(f"{torch.get_num_threads()} threads, torch {torch.__version__}")
    print(f"{'':20}{'bfloat16':>12}{'float32':>12}{'ratio':>8}")
    for name, (shape, tokens) in SHAPES.items():
        half, full = (seconds(shape, tokens, in_float) for in_float in (False, True))
        print(f"{name:20}{1000 * half:>9.1f} ms{1000 * full:>9.1f} ms{half / full:>8.1f}")


if __name__ == "__main__":
    main()
