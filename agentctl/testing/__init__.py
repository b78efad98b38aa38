"""``test``: suites, floors and the record of the run."""
