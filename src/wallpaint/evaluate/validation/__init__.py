"""Validation of a model: paint samples, measure before and after the colour lock, write figures and sheets.

Read `samples`, `painted_samples`, `sanity_checks`, `grid` with `depth_map`, `files`, then `validate` (the run).
`checkpoints`, `targets`, `curves`, `training_log` and `training_report` make a page about a whole training.
"""
