"""Arithmetic on what a model wrote: numbers, brackets and four operations; nothing is evaluated as a program."""

import ast
import operator
from collections.abc import Callable
from decimal import Decimal, DecimalException

from ..exceptions import InvalidInputError

OPERATIONS: dict[type[ast.operator], Callable[[Decimal, Decimal], Decimal]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: operator.truediv,
}
NO_VALUE = "the expression has no value"


def calculate(expression: str) -> Decimal:
    """Return the value of an expression such as ``(30 - 14) / 7``.

    Raises:
        InvalidInputError: It is no such expression, or has no value.
    """
    try:
        value = _value(ast.parse(expression, mode="eval").body)
    except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
        message = "only numbers, brackets and + - * / are understood"
        raise InvalidInputError(message) from error
    except DecimalException as error:
        raise InvalidInputError(NO_VALUE) from error
    if not value.is_finite():
        raise InvalidInputError(NO_VALUE)
    return value


def _value(node: ast.expr) -> Decimal:
    match node:
        case ast.Constant(value=int() | float() as number) if not isinstance(number, bool):
            return Decimal(number) if isinstance(number, int) else Decimal(repr(number))
        case ast.UnaryOp(op=ast.USub(), operand=operand):
            return -_value(operand)
        case ast.BinOp(left=left, op=operation, right=right) if type(operation) in OPERATIONS:
            return OPERATIONS[type(operation)](_value(left), _value(right))
        case _:
            raise ValueError(ast.dump(node))
