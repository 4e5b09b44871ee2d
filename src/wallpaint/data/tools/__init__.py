"""Making and checking datasets.

`export_rooms`, `import_photos` and `ade20k` write datasets, `depth_pass` adds depth; `inspect_sample`, `check` and
`check_pictures` look for faults. `process_pool` runs the work in several processes.
"""
