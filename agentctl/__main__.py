"""``python -m agentctl``: the same as the ``agentctl`` command."""

from agentctl.cli.app import main

if __name__ == "__main__":
    main()
