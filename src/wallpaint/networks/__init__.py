"""Small networks that come with the package: a forward pass in numpy, their inputs and their weights.

Read `forward_pass` (U-Net inference without torch), `weights` (reading the shipped safetensors files), then
`interreflection_inputs`. Training is in `wallpaint.train.networks`.
"""
