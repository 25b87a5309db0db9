"""`python -m bot`: the same as `limner run`."""

import sys

from bot.cli.run import main

if __name__ == "__main__":
    sys.exit(main())
