"""Models that look at one photo: `depth_estimation` and `wall_segmentation`, both by transformers."""
