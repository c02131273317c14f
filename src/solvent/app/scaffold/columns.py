"""What each column of a plain table seems to be: a sniffed look, mended by what its name says."""

from __future__ import annotations

import math
from dataclasses import replace

from solvent.app.scaffold.draft import Fate, Guess, Roles
from solvent.app.scaffold.names import (
    AFTERWARDS,
    CODE,
    CODE_OF_TWO,
    COUNTING,
    FIRST_COUNTS,
    HISTORY,
    LAST_IS_CODE,
    MONEY,
    OWN_STATUS,
    PERHAPS_MONEY,
    PERSONAL,
    says,
    words_of,
)
from solvent.features import ColumnType, Kind, category, date, flag, instant, integer, money, number
from solvent.features.columns import MAX_SCALE
from solvent.features.rows import MAX_EXACT
from solvent.sources import Looks, SniffedColumn
from solvent.sources.guesses import most
from solvent.sources.layout import RESERVED

NOT_A_NUMBER = (Looks.TEXT, Looks.CATEGORY, Looks.FLAG, Looks.EMPTY, Looks.DATE, Looks.INSTANT)
_UNITS = {"months": "months", "mths": "months", "days": "days", "years": "years", "yrs": "years",
          "hours": "hours", "weeks": "weeks", "age": "years"}  # fmt: skip
_FEW = 5
_ENOUGH = 20
_FEW_CODES = 10
_PLAINLY = {
    "thousands": ("thousands signs", "12500{0}75, not 12{1}500{0}75"),
    "per cent": ("per cent signs", "11{0}70, not 11{0}70 %"),
    "currency": ("currency signs", "99{0}50, not 99{0}50 EUR"),
}
_SHORT = 14
_OLDEST = 120
_LARGE = 100.0


def guess_column(column: SniffedColumn, roles: Roles, *, decimal: str = ".") -> Guess:
    """Guess what one column is, and whether a model may have it.

    Args:
        column: What the file shows of it.
        roles: Which columns play a part; times need an application time to be of use.
        decimal: The file's decimal sign, for examples.
    """
    name = column.name
    for unusable in (_unreadable, _empty, _mixed, _identifying):
        why = unusable(column) or _marked(column, decimal)
        if why:
            return Guess(name=name, declared=None, why=why, fate=Fate.LEFT_OUT)
    declared, why = _typed(column)
    if declared.kind.is_time and roles.as_of is None:
        why = "a time, with no application time to compare it with"
        return Guess(name=name, declared=None, why=why, fate=Fate.LEFT_OUT)
    found = Guess(name=name, declared=declared, why=why + _remarks(column, declared))
    if sounds_known_afterwards(name):
        return replace(found, why="by its name", fate=Fate.AFTERWARDS)
    return found


def same_but_for_case(columns: tuple[SniffedColumn, ...]) -> frozenset[str]:
    """Return names that stand again in another case, the first of each aside."""
    seen: set[str] = set()
    again = set()
    for column in columns:
        if column.name.lower() in seen:
            again.add(column.name)
        seen.add(column.name.lower())
    return frozenset(again)


def sounds_known_afterwards(name: str) -> bool:
    """Tell whether a name is one of outcomes, of which nothing is known when deciding.

    >>> sounds_known_afterwards("balance_after_12m"), sounds_known_afterwards("MARITAL_STATUS")
    (True, False)
    """
    words = words_of(name)
    if says(name, HISTORY):
        return False
    if "status" in words and (len(words) == 1 or says(name, OWN_STATUS)):
        return True
    return says(name, AFTERWARDS)


def numbers(column: SniffedColumn) -> bool:
    """Tell whether the values of a column are numbers, but for a few faults."""
    if column.looks in NOT_A_NUMBER:
        return False
    return column.looks is not Looks.ID or column.kept.is_number or column.numeric


def faults(column: SniffedColumn) -> str:
    """Return how many values do not fit the guess and what becomes of their rows, in words.

    Spelt-out missing values of times count: a time is empty or a time.
    """
    is_time = column.looks in {Looks.DATE, Looks.INSTANT}
    odd = column.odd + (column.spelt if is_time else 0)
    if not odd:
        return ""
    values = column.rows - column.nulls + (column.spelt if is_time else 0)
    what = "dates" if is_time else "numbers"
    fate = "that row will be refused" if odd == 1 else "those rows will be refused"
    return f"all but {odd:,} of {values:,} are {what}; {fate}"


