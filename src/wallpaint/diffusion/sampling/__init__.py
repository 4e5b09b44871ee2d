"""Sampling: the `settings`, the `schedulers`, diffusers' `pipeline` without prompt, and the `sampler`."""
