"""The models of a training run: `training_models` loads them, `denoiser` joins the trained parts, `ema` averages
their weights, `attention` picks the fast kernels, `export` writes the result.
"""
