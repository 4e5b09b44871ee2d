"""One training step and what surrounds it; `wallpaint.train.loop` runs it.

Read `step` (pure functions), `run` (everything a step needs), `objective`, `optimizer`, `launch` (device and
processes), `checkpoint`, `run_log`, `validation_settings` and `validator`.
"""
