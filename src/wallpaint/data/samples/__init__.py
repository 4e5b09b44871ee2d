"""One training sample: from a room or a photo to tensors.

Read `paints` (which colours walls get), `random_crop`, `reference`, `epoch_rng`, `from_rooms` with `room_set` and
`ray_depth`, `from_photos` with `photo_sampler`, then `sample` (tensors).
"""
