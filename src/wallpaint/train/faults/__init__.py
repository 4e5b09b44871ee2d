"""Faults of a run, found early and reported in one line.

`preflight` (missing files, before anything is loaded), `nan_guard` (losses and gradients that are not finite), `memory`
(out of memory), `write_errors` (a full disk, a folder that cannot be written).
"""
