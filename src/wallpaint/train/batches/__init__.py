"""The inputs of a training step: samples in order, encoded to latents and reference features, noise and timesteps.

Read `samples`, `batch`, `encoded_samples`, `noise`. `own_dataset` loads the user's dataset class; `debug_references`
writes the model's inputs as images.
"""
