"""``python train_lora_inpainting.py``, also by ``accelerate launch``, is ``wallpaint train``."""

import sys

from wallpaint.cli import main

if __name__ == "__main__":
    sys.argv.insert(1, "train")
    main()
