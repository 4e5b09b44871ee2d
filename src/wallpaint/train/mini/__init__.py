"""The mini: Stable Diffusion 1.5 inpainting made small enough to be trained on a laptop, of the same classes.

Read `shapes` (what the models are), `identity` (how the VAE starts), `fitting` (the loop that both share), then the
recipes in the order they are run: `vae`, `pool` and `base`. The adapter is trained by `wallpaint train`.
"""
