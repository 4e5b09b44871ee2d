"""Interreflection: how light between the walls and the rest of the room changes with the paint.

A small network predicts two numbers for each pixel from the photo and the mask; a closed formula gives the change for
every colour. Read `formula` (the two numbers and the formula), `prediction` (the network run on one photo), then
`correction` (the change on the wall itself) and `surroundings` (the change everywhere else).
"""