def day_first(column: SniffedColumn) -> str:
    """Return a warning where nothing shows whether the day or the month comes first."""
    if not column.ambiguous:
        return ""
    return "guessed: day before month; no day above 12 seen"


def _remarks(column: SniffedColumn, declared: ColumnType) -> str:
    # a code takes any text, so a value that is no number costs nothing
    found = ["" if declared.kind is Kind.CATEGORY else faults(column), day_first(column)]
    if column.looks in NOT_A_NUMBER:
        found.append(_twins(column))
    if column.missing and column.looks not in {Looks.DATE, Looks.INSTANT}:
        found.append(f"read as empty: {', '.join(column.missing)}")
    return "".join(f"; {one}" for one in found if one)


def twins(levels: tuple[str, ...]) -> tuple[str, ...]:
    """Return the first levels that differ only by case or blanks.

    >>> twins(("Nein", "Ja", "ja", "JA "))
    ('Ja', 'ja', 'JA ')
    """
    folded: dict[str, list[str]] = {}
    for level in levels:
        folded.setdefault(" ".join(level.casefold().split()), []).append(level)
    return next((tuple(same) for same in folded.values() if len(same) > 1), ())


def _twins(column: SniffedColumn) -> str:
    if column.looks is Looks.FLAG:
        return ""
    same = twins(column.levels)
    if same:
        spelt = ", ".join(f'"{one}"' for one in same)
        return f"{spelt} differ only by case or blanks: write one of them in the file"
    return "some differ only by blanks around them: mend the file" if column.padded else ""


def _unreadable(column: SniffedColumn) -> str:
    if not column.name.strip():
        return "it has no name"
    if column.name.lower() in RESERVED:
        return "solvent uses that word itself: rename it in the file"
    return ""


def _empty(column: SniffedColumn) -> str:
    if column.looks is Looks.EMPTY:
        return "empty on every row"
    if column.distinct <= 1 and not column.nulls:
        return "the same on every row"
    return ""


def _marked(column: SniffedColumn, decimal: str) -> str:
    """Return why numbers with signs among their digits cannot be used, and how to mend them."""
    other = "." if decimal == "," else ","
    found = [_PLAINLY[mark] for mark in column.marks]
    if not found:
        return ""
    signs = " and ".join(sign for sign, _ in found)
    example = "; ".join(example.format(decimal, other) for _, example in found)
    return f"numbers with {signs}: write them plainly in the file ({example})"


def _mixed(column: SniffedColumn) -> str:
    """Return why a column that is partly dates or numbers is neither, nor a category."""
    is_code = column.mixed.endswith("numbers") and _is_code(column.name)
    if column.mixed and not is_code and column.looks is not Looks.FLAG:
        return f"{column.mixed}: mend the others in the file"
    is_time = column.looks in {Looks.DATE, Looks.INSTANT}
    if is_time and not most(column.rows - column.nulls - column.odd, _cells(column)):
        words = ", ".join(column.missing)
        return f"dates, but {column.spelt:,} cells say {words}: empty those cells in the file"
    return ""


def _cells(column: SniffedColumn) -> int:
    return column.rows - column.nulls + column.spelt


def _identifying(column: SniffedColumn) -> str:
    values = column.rows - column.nulls
    if column.looks is Looks.ID and column.unique:
        if not numbers(column) or says(column.name, PERSONAL) or _names_one(column):
            return "a value of its own on every row: an identifier"
        return ""
    wordy = column.looks in {Looks.ID, Looks.TEXT, Looks.CATEGORY} and not numbers(column)
    if wordy and column.distinct * 2 > values >= _ENOUGH:
        return f"{_many(column)}: free text or an identifier"
    if numbers(column) and says(column.name, PERSONAL) and column.distinct * 2 > values >= _ENOUGH:
        return f"{_many(column)}: an identifier by its name"
    return ""


def _many(column: SniffedColumn) -> str:
    return f"{column.distinct:,} different values in {column.rows - column.nulls:,} cells"


def _names_one(column: SniffedColumn) -> bool:
    """Tell whether numbers that never repeat run on without gaps, or are called an id."""
    span = (_float(column.maximum) or 0.0) - (_float(column.minimum) or 0.0)
    runs_on = column.rows >= _ENOUGH and span < 2 * column.rows
    return runs_on or bool({"id", "guid", "uuid", "key"} & set(words_of(column.name)))


