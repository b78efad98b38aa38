"""The command line: parse, call, render, exit. Nothing below this package prints or exits."""
