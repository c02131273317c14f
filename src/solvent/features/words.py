"""Row expressions as a person says them: "amount above 100", "days from due to closed"."""

from __future__ import annotations

from solvent.features.calendars import Calendar
from solvent.features.detail import Detail
from solvent.features.expressions import (
    Arithmetic,
    Column,
    Comparison,
    Expression,
    IsIn,
    IsMissing,
    Literal,
    Logic,
    Not,
    Type,
)

_ARITHMETIC = {"+": "plus", "-": "minus", "*": "times", "/": "divided by"}
_OF_NUMBERS = {
    "==": "is", "!=": "is not", "<": "is below", "<=": "is at most", ">": "is above",
    ">=": "is at least",
}  # fmt: skip
_OF_TIMES = {
    "==": "is the same time as", "!=": "is not the same time as", "<": "is earlier than",
    "<=": "is not later than", ">": "is later than", ">=": "is not earlier than",
}  # fmt: skip
_CALENDAR = {
    "hour": "hour of", "weekday": "weekday (0 is Monday) of", "day_of_month": "day of the month of",
    "day": "calendar day of", "month": "calendar month of",
}  # fmt: skip


def words_of(expression: Expression) -> str:
    """Return an expression as a person says it: a thing for a value, a clause for a question."""
    if isinstance(expression, Column):
        return expression.declared.title or expression.name.replace("_", " ")
    if isinstance(expression, Literal):
        return _constant(expression)
    if isinstance(expression, Calendar):
        return f"{_CALENDAR[expression.part]} {expression.inner.words}"
    if isinstance(expression, Arithmetic):
        return _arithmetic(expression)
    if isinstance(expression, Detail):
        from solvent.features.describe import words_below

        return words_below(expression.feature)
    return question(expression)


def question(condition: Expression) -> str:
    """Return a truth as a clause that follows "where": `ok is yes`, `amount is above 100`."""
    if isinstance(condition, Comparison):
        return _comparison(condition)
    if isinstance(condition, Logic):
        sides = (_side(condition.left, condition.op), _side(condition.right, condition.op))
        return f" {condition.op} ".join(sides)
    if isinstance(condition, Not):
        return _not(condition.inner)
    if isinstance(condition, IsMissing):
        return f"{condition.inner.words} is not known"
    if isinstance(condition, IsIn):
        return f"{condition.inner.words} is {_one_of(condition.levels)}"
    return f"{condition.words} is yes"


def row_words(name: str, title: str) -> str:
    """Return one row of a table as a person says it, from its title or its name.

    >>> row_words("top_ups", "top-up"), row_words("top_ups", ""), row_words("bureau", "")
    ('top-up', 'top up', 'bureau row')
    """
    if title:
        return title
    words = name.replace("_", " ")
    if not words.endswith("s") or words.endswith(("ss", "us", "is")):
        return f"{words} row"
    for ending, instead in (("ies", "y"), ("sses", "ss"), ("xes", "x"), ("ches", "ch")):
        if words.endswith(ending):
            return words.removesuffix(ending) + instead
    return words.removesuffix("s")


def _comparison(condition: Comparison) -> str:
    verbs = _OF_TIMES if condition.left.type is Type.TIME else _OF_NUMBERS
    unit = condition.left.unit if isinstance(condition.right, Literal) else ""
    words = f"{condition.left.words} {verbs[condition.op]} {condition.right.words}"
    return f"{words} {unit}" if unit else words


def _arithmetic(expression: Arithmetic) -> str:
    left, right = expression.left.words, expression.right.words
    if expression.left.type is Type.TIME:
        return f"days from {right} to {left}"
    if isinstance(expression.left, Arithmetic):
        left = f"({left})"
    if isinstance(expression.right, Arithmetic):
        right = f"({right})"
    return f"{left} {_ARITHMETIC[expression.op]} {right}"


def _constant(literal: Literal) -> str:
    if isinstance(literal.value, bool):
        return "yes" if literal.value else "no"
    if isinstance(literal.value, float) and literal.value.is_integer():
        return str(int(literal.value))
    return str(literal.value) or "(empty)"


def _side(part: Expression, op: str) -> str:
    mixed = isinstance(part, Logic) and part.op != op
    return f"({question(part)})" if mixed else question(part)


def _not(inner: Expression) -> str:
    if isinstance(inner, Column):
        return f"{inner.words} is no"
    if isinstance(inner, IsMissing):
        return f"{inner.inner.words} is known"
    if isinstance(inner, IsIn):
        return f"{inner.inner.words} is not {_one_of(inner.levels)}"
    return f"it is not so that {question(inner)}"


def _one_of(levels: tuple[str, ...]) -> str:
    named = [level or "(empty)" for level in levels]
    return " or ".join([", ".join(named[:-1]), named[-1]] if len(named) > 1 else named)
