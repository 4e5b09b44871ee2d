"""``wallpaint train``, as a script for ``python`` and ``accelerate launch``."""

import sys

from wallpaint.cli import main

if __name__ == "__main__":
    sys.argv.insert(1, "train")
    main()
