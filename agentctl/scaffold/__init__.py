"""``new``: a project from templates, all of it or nothing."""
