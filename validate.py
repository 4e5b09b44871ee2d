"""``python validate.py`` is ``wallpaint validate``."""

import sys

from wallpaint.cli import main

if __name__ == "__main__":
    sys.argv.insert(1, "validate")
    main()
