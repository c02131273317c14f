# ruff: noqa: S608 - names and labels are quoted, numbers written by repr
"""A card as one SQL statement: the same margin, points and PD as here, to the last digit."""

from __future__ import annotations

from collections.abc import Callable
from enum import StrEnum
from typing import Final

from solvent.models.calibrators.curve import FURTHEST
from solvent.models.points import Line, PointsCard

TABLE: Final = "applications"
OWN_WORD: Final = "solvent"


class Dialect(StrEnum):
    """The databases a card can be scored in."""

    DUCKDB = "duckdb"
    POSTGRES = "postgres"


def card_sql(card: PointsCard, dialect: Dialect, *, title: str, table: str = TABLE) -> str:
    """Return a query that adds margin, points and PD to every row of a table.

    The table has a column for each characteristic, named as the feature. A number that is infinite
    is refused here: there its row's margin, points and PD are null. They are called solvent_margin,
    solvent_points and solvent_pd, so that no column of the table is taken for one of them; where a
    characteristic is called like that, underscores follow the first word.

    Args:
        card: The card.
        dialect: Of the database.
        title: What the card is, for a comment.
        table: The table's name.
    """
    number, own = _DOUBLES[dialect], _own_word(card)
    straight = card.calibration
    bins = [f"{own}_bin_{at + 1}" for at in range(len(card.lines))]
    lines = list(zip(bins, card.lines, strict=True))
    placed = "".join(f",\n    {_place(line, dialect)} AS {place}" for place, line in lines)
    margin = " + ".join([
        number(card.model.intercept),
        *(_cases(place, [number(one.log_odds) for one in line.bins]) for place, line in lines),
    ])  # fmt: skip
    points = " + ".join([
        str(card.start),
        *(_cases(place, [str(one.points) for one in line.bins]) for place, line in lines),
    ])  # fmt: skip
    log_odds = f"{number(straight.intercept)} + {number(straight.slope)} * {own}_margin"
    if straight.shift:
        log_odds = f"({log_odds}) + {number(straight.shift)}"
    far, one = number(FURTHEST), number(1.0)
    return (
        f"-- {_comment(title)}\n"
        f"-- Rename {TABLE} to your table; it needs a column for each characteristic:\n"
        f"-- {_comment(', '.join(line.name for line in card.lines))}\n"
        f"WITH placed AS (\n  SELECT *{placed}\n  FROM {quoted(table)}\n),\n"
        f"summed AS (\n  SELECT *,\n    {margin} AS {own}_margin,\n    {points} AS {own}_points\n"
        "  FROM placed\n)\n"
        f"SELECT *,\n  CASE WHEN {own}_margin IS NOT NULL THEN\n"
        f"    {one} / ({one} + exp(-greatest(-{far}, least({far}, {log_odds})))) END AS {own}_pd\n"
        "FROM summed\n"
    )


def quoted(name: str) -> str:
    """Return a name as SQL reads it.

    >>> quoted('the "best" one')
    '"the ""best"" one"'
    """
    doubled = name.replace('"', '""')
    return f'"{doubled}"'


def text(value: str) -> str:
    """Return a label as SQL reads it.

    >>> text("O'Hara")
    "'O''Hara'"
    """
    doubled = value.replace("'", "''")
    return f"'{doubled}'"


_DOUBLES: Final[dict[Dialect, Callable[[float], str]]] = {
    # 0.1 alone is a decimal there, and sums of decimals are other sums
    Dialect.DUCKDB: lambda value: f"CAST('{value!r}' AS DOUBLE)",
    Dialect.POSTGRES: lambda value: f"float8 '{value!r}'",
}
_INFINITE: Final = ("Infinity", "-Infinity")


def _place(line: Line, dialect: Dialect) -> str:
    """Return the place of a row's bin; null where its number is infinite."""
    column = quoted(line.name)
    value = _number(line, dialect) if line.is_number else f"CAST({column} AS VARCHAR)"
    whens: list[tuple[str, int | None]] = []
    rest = 0
    for at, one in enumerate(line.bins):
        if one.missing:
            whens.append((f"{column} IS NULL", at))
            if line.is_number:
                whens.append((f"{value} = {_cast('NaN', dialect)}", at))
    if line.is_number:
        both = ", ".join(_cast(word, dialect) for word in _INFINITE)
        whens.append((f"{value} IN ({both})", None))
    for at, one in enumerate(line.bins):
        whens += [(f"{value} = {_code(code, dialect)}", at) for code in one.special]
    for at, one in enumerate(line.bins):
        if one.up_to is not None:
            whens.append((f"{value} <= {_DOUBLES[dialect](one.up_to)}", at))
        elif one.levels and not one.others:
            whens.append((f"{value} IN ({', '.join(map(text, one.levels))})", at))
        if one.others or (one.ranged and one.up_to is None):
            rest = at
    told = " ".join(f"WHEN {when} THEN {'NULL' if at is None else at}" for when, at in whens)
    return f"CASE {told} ELSE {rest} END"


def _number(line: Line, dialect: Dialect) -> str:
    """Return a column as a double; true is 1 and false 0, as solvent reads them.

    Postgres has no such cast. Where every edge lies where it parts 0 from 1, the column may hold
    truths there, and is read by its text, which of numbers moves none across such an edge.
    """
    column = quoted(line.name)
    if dialect is Dialect.DUCKDB:
        return f"CAST({column} AS DOUBLE)"
    edges = [one.up_to for one in line.bins if one.up_to is not None]
    if not all(0.0 <= edge < 1.0 for edge in edges):
        return f"CAST({column} AS float8)"
    words = f"CAST({column} AS VARCHAR)"
    return (
        f"CASE {words} WHEN 'true' THEN float8 '1' WHEN 'false' THEN float8 '0' "
        f"ELSE CAST({words} AS float8) END"
    )


def _cast(word: str, dialect: Dialect) -> str:
    return f"CAST('{word}' AS DOUBLE)" if dialect is Dialect.DUCKDB else f"float8 '{word}'"


def _code(code: float | str, dialect: Dialect) -> str:
    return text(code) if isinstance(code, str) else _DOUBLES[dialect](code)


def _cases(column: str, values: list[str]) -> str:
    told = " ".join(f"WHEN {place} THEN {value}" for place, value in enumerate(values))
    return f"\n      CASE {column} {told} END"


def _own_word(card: PointsCard) -> str:
    """Return the first word of the columns that are made, with which no characteristic starts."""
    word = OWN_WORD
    while any(line.name.startswith(word) for line in card.lines):
        word += "_"
    return word


def _comment(words: str) -> str:
    return " ".join(words.split())
