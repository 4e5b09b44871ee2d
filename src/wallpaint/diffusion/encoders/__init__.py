"""Conditioning of the UNet: features of the reference image, and the embedding of the empty prompt."""
