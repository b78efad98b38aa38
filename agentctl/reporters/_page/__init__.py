"""The parts of the HTML report.

Plain Python over ElementTree, not a template: text and attributes are escaped by construction and no word of a report
can opt out of it, the types are checked, and a template engine would be one more thing to ship and to load.
"""
