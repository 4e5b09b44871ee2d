"""Datasets for torch: `wall_inpainting` (photos), `painted_rooms` (rooms), `sharded` and `indexed_shards` (shards)."""
