"""The models of a training run: `training_models` loads them, `denoiser` combines the trained parts, `ema` averages
their weights, `attention` computes attention in float32 on CPUs, `export` writes the result.
"""
