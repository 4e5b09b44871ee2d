"""Dtype and memory layout: `choose` measures which is fastest, `mixed_precision` applies it to a module."""
