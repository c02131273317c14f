"""Names that begin with what somebody typed: the same in both databases, and by the index."""

from __future__ import annotations

from typing import Final

from sqlalchemy import ColumnElement, and_, true
from sqlalchemy.sql import ColumnExpressionArgument
from sqlalchemy.sql.elements import KeyedColumnElement

_LAST: Final = 0x10FFFF
_BEFORE_SURROGATES, _AFTER_SURROGATES = 0xD7FF, 0xE000


def begins_with(column: KeyedColumnElement[str], prefix: str) -> ColumnElement[bool]:
    """Return the condition that a column begins with a prefix, letter by letter.

    LIKE would not do: SQLite's makes no difference between capital and small letters, and `%` and
    `_` mean something in it.

    Args:
        column: Text sorted by code point.
        prefix: What it begins with; everything does with an empty one.
    """
    if not prefix:
        return true()
    after = _after(prefix)
    bounds: list[ColumnExpressionArgument[bool]] = [column >= prefix]
    if after:
        bounds.append(column < after)
    return and_(*bounds)


def _after(prefix: str) -> str:
    """Return the first text behind all that begin with `prefix`; empty where there is none.

    >>> _after("abc"), _after("a" + chr(0x10FFFF)), _after(chr(0x10FFFF))
    ('abd', 'b', '')
    """
    for end in range(len(prefix), 0, -1):
        code = ord(prefix[end - 1])
        if code < _LAST:
            following = _AFTER_SURROGATES if code == _BEFORE_SURROGATES else code + 1
            return prefix[: end - 1] + chr(following)
    return ""
