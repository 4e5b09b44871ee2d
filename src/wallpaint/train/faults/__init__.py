"""Early detection of a run's faults, and one-line error messages.

`preflight` (missing files, before anything is loaded), `nan_guard` (NaN or infinite losses and gradients), `memory`
(out of memory), `write_errors` (a full disk, a folder that cannot be written).
"""
