"""Training of the small networks on rendered rooms, one folder each.

`fit_on_views`, `snapshot_files` and `onnx_file` serve several.
"""
