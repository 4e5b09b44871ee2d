"""From the model's small picture back to the photo's own pixels.

Read `crop` (which part of the photo the model sees), `latent_mask`, `pattern_detection`, `detail` (the wall's fine
detail) and `compositing`.
"""
