"""The mini: a Stable Diffusion 1.5 inpainting model of the same classes, small enough to train on a laptop.

Read `models` (the architectures), `vae_init` (the VAE's initialization), `fitting` (the training loop), `pool` (the
training data), `vae` and `base` (the two trainings), then `build`, which runs them in order. The adapter is trained by
`wallpaint train`.
"""
