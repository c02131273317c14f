"""Names and texts as SQL reads them, whatever signs they hold."""

from __future__ import annotations

from collections.abc import Iterable


def identifier(name: str) -> str:
    """Return a column or table name in double quotes.

    >>> print(identifier("TARGET=1"), identifier('a "b" c'))
    "TARGET=1" "a ""b"" c"
    """
    return '"' + name.replace('"', '""') + '"'


def literal(text: str) -> str:
    """Return a text in single quotes.

    >>> literal("it's")
    "'it''s'"
    """
    return "'" + text.replace("'", "''") + "'"


def literals(texts: Iterable[str]) -> str:
    """Return texts in single quotes with commas between."""
    return ", ".join(literal(text) for text in texts)


def path_literal(path: str) -> str:
    """Return a path as a literal in which no sign is a wildcard.

    >>> path_literal("a[1]*.parquet")
    "'a[[]1][*].parquet'"
    """
    return literal("".join(f"[{sign}]" if sign in "*?[" else sign for sign in path))
