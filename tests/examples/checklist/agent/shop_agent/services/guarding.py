"""Keeps what clients write from being read as orders."""


def safeguarded(text: str) -> str:
    """Return the text without what tells the model to do something else."""
    return text.replace("ignore all rules", "")
