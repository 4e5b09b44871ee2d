"""Base models and weight files.

Read `configs` (the configurations of Stable Diffusion 1.5), `tensor_file` and `tensor_headers` (weights and their
headers), `loading` (folders and single files, one kind of error for all faults), `single_file` and `base`. `inventory`
lists the parts in a folder or file.
"""
