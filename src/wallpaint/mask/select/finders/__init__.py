"""Finders: which pixels of a photo are wall, from clicks or without any.

Read `finder` (what every finder does), `rooms` (the networks that come with the package) and `edges` (no network:
`surfaces`, `growth`, `outline_snapping`). Finders that need transformers are in `wallpaint.diffusion.vision`.
"""
