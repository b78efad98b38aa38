"""One file for each step, named ``<branch>_<number>_<what>.py``.

A branch is a line of steps of its own: what a kind of agent or a part adds starts one (``down_revision = None`` and
``branch_labels``), so that two parts never have to agree on an order. Later steps name the one before.
"""
