"""``agentctl`` and ``python -m agentctl``: as little as can be, so that Ctrl-C is met from the first moment on."""

import sys
from typing import NoReturn


def main() -> NoReturn:
    """Run the command line and exit; the console script."""
    try:
        from agentctl.cli.app import run

        code = run(sys.argv[1:])
    except KeyboardInterrupt:
        sys.stderr.write("error: interrupted\n")
        code = 130
    sys.exit(code)


if __name__ == "__main__":
    main()
