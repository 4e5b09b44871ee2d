"""Varied rooms: not beautiful but unlike each other, with the white things that finders of walls mistake for wall.

Read `plan` (the shell), `finishes` (what walls wear), `fixtures`, `textiles`, `decoration`, `people` (the things),
`light`, `camera_pose`, then `room`, which draws them together.
"""
