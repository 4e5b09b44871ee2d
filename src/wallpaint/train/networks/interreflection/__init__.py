"""Training of the interreflection network on rendered rooms.

Read `room_maps` (rooms in memory), `views` (training examples drawn from them) with `clutter`, `network`,
`objective`, then `training`.
"""