def _typed(column: SniffedColumn) -> tuple[ColumnType, str]:
    missing = column.missing
    if column.looks is Looks.INSTANT:
        return instant(format=column.format), f"times{_as_written(column)}"
    if column.looks is Looks.DATE:
        return date(format=column.format), f"days{_as_written(column)}"
    if column.looks is Looks.FLAG and not _is_no_flag(column):
        return _flag(column)
    if numbers(column) or column.looks is Looks.FLAG:
        return _number(column)
    return category(missing=missing), _levels(column)


def _is_no_flag(column: SniffedColumn) -> bool:
    """Tell whether 0 and 1 are levels of a code, or counts that happen to be small."""
    digits = bool(column.levels) and all(_float(level) is not None for level in column.levels)
    return digits and says(column.name, CODE_OF_TWO | COUNTING)


def _flag(column: SniffedColumn) -> tuple[ColumnType, str]:
    given = column.declaration or flag()
    usual = {level.strip().lower() for level in given.true} <= set(flag().true)
    missing = column.missing
    declared = flag(missing=missing) if usual else flag(true=given.true, missing=missing)
    if not column.levels:
        return declared, "the file keeps yes or no"
    if len(column.levels) > 2:
        return declared, f"{', '.join(sorted(column.levels))}; case does not matter"
    return declared, " or ".join(sorted(column.levels))


def _number(column: SniffedColumn) -> tuple[ColumnType, str]:
    least, most = _float(column.minimum) or 0.0, _float(column.maximum) or 0.0
    largest = max(abs(least), abs(most))
    whole = column.decimals == 0
    span = f"{_spoken(least)} to {_spoken(most)}"
    if _is_code(column.name) and whole:
        word = next((w for w in words_of(column.name) if w in CODE), "")
        return category(missing=column.missing), f'"{word}" names a code; {_levels(column)}'
    if any(one.startswith("0") and one.isdigit() and one != "0" for one in _some(column)):
        return category(missing=column.missing), f"leading zeros: a code; {_levels(column)}"
    is_money, why = _is_money(column, largest)
    scale = max(2, column.decimals)
    if is_money and scale <= MAX_SCALE and largest * 10**scale <= MAX_EXACT:
        declared = money(missing=column.missing, scale=scale)
        return declared, f"{why}; {span}"
    unit = next((_UNITS[word] for word in words_of(column.name) if word in _UNITS), "")
    if largest <= 1 or (unit == "years" and largest > _OLDEST):
        unit = ""
    if whole and largest <= MAX_EXACT:
        codes = column.distinct <= _FEW_CODES and not says(column.name, COUNTING)
        doubt = "; category() if they are codes" if codes else ""
        return integer(unit, missing=column.missing), f"whole numbers, {span}{doubt}"
    return number(unit, missing=column.missing), f"numbers, {span}"


def _is_code(name: str) -> bool:
    words = words_of(name)
    if not words or not says(name, CODE):
        return False
    if words[-1] in LAST_IS_CODE:
        return True
    return not says(name, COUNTING | MONEY) and words[0] not in FIRST_COUNTS


def _is_money(column: SniffedColumn, largest: float) -> tuple[bool, str]:
    name, decimals = column.name, column.decimals
    few = decimals == 0 and largest < _LARGE and says(name, HISTORY)
    if few or says(name, COUNTING):
        return False, ""
    if says(name, MONEY):
        return True, "money by its name"
    if says(name, PERHAPS_MONEY) and (largest >= _LARGE or 0 < decimals <= 2):
        return True, "money by its name"
    if 0 < decimals <= 2 and largest >= _LARGE:
        return True, "money by its decimals"
    return False, ""


def _levels(column: SniffedColumn) -> str:
    about = "" if column.levels else "about "
    levels = sorted(column.levels)
    if len(levels) == 1:
        return "one level, or none"
    short = 0 < len(levels) <= _FEW and all(len(level) <= _SHORT for level in levels)
    if short and column.rows >= _FEW * len(levels):
        return f"{len(levels)} levels: {', '.join(levels)}"
    return f"{about}{column.distinct:,} levels"


def _as_written(column: SniffedColumn) -> str:
    return f" written as {column.format}" if column.format else ""


def _some(column: SniffedColumn) -> tuple[str, ...]:
    return column.levels or column.sample


def _float(text: str) -> float | None:
    try:
        value = float(text)
    except ValueError:
        return None
    return value if math.isfinite(value) else None


def _spoken(value: float) -> str:
    return f"{value:,.6g}" if abs(value) < 1e6 else f"{value:,.0f}"
