"""How a room answers to its paint, foretold by a small network from the photo and the mask.

Read `inputs` (what the network is shown), `network` (one pass, in numpy) with `weights`, `answer` (what it says, and
the formula that serves every colour from it; `cells`, its
grid at single pixels), `feedback` (what that means for the wall) and `beside` (for all else).
"""
