"""What the UNet is conditioned on: features of the reference picture, and the embedding of the empty prompt."""
