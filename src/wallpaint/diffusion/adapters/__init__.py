"""Weights added to a base: LoRA, IP-Adapter, colour tokens and ControlNet.

LoRA: `lora` (attach, scale, merge), `lora_weights` (low-rank factors), `lora_io` (files), `kohya`, `dora`.
IP-Adapter: `ip_adapter`, `color_tokens`, and `ip_adapter_init` for the weights a model starts with.
ControlNet: `controlnet`, `controlnet_init`.
"""
