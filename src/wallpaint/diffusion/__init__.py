"""Zero-prompt inpainting: the Stable Diffusion 1.5 inpainting UNet, conditioned by a reference picture, never by text.

Read in this order:

- `hub`: which public models are known, how they are downloaded and checked
- `checkpoints`: base models and weight files
- `encoders`: the image encoder and the empty-prompt embedding
- `adapters`: LoRA, IP-Adapter, colour tokens, ControlNet
- `precision`: dtype and memory layout
- `model_files` and `model`: all parts together
- `fullsize`: crop, latent mask, detail, and the composite at the photo's size
- `sampling`: schedulers and the sampler
- `engine` and `load`: `load_engine` does it all
- `vision`: depth estimation and wall segmentation

Needs the extra ``wallpaint[diffusion]``.
"""

import logging

from wallpaint.optional import lazy_face

__getattr__, __dir__, __all__ = lazy_face(__name__, __file__, extra="diffusion", feature="Painting with diffusion")


def _is_wanted(record: logging.LogRecord) -> bool:
    return "requires torchvision (not installed)" not in record.getMessage()


# transformers falls back to Pillow without torchvision, and warns about it at each import
logging.getLogger("transformers.utils.import_utils").addFilter(_is_wanted)
