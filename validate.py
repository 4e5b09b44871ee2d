"""``wallpaint validate``, as a script."""

import sys

from wallpaint.cli import main

if __name__ == "__main__":
    sys.argv.insert(1, "validate")
    main()
