"""The training step, and the other parts of the training loop; `wallpaint.train.loop` runs it.

Read `step` (pure functions), `run` (models, optimizer and data of a run), `objective`, `optimizer`, `launch` (device
and processes), `checkpoint`, `run_log`, `validation_settings` and `validator`.
"""
