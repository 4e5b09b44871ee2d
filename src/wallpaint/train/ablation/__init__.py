"""Ablations: the same training several times, with one setting changed each time.

Read `ablations` (the changes), `ablate` (the runs), `results` and `plot`.
"""
