"""``loadtest``: the plan, the generator in its child process, the gates and the record."""
