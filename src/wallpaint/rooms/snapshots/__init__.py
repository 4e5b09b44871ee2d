"""Snapshots: small labelled pictures of varied rooms, for training networks that find walls.

Read `labels` (classes of pixels), `surface` (planes and their finish), `snapshot` (one stored picture), then how it is
made: `bundle` (a room as flat arrays), `rays`, `tracer` and `render`.
"""
