"""Training of the network that refines a wall's edge, on snapshots of rendered rooms.

Read `network`, `thin_things` (strands, leaves and cables drawn before the wall), `wrong_masks` (errors of masks),
`views` (training examples), `objective` and `training`.
"""
