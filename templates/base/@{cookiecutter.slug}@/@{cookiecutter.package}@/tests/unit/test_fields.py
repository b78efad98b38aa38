from typing import Any

import pytest
from pydantic import TypeAdapter, ValidationError

from ...models import fields


def checked(kind: Any, value: object) -> Any:  # noqa: ANN401  # whatever the type makes of it
    return TypeAdapter(kind).validate_python(value)


@pytest.mark.parametrize(
    ("kind", "value"),
    [
        (fields.Line, "one line"),
        (fields.PlainText, "two\nlines\tand 🤖"),
        (fields.Identifier, "a_name_1"),
        (fields.Subject, "auth0|507f1f77bcf86cd799439011"),
        (fields.Email, "ann@example.org"),
        (fields.WebUrl, "http://example.org:8080/a?b=c#d"),
        (fields.SecureUrl, "https://example.org/"),
        (fields.SecureUrl, "http://[::1]:8200/v1"),
        (fields.Count, 0),
        (fields.Share, 0.5),
    ],
)
def test_what_fits_is_taken(kind: object, value: object) -> None:
    assert str(checked(kind, value)) == str(value)


@pytest.mark.parametrize(
    ("kind", "value"),
    [
        (fields.Line, " \n"),
        (fields.Line, "two\nlines"),
        (fields.PlainText, "a\x00b"),
        (fields.PlainText, "\x1b[31mred"),
        (fields.Identifier, "Robert'); DROP TABLE students;--"),
        (fields.Identifier, "../etc"),
        (fields.Subject, ""),
        (fields.Subject, "a\nb"),
        (fields.Subject, "x" * 256),
        (fields.Email, "ann@"),
        (fields.Email, "ann@example.org\nBcc: all@example.org"),
        (fields.Email, f"{'a' * 250}@example.org"),
        (fields.WebUrl, "javascript:alert(1)"),
        (fields.WebUrl, "file:///etc/passwd"),
        (fields.WebUrl, "https://ann:secret@example.org/"),
        (fields.SecureUrl, "http://example.org/"),
        (fields.SecureUrl, "http://localhost.example.org/"),
        (fields.Count, -1),
        (fields.Count, 2**63),
        (fields.Count, "7"),
        (fields.Count, True),
        (fields.Share, 1.1),
        (fields.Share, float("nan")),
    ],
)
def test_what_does_not_fit_is_refused(kind: object, value: object) -> None:
    with pytest.raises(ValidationError):
        checked(kind, value)


def test_text_is_always_the_same_letters() -> None:
    assert checked(fields.PlainText, "u\u0308") == "ü"
