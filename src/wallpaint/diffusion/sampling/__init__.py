"""From noise to latents: `schedulers` by name, diffusers' `pipeline`, and the `sampler` that draws batches."""
