"""Scores answers against the dataset."""


def score(answers: list[str], wanted: list[str]) -> float:
    """Return the share of right answers."""
    return sum(one == other for one, other in zip(answers, wanted, strict=True)) / len(wanted)
