"""Validation of a model: paint samples, measure before and after the colour lock, write metrics and sheets.

Read `samples`, `painted_samples`, `sanity_checks`, `grid` with `depth_map`, `files`, then `validate` (the run).
`targets`, `curves`, `training_log` and `training_report` write a report of a whole training. `checkpoints` finds the
weights, `folder` links the output folder.
"""
