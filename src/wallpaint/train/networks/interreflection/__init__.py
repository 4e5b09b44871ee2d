"""Training the network that foretells how a room answers to its paint, from rooms alone.

Read `shelf` (rooms in memory), `views` (what a step sees of them) with `clutter`, `network`, `objective`, then `recipe`
and `export`.
"""
