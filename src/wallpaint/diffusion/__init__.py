"""Zero-prompt inpainting: the Stable Diffusion 1.5 inpainting UNet, conditioned on a reference image, without text.

Read in this order:

- `hub`: known public models, download and checksums
- `checkpoints`: base models and weight files
- `pixel_values` and `encoders`: image tensors, the image encoder and the empty-prompt embedding
- `adapters`: LoRA, IP-Adapter, colour tokens, ControlNet
- `precision`: dtype and memory layout
- `lora_sources`, `model_files` and `model`: all parts by their names, and together
- `fullsize`: crop, latent mask, detail, and the composite at the photo's size
- `sampling`: settings, schedulers and the sampler
- `engine` and `load`: the engine, and `load_engine`, which loads everything
- `vision`: depth estimation and finders of walls

Needs the extra ``wallpaint[diffusion]``.
"""

import logging

from wallpaint.optional import lazy_face

__getattr__, __dir__, __all__ = lazy_face(__name__, __file__, extra="diffusion", feature="Painting with diffusion")


def _is_relevant(record: logging.LogRecord) -> bool:
    return "requires torchvision (not installed)" not in record.getMessage()


# without torchvision transformers uses Pillow, and warns about it at each import
logging.getLogger("transformers.utils.import_utils").addFilter(_is_relevant)
