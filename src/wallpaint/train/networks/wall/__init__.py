"""Training of the networks that find walls, on snapshots of rendered rooms.

Read `network`, `pretrained` (the encoder's first weights), `views` (training examples), `simulated_clicks`, `objective`
and `training`.
"""
