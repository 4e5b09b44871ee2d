"""Training the network that foretells how a room answers to its paint, from rooms alone.

Read `shelf` (rooms in memory), `views` (what a step sees of them), `network`, `objective`, then `recipe`.
"""
