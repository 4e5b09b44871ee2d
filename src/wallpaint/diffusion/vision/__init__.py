"""Models that analyse a photo, from transformers.

Read `loading`, `depth_estimation`, then the finders of walls (see `wallpaint.mask.select.finders`):
`wall_segmentation` (without clicks), `promptable_segmentation` (with clicks) and `combined_finder` (one of each).
"""
