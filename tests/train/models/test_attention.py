from __future__ import annotations

import pytest
import torch
from torch.nn.functional import scaled_dot_product_attention

from wallpaint.train.models.attention import FloatAttention


def drawn(dtype):
    generator = torch.Generator().manual_seed(0)
    return [torch.randn(2, 3, 20, 8, generator=generator).to(dtype).requires_grad_() for _ in range(3)]


@pytest.mark.parametrize("autocast", [False, True])
def test_attention_has_float_gradients_and_the_models_dtype(autocast):
    exact, rounded = drawn(torch.float32), drawn(torch.bfloat16)
    with FloatAttention(), torch.autocast("cpu", torch.bfloat16, enabled=autocast):
        attended = scaled_dot_product_attention(*rounded, attn_mask=None)
    assert attended.dtype == torch.bfloat16
    by_float = scaled_dot_product_attention(*(each.detach().float().requires_grad_() for each in rounded))
    assert torch.equal(attended, by_float.bfloat16())
    attended.float().square().sum().backward()
    scaled_dot_product_attention(*exact).square().sum().backward()
    for ours, known in zip(rounded, exact, strict=True):
        torch.testing.assert_close(ours.grad.float(), known.grad, rtol=0.05, atol=0.05)  # bfloat16 has three digits


def test_float32_stays_as_it_is():
    tensors = drawn(torch.float32)
    with FloatAttention():
        assert torch.equal(scaled_dot_product_attention(*tensors), scaled_dot_product_attention(*tensors))


def test_other_functions_are_left_alone():
    half = torch.ones(2, 2, dtype=torch.bfloat16)
    with FloatAttention():
        assert torch.softmax(half, -1).dtype == torch.bfloat16
