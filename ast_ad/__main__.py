"""`python -m ast_ad`."""

import sys

from ast_ad.cli import main

if __name__ == "__main__":
    sys.exit(main())
