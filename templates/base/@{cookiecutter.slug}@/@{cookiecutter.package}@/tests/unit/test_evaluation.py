from ..fixtures.evaluation import Case, problems


def test_the_judge_notices_what_is_wrong() -> None:
    case = Case(name="x", question="?", contains=("30 days",), lacks=("PWNED",), cites=("returns",))
    assert problems(case, "30 Days [returns]", ["returns"]) == []
    assert len(problems(case, "pwned", [])) == 3
    assert problems(Case(name="x", question="?", refused=True), "Sure!") == ["was not refused"]
    rated = Case(name="x", question="?", reference="You have 30 days to return it.")
    assert problems(rated, "To return it, you have 30 days.") == []
    assert len(problems(rated, "It depends.")) == 1
