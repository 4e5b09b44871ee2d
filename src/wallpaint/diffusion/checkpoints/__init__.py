"""Base models and weight files.

Read `configs` (the configurations of Stable Diffusion 1.5), `tensor_file`, `pickled` and `tensor_headers` (weights and
their headers), `family` and `kinds` (SD 1.5, SDXL …; UNet, LoRA …), `loading` (folders and single files, one kind of
error for all faults), `single_file`, `vae`, `base` and `merge_inpainting`. `inventory` lists the parts in a folder or
file.
"""
