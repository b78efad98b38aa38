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
    _leave(code)


def _leave(code: int) -> NoReturn:
    """Exit without freeing object by object, which takes longer than many a command; all that waits for the end runs.

    Where a thread is still at work the interpreter ends as ever, and waits for it.
    """
    import atexit
    import os
    import threading
    from contextlib import suppress

    if threading.active_count() == 1:
        atexit._run_exitfuncs()  # noqa: SLF001 - what the interpreter itself calls at its end
        with suppress(OSError, ValueError):  # closed; what was to be told is told
            sys.stdout.flush()
            sys.stderr.flush()
            os._exit(code)
    sys.exit(code)


if __name__ == "__main__":
    main()
