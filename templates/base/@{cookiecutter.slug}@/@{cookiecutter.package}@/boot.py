"""A start that does not wait for the garbage collector.

While a process loads its modules hardly anything becomes garbage, but Python looks through all of it again and again,
which is a third of the start. Import this module before any other. What was loaded when ``done`` is called is never
looked at again, which also makes later collections short.
"""

import gc

gc.disable()


def done() -> None:
    """Collect garbage from now on."""
    gc.freeze()
    gc.enable()
