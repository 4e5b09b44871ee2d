"""Models that analyse a photo, from transformers: `depth_estimation` and `wall_segmentation`."""
