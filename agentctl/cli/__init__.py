"""The command line: parse, call, render, exit. The only place that imports typer, prints or exits."""

import gc

# A command starts, works and ends: looking for cycles at the default rate costs 4 % of a start, and most of a big file.
gc.set_threshold(100_000, 50, 50)
