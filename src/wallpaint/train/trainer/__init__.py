"""The training loop: `step` (pure functions), `run` (everything a step needs), `loop`.

Around it: `objective`, `optimizer`, `launch` (device and processes), `checkpoint`, `nan_guard`, `run_log`,
`validation_settings` and `validator`.
"""
