"""Small networks that come with the package: one forward pass in numpy, their inputs and their weights.

Read `forward_pass` (U-Net inference without torch), `weights` (reading the shipped safetensors files), then
`interreflection_inputs`. Training lives in `wallpaint.train.networks`.
"""
