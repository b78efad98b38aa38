"""What runs inside other people's interpreters: standard library (and pytest's hooks) only, Python 3.9 and newer.

The folder itself is put on the path of a child, so each module stands alone and is named ``agentctl_*``.
"""
