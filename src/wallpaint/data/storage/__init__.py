"""Datasets on disk: folders, metadata and shards.

Read `layout` (the folder layout and its metadata), `flat` (the layout without metadata), `file_pairs` (images and
masks by name), `pictures` (the files of one sample), `dataset_settings`, then `shards` and `shard_index`.
"""
