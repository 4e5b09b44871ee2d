"""Training data: pictures of walls, each with a reference made from the colour of its own wall.

A sample's reference is always a swatch made from a colour, never the photo the wall is in: a model that is shown the
photo as its reference learns to copy it.

Read in this order: `samples` (one room or photo to one training sample), `storage` (folders and shards), `datasets`
(what a data loader reads), `tools` (making and checking datasets).
"""

from wallpaint.optional import lazy_face

__getattr__, __dir__, __all__ = lazy_face(__name__, __file__)
