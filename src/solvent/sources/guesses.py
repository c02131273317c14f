"""What a column of an unknown file looks like, and why: guesses for a person to check."""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum

from solvent.features.columns import MAX_SCALE
from solvent.sources.conversion import Physical

MISSING_WORDS = (
    "nan", "na", "n/a", "n.a.", "null", "(null)", "none", "nil", "#n/a", "#nv", "<na>", "xna", "?",
    "-", "--", "nat", "k.a.", "k. a.", "k.a", "keine angabe", "s/d", "n/d",
)  # fmt: skip
YES_WORDS = ("1", "true", "t", "yes", "y", "sim", "s", "si", "sí", "oui", "ja", "j", "да", "bad")
NO_WORDS = ("0", "false", "f", "no", "n", "não", "nao", "non", "nein", "нет", "good")
MONEY_WORDS = (
    "amount", "amt", "price", "income", "loan", "due", "fee", "salary", "saldo", "valor", "credit",
    "annuity", "balance", "payment", "debt", "bill", "principal", "instalment", "installment",
    "renda", "ingreso", "monto", "importe", "cost", "revenue", "wage", "limit", "sum",
)  # fmt: skip
NOT_MONEY_WORDS = (
    "number", "count", "cnt", "num", "qty", "quant", "day", "date", "month", "year", "term", "rate",
    "ratio", "score", "pct", "percent", "type", "status", "flag", "code", "age", "relative",
)  # fmt: skip
MOST_LEVELS = 200
"""Texts with more levels than this look like ids or free text."""
MOST = 0.98
"""A guess of dates or numbers stands where at least this share of the values fits."""
_FEW = 20
"""An id has more different values than this."""
_ID = re.compile(
    r"(^|[^a-z])(id|uuid|guid|key|cpf|msisdn)([^a-z]|$)|(loan|customer|user|client)id$"
)


class Looks(StrEnum):
    """What a column looks like."""

    INSTANT = "instant"
    DATE = "date"
    INTEGER = "integer"
    NUMBER = "number"
    MONEY = "money"
    FLAG = "flag"
    CATEGORY = "category"
    ID = "id"
    TEXT = "free text"
    EMPTY = "empty"


@dataclass(frozen=True, slots=True, kw_only=True)
class Figures:
    """What was counted of one column; blank cells and MISSING_WORDS do not count as values.

    Args:
        name: The column.
        kept: How the file keeps it.
        rows: Rows of the file.
        values: Cells with a value.
        distinct: Different values; exact up to MOST_LEVELS and where `unique` is true.
        unique: True where every row has a value of its own.
        levels: Values from frequent to rare, where there are at most MOST_LEVELS.
        whole: Values that are whole numbers (12 or 12.0).
        numeric: Values that are numbers.
        decimals: Most decimals of a number.
        days: Values that are bare days, ISO or by `format`.
        times: Values that are ISO times with a clock, or times by `format`.
        format: Pattern under which values are times, if they are not ISO.
        spaced: Values with a space inside.
    """

    name: str
    kept: Physical
    rows: int
    values: int
    distinct: int
    unique: bool
    levels: tuple[str, ...]
    whole: int
    numeric: int
    decimals: int
    days: int
    times: int
    format: str | None
    spaced: int


def most(fitting: int, values: int) -> bool:
    """Tell whether so many of the values fit that the others are faults in the data.

    >>> most(3_999, 4_000), most(39, 40), most(0, 0)
    (True, False, False)
    """
    return 0 < fitting >= MOST * values


def odd_values(figures: Figures, looks: Looks) -> int:
    """Return how many values are not what the column looks like, so that their rows are refused."""
    if looks in {Looks.DATE, Looks.INSTANT}:
        kept = figures.kept in {Physical.DATE, Physical.NAIVE, Physical.ZONED}
        return 0 if kept else figures.values - figures.days - figures.times
    is_number = looks in {Looks.INTEGER, Looks.NUMBER, Looks.MONEY, Looks.ID}
    fits = is_number and most(figures.numeric, figures.values)
    return figures.values - figures.numeric if fits else 0


def guess(figures: Figures) -> tuple[Looks, str]:
    """Return what a column looks like and why."""
    if figures.values == 0:
        return Looks.EMPTY, "no cell has a value"
    for look in (_time, _flag, _id, _number):
        found = look(figures)
        if found is not None:
            return found
    if figures.levels:
        return Looks.CATEGORY, f"guessed: {len(figures.levels)} different texts"
    if figures.spaced * 2 > figures.values:
        return Looks.TEXT, "guessed: many different texts, most with spaces"
    return Looks.ID, "guessed: many different texts without spaces, repeated"


def _every(fitting: int, figures: Figures) -> str:
    """Return "every value is", or how many are not."""
    if fitting == figures.values:
        return "every value is"
    return f"all but {figures.values - fitting:,} of {figures.values:,} values are"


def _time(figures: Figures) -> tuple[Looks, str] | None:
    written = f" as {figures.format}" if figures.format else ""
    if figures.kept in {Physical.NAIVE, Physical.ZONED} and figures.days < figures.values:
        return Looks.INSTANT, "the file keeps times"
    both = figures.days + figures.times
    if not most(both, figures.values):
        return None
    every, one = _every(both, figures), both == figures.values
    if not figures.times:
        return Looks.DATE, f"{every} {'a day' if one else 'days'}{written}"
    return Looks.INSTANT, f"{every} {'a time' if one else 'times'}{written}"


def _flag(figures: Figures) -> tuple[Looks, str] | None:
    if figures.kept is Physical.BOOLEAN:
        return Looks.FLAG, "the file keeps yes or no"
    words = {level.strip().lower() for level in figures.levels}
    if len(words) == 2 and words & set(YES_WORDS) and words & set(NO_WORDS):
        return Looks.FLAG, "guessed: two levels that mean yes and no"
    return None


def _id(figures: Figures) -> tuple[Looks, str] | None:
    is_whole = figures.whole == figures.numeric
    if most(figures.numeric, figures.values) and not is_whole:
        return None
    many = figures.unique or figures.distinct > _FEW
    if _ID.search(figures.name.lower()) and many:
        often = "and each value is there once" if figures.unique else "and values repeat"
        return Looks.ID, f"guessed: 'id' in the name {often}"
    if figures.unique and figures.rows > 1 and figures.spaced == 0 and not _money_word(figures):
        return Looks.ID, "guessed: each row has a value of its own"
    return None


def _number(figures: Figures) -> tuple[Looks, str] | None:
    if not most(figures.numeric, figures.values):
        return None
    word = _money_word(figures)
    if word and figures.decimals <= MAX_SCALE:
        decimals = f"{figures.decimals} decimals" if figures.decimals else "whole numbers"
        return Looks.MONEY, f"guessed: {decimals} everywhere and {word!r} in the name"
    every, one = _every(figures.numeric, figures), figures.numeric == figures.values
    if figures.whole == figures.numeric:
        return Looks.INTEGER, f"{every} {'a whole number' if one else 'whole numbers'}"
    word = "a number" if one else "numbers"
    return Looks.NUMBER, f"{every} {word}, with up to {figures.decimals} decimals"


def _money_word(figures: Figures) -> str:
    name = figures.name.lower()
    if any(word in name for word in NOT_MONEY_WORDS):
        return ""
    return next((word for word in MONEY_WORDS if word in name), "")
