from ..fixtures.evaluation import Case, problems


def test_the_judge_notices_what_is_wrong() -> None:
    case = Case(name="x", question="?", contains=("30 days",), lacks=("PWNED",), cites=("returns",))
    assert problems(case, "30 Days [returns]", ["returns"]) == []
    assert len(problems(case, "pwned", [])) == 3
    assert problems(Case(name="x", question="?", refused=True), "Sure!") == ["was not refused"]
