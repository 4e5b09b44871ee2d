"""From the model's small picture to the photo's full size.

Read `crop` (the part of the photo that the model paints), `latent_mask`, `pattern_detection`, `detail` (the wall's fine
detail) and `compositing`.
"""
