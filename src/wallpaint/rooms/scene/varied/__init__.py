"""Varied rooms: not beautiful but unlike each other, with the white things that finders of walls mistake for wall.

Read `plan` (the outline), `finishes` (what walls wear), `fixtures`, `textiles`, `decoration`, `people` (the things),
`light`, `camera_pose`; then `build`, `shell`, `joinery`, `furniture_plan`, `hanging_plan` (what goes where) and
`room`, which draws them together.
"""
