"""Reading LoRA files of every common tool.

`keys` (names of tensors in each tool's spelling), `config` (alpha and other settings beside the tensors), `read`
(from a file to the changes of a UNet's layers). Writing is in `adapters.lora_io` and `adapters.kohya`.
"""
