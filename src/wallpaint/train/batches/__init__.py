"""What a training step reads: samples in order, encoded to latents and tokens, with noise and timesteps.

Read `samples`, `batch`, `encoded_samples`, `noise`. `debug_references` writes what the model is shown as pictures.
"""
