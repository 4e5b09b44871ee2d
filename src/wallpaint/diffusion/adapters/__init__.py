"""Weights added to a base: LoRA, IP-Adapter, colour tokens and ControlNet.

LoRA: `lora` (attach, scale, merge), `lora_weights` (low-rank factors), `weight_deltas` (LoHa, LoKr and others), `dora`,
`lora_sum` (several together), `lora_files` (reading), `lora_io` and `kohya` (writing).
IP-Adapter: `ip_adapter`, `color_tokens`, and `ip_adapter_init` for the weights a model starts with.
ControlNet: `controlnet`, `controlnet_init`.
"""
