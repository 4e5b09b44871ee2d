"""How a room answers to its paint, foretold by a small network."""
