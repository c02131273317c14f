"""What "bad" means in a plain table: `--bad COLUMN[=VALUE]` and a guess where VALUE is left out."""

from __future__ import annotations

import difflib
import shlex

from solvent.app.scaffold.columns import twins
from solvent.app.scaffold.draft import BadGuess
from solvent.app.scaffold.names import BAD as BAD_WORDS
from solvent.app.scaffold.names import GOOD, PAID, says
from solvent.app.scaffold.roles import TIMES, find_column
from solvent.dataset import Bad, equals, unpaid
from solvent.errors import DataError, MissingColumnError, OneClassError
from solvent.sources import Sniffed, SniffedColumn

AFTER_DAYS = 30
_YES = frozenset({"yes", "y", "true", "t", "bad", "b", "default", "defaulted", "d", "sim", "s",
                  "si", "sí", "oui", "ja", "j", "да"})  # fmt: skip
_NO = frozenset({"no", "n", "false", "f", "good", "g", "paid", "repaid", "ok", "current", "não",
                 "nao", "non", "nein", "нет"})  # fmt: skip
_SHOWN = 8
_CLOSE = 0.75


def find_bad(sniffed: Sniffed, written: str) -> BadGuess:
    """Return the definition of bad that the lender wrote, or the likeliest.

    The exact column name is tried first, then the text is split at its last "=".

    Args:
        sniffed: The file.
        written: COLUMN or COLUMN=VALUE.

    Raises:
        MissingColumnError: There is no such column.
        DataError: The value is not in the column, or has to be given.
        OneClassError: The column has one value only.
    """
    name, value = _parted(sniffed, written)
    column = find_column(sniffed, name, option="--bad")
    if value is not None:
        return _given(column, value)
    if column.looks in TIMES:
        return _unpaid(column)
    return _guessed(column)


def _parted(sniffed: Sniffed, written: str) -> tuple[str, str | None]:
    names = {column.name for column in sniffed.columns}
    if written in names:
        return written, None
    name, sign, value = written.rpartition("=")
    if not sign:
        return written, None
    if name not in names:
        near = difflib.get_close_matches(written, names, n=1, cutoff=_CLOSE)
        return (written, None) if near else (name, value)
    if not value:
        raise MissingColumnError(
            f"no value stands after {name!r}=",
            hint=f"--bad {_shell(name + '=VALUE')}",
            field="--bad",
        )
    return name, value


def _given(column: SniffedColumn, value: str) -> BadGuess:
    levels = column.levels or column.sample
    found = next((level for level in levels if _same(level, value)), None)
    if found is None and column.levels and value not in column.missing:
        raise DataError(
            f"column {column.name!r} never has the value {value!r}; it has {_shown(column)}",
            hint=f"--bad {_shell(f'{column.name}={column.levels[-1]}')}", field="--bad",
        )  # fmt: skip
    return BadGuess(
        bad=_equals(column, found or value), why="", notes=_notes(column, found or value)
    )


def _unpaid(column: SniffedColumn) -> BadGuess:
    if not column.nulls and not says(column.name, PAID):
        raise DataError(
            f"column {column.name!r} is a time on every row, which tells no outcome",
            hint="name the outcome: a flag, or the time of repayment (empty while unpaid)",
            field="--bad",
        )
    return BadGuess(
        bad=unpaid(column.name, after=AFTER_DAYS),
        why=f"guessed: a time; not paid in full {AFTER_DAYS} days after the application is bad",
    )


def _guessed(column: SniffedColumn) -> BadGuess:
    levels = column.levels
    if column.distinct <= 1:
        raise OneClassError(
            f"column {column.name!r} has {'no value' if not column.distinct else 'one value'} only",
            hint="name a column which tells good loans from bad ones", field="--bad",
        )  # fmt: skip
    if len(levels) != 2:
        example = next((one for one in reversed(levels) if one.lower() in _YES), "VALUE")
        raise DataError(
            f"column {column.name!r} has {column.distinct:,} values{_listed(column)}, "
            "so which one means bad is yours to say",
            hint=f"--bad {_shell(f'{column.name}={example}')}",
            field="--bad",
        )
    value, why = _bad_level(column.name, levels)
    return BadGuess(bad=_equals(column, value), why=f"guessed: {why}", notes=_notes(column, value))


def _bad_level(name: str, levels: tuple[str, ...]) -> tuple[str, str]:
    """Return which of two levels means bad, and why; the first level is the more frequent."""
    spelt = {level.strip().lower(): level for level in levels}
    yes, no = spelt.keys() & _YES, spelt.keys() & _NO
    plain = {_number(level): level for level in levels}
    if {0.0, 1.0} <= plain.keys() or {-1.0, 1.0} <= plain.keys():
        truth, false = plain[1.0], next(level for key, level in plain.items() if key != 1.0)
    elif len(yes) == 1 or (len(no) == 1 and not yes):
        truth = spelt[yes.pop()] if yes else next(v for k, v in spelt.items() if k not in no)
        false = next(level for level in levels if level != truth)
    else:
        return levels[1], f"{levels[1]} means bad, as the rarer of two values"
    if (
        says(name, GOOD)
        and not says(name, BAD_WORDS)
        and truth.strip().lower() not in {"bad", "default"}
    ):
        return false, f"by its name {truth} is the good one, so {false} means bad"
    return truth, f"{truth} means bad, {false} means good"


def _equals(column: SniffedColumn, value: str) -> Bad:
    return equals(column.name, value, matured="given", missing=_unknown(column, value))


def _unknown(column: SniffedColumn, value: str) -> tuple[str, ...]:
    return tuple(spelling for spelling in column.missing if spelling != value)


def _notes(column: SniffedColumn, value: str) -> tuple[str, ...]:
    notes = []
    unknown = _unknown(column, value)
    if unknown:
        spelt, where = ", ".join(unknown), f"({_rows(column.spelt)})"
        notes.append(
            f"{spelt} {where} means that the outcome is not known: such loans are set aside"
        )
    same = twins(column.levels)
    if value in same:
        others = ", ".join(f'"{one}"' for one in same if one != value)
        notes.append(f'careful: {others} is not "{value}" and counts as good: mend the file')
    return tuple(notes)


def _rows(count: int) -> str:
    return "1 row" if count == 1 else f"{count:,} rows"


def _listed(column: SniffedColumn) -> str:
    return f" ({_shown(column)})" if column.levels else ""


def _shown(column: SniffedColumn) -> str:
    levels = ", ".join(column.levels[:_SHOWN])
    return levels + (
        f" and {len(column.levels) - _SHOWN} more" if len(column.levels) > _SHOWN else ""
    )


def _same(level: str, value: str) -> bool:
    left, right = _number(level), _number(value)
    return level == value or (left is not None and left == right)


def _number(text: str) -> float | None:
    try:
        return float(text)
    except ValueError:
        return None


def _shell(text: str) -> str:
    return text if text.replace("=", "").isidentifier() else shlex.quote(text)
