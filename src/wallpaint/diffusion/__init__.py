"""Zero-prompt inpainting: Stable Diffusion 1.5's inpainting UNet, told by pictures alone.

Needs the extra ``wallpaint[diffusion]``.
"""

from wallpaint.diffusion.sd15_config import sd15_config

__all__ = ["sd15_config"]
