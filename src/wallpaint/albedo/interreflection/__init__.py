"""How a room answers to its paint, foretold by a small network from the photo and the mask.

Read `inputs` (what the network is shown), `network` (one pass, in numpy) with `weights`, `formula` (what it says, and
how every colour follows from that), `answer` (all of it for one photo), then `feedback` (what it means for the wall)
and `beside` (for all else). `cells` looks a coarse grid up at single pixels.
"""
