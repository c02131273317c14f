"""One raw value to one typed value: what a row that arrives alone, as JSON, means.

Offline, `sources` types whole files in SQL; here one value is typed in Python, by the same rules
and to the same bits. Text is read as a cell of a text file is, a JSON number as a number of a
Parquet file is. Where the two could not agree, a value is refused rather than guessed:

- A JSON number that is not finite is refused; a NaN in a file is a missing value.
- Money as a JSON number means its shortest decimal spelling (12.34 is 1234 cents) and has at most
  the decimals of its scale; a file's floats take the nearest minor unit within 1e-6 of one.
- The decimal sign is a point, whatever the table's files use.
- Whole numbers beyond 128 bits are out of range; no file holds them.
- Text with half a surrogate pair is no UTF-8 text; no file holds it.
- `Decimal` is read as a file's exact numbers are: it keeps its zeros (a category "7.0"), where
  the float 7.0 is "7".
- A pattern of times (`format=`) may use what `_DIRECTIVES` lists, each part of a time once.
  DuckDB knows more directives, reads offsets with seconds, 60 minutes or 24 hours and more, and
  takes the words "infinity" and "epoch" for 1900-01-01.
- A key or id is text or a whole number, one that a float holds exactly, of at most 200 signs.
- A number has at most 400 signs between its blanks.
"""

from __future__ import annotations

import math
import re
from bisect import bisect_right
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import lru_cache
from typing import NamedTuple

from solvent.errors import DataError, DeclarationError, ZoneError
from solvent.features.columns import ColumnType, Kind
from solvent.features.rows import MAX_EXACT
from solvent.features.windows import DAY, HOUR
from solvent.features.zones import check_zone, transitions

LONGEST_NAME, LONGEST_NUMBER = 200, 400
"""Most characters of a key or id, and of a number that is text."""

_BLANKS = " \t\r\n"
_WHOLE_DOUBLE = 2**53
_WIDEST = 128  # bits of the widest whole number a file holds
_MOST_DIGITS = 1000  # of a Decimal, which may be written with an exponent
_MINUTE, _SECOND = HOUR // 60, HOUR // 3600
_YEAR_ONE = -62_135_596_800_000_000
_EPOCH_DAY = date(1970, 1, 1).toordinal()
_DAYS_IN_400_YEARS = 146_097

# Text comes from outside, of any length: no pattern may go back over it.
_DIGITS = re.compile(rf"(?!.{{{LONGEST_NUMBER + 1}}})([+-]?+)([0-9]++(?:\.[0-9]*+)?+|\.[0-9]++)")
_SCIENTIFIC = re.compile(rf"{_DIGITS.pattern}(?:[eE][+-]?+[0-9]++)?+")
_NOT_FINITE = re.compile(r"[+-]?(inf|infinity|nan)")
_ISO = re.compile(
    r"([0-9]{4})-([0-9]{2})-([0-9]{2})"
    r"(?:[T ]([0-9]{2}):([0-9]{2})(?::([0-9]{2})(?:\.([0-9]++))?)?"
    r"(Z| UTC| ?[+-][01][0-9](?::?[0-5][0-9])?)?)?"
)

_MONTHS = (
    "january", "february", "march", "april", "may", "june", "july", "august", "september",
    "october", "november", "december",
)  # fmt: skip
_WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")


def _one_of(names: tuple[str, ...], length: int) -> str:
    return f"(?ai:{'|'.join(name[:length] for name in names)})"


_DIRECTIVES = {
    "Y": ("year", "[0-9]{1,4}+"), "y": ("year", "[0-9]{1,2}+"), "m": ("month", "[0-9]{1,2}+"),
    "b": ("month", _one_of(_MONTHS, 3)), "B": ("month", _one_of(_MONTHS, 9)),
    "d": ("day", "[0-9]{1,2}+"), "j": ("yearday", "[0-9]{1,3}+"), "H": ("hour", "[0-9]{1,2}+"),
    "I": ("hour", "[0-9]{1,2}+"), "p": ("half", "(?ai:am|pm)"), "M": ("minute", "[0-9]{1,2}+"),
    "S": ("second", "[0-9]{1,2}+"), "f": ("fraction", "[0-9]{1,6}+"),
    "a": ("weekday", _one_of(_WEEKDAYS, 3)), "A": ("weekday", _one_of(_WEEKDAYS, 9)),
    "z": ("offset", "[+-][0-9]{2}(?::?[0-9]{2})?"),
}  # fmt: skip
"""Directive -> (what it tells, the shape of its text), as greedy as DuckDB is."""
_MAY_BE_BARE = frozenset("dmyHIMSj")  # "%-d" is "%d": one digit is enough either way
_SPACES = " \t\n\v\f\r"
_PIECE = re.compile(f"%-?[A-Za-z]|%%|[{_SPACES}]+|.", re.DOTALL)
_CLOCK = re.compile(r"%-?[HIMSfgnpcXT]")

_HINTS = {
    "missing": "every row names it",
    "not a single value": "send text, a number, true, false or null",
    "not UTF-8 text": "send text in UTF-8, without halves of surrogate pairs",
    "not money": "write digits and at most one decimal point: 1234.50",
    "more decimals than scale": "round it to the declared minor unit, or declare a finer scale",
    "not a whole number": "send digits without a fraction",
    "out of range": "is it in the declared unit?",
    "not a number": "write it as 12.5 or 1.25e1",
    "not finite": "send null where there is no value",
    "not a time": "write it as 2024-05-01T13:45:00Z, or as its declared format says",
    "NUL byte": "send text without it",
    "too long for a name": f"at most {LONGEST_NAME} characters",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Moment:
    """A time as read.

    Args:
        time: The instant, int64 UTC microseconds; of a bare day its start.
        known: The instant from which it was known: the end of a bare day, else `time`.
    """

    time: int
    known: int


def read_cell(
    value: object, declared: ColumnType, *, zone: str | None, field: str
) -> int | float | str | None:
    """Return a raw value as its declared type has it inside; None where it is missing.

    Missing are null, blank text and the declared spellings of missing.

    Args:
        value: A JSON value: text, a number (int, float or Decimal), True, False or None.
        declared: What the column holds.
        zone: IANA zone of times that carry none; None refuses them.
        field: The column, for messages.

    Returns:
        Money in minor units, whole numbers, flags (0 or 1) and times (UTC microseconds; of a date
        the start of that day in `zone`) as int, numbers as float, categories as str.

    Raises:
        DataError: The value is none of that type; the message never holds the value.
        ZoneError: A time carries no zone and there is no `zone`.
        DeclarationError: The declared pattern of times cannot be read here.

    >>> from solvent.features.columns import category, money
    >>> read_cell(12.34, money(), zone=None, field="amount")
    1234
    >>> read_cell(7.0, category(), zone=None, field="branch")
    '7'
    """
    if declared.kind.is_time:
        moment = read_time(value, declared, zone=zone, field=field)
        return None if moment is None else moment.time
    text = _text_of(value, field)
    if text is None or text in declared.missing:
        return None
    kind = declared.kind
    if kind is Kind.MONEY or kind is Kind.INTEGER:
        return _exact(value, text, declared, field)
    if kind is Kind.NUMBER:
        return _number(value, text, field)
    if kind is Kind.FLAG:
        yes = value if isinstance(value, bool) else _lower(text) in _spellings(declared.true)
        return int(yes)
    if "\0" in text:
        raise _refusal(field, "NUL byte")
    return str(value) if isinstance(value, str) else text


def read_time(
    value: object, declared: ColumnType, *, zone: str | None, field: str
) -> Moment | None:
    """Return a raw value as a time, and from when it was known; None where it is missing.

    Text is ISO 8601, or follows the declared pattern, as may whole numbers (20240501). Digits
    beyond the microsecond are cut off. A clock's gaps and repetitions are resolved as `zoneinfo`
    does with fold=0.

    Args:
        value: A JSON value: text, a whole number or None.
        declared: An instant or a date.
        zone: IANA zone of times that carry none; None refuses them.
        field: The column, for messages.

    Raises:
        DataError: It is no time; the message never holds the value.
        ZoneError: It carries no zone and there is no `zone`.
        DeclarationError: The declared pattern cannot be read here.

    >>> from solvent.features.columns import date
    >>> read_time("1970-01-02", date(), zone="UTC", field="closed")
    Moment(time=86400000000, known=172800000000)
    """
    pattern = None
    if declared.format is not None:
        pattern = _pattern(declared.format, declared.kind, field)
    text = _text_of(value, field)
    if text is None or text in declared.missing:
        return None
    # a file's whole numbers may be times where a pattern says so
    whole = type(value) is int and -(2**63) <= value < 2**63 and pattern is not None
    if not (isinstance(value, str) or whole):
        raise _refusal(field, "not a time")
    written = _iso(text) if pattern is None else _follow(text, pattern)
    if written is None or written.shown < _YEAR_ONE:
        raise _refusal(field, "not a time")
    if declared.kind is Kind.DATE:
        return _whole_day(written, zone, field)
    if written.zoned:
        return Moment(time=written.shown, known=written.shown)
    clock = _clock_of(zone, field)
    start = clock.to_utc(written.shown)
    end = clock.to_utc(written.shown + DAY) if written.is_day else start
    return Moment(time=start, known=end)


def read_name(value: object, field: str) -> str:
    """Return a key or id as text: text as it stands, whole numbers in digits.

    Args:
        value: A JSON value: text or a whole number.
        field: The column, for messages.

    Raises:
        DataError: It is missing, blank, too long or neither text nor a whole number.

    >>> read_name(42.0, "user")
    '42'
    """
    text = _text_of(value, field)
    if text is None:
        raise _refusal(field, "missing")
    if isinstance(value, str):
        text = str(value)
    elif isinstance(value, bool) or not text.removeprefix("-").isdigit():
        raise _refusal(field, "not a whole number")
    if len(text) > LONGEST_NAME:
        raise _refusal(field, "too long for a name")
    if "\0" in text:
        raise _refusal(field, "NUL byte")
    return text


def check_format(declared: ColumnType, *, field: str) -> None:
    """Check that a column's pattern of times, if it has one, can be read from live rows.

    Raises:
        DeclarationError: It uses what DuckDB and this module do not share.
    """
    if declared.format is not None:
        _pattern(declared.format, declared.kind, field)


def _refusal(field: str, words: str) -> DataError:
    return DataError(words, hint=_HINTS[words], field=field)


def _text_of(value: object, field: str) -> str | None:
    """Return a value as trimmed text, None if blank; whole floats without a fraction."""
    if value is None:
        return None
    if isinstance(value, str):
        if not value.isascii() and any("\ud800" <= sign <= "\udfff" for sign in value):
            raise _refusal(field, "not UTF-8 text")
        return value.strip(_BLANKS) or None
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int):
        if value.bit_length() > _WIDEST:
            raise _refusal(field, "out of range")
        return str(int(value))
    if isinstance(value, float):
        if not math.isfinite(value):
            raise _refusal(field, "not finite")
        whole = value.is_integer() and abs(value) < _WHOLE_DOUBLE
        return str(int(value)) if whole else repr(float(value))
    if isinstance(value, Decimal):
        exponent = value.as_tuple().exponent
        if not isinstance(exponent, int) or abs(exponent) > _MOST_DIGITS:
            raise _refusal(field, "out of range" if value.is_finite() else "not finite")
        return format(value or value.copy_abs(), "f")  # exact numbers know no minus zero
    raise _refusal(field, "not a single value")


def _exact(value: object, text: str, declared: ColumnType, field: str) -> int:
    """Return money in minor units, or a whole number."""
    unit: int = 10**declared.scale
    if isinstance(value, float):
        minor = abs(value) * unit
        if minor > MAX_EXACT:
            raise _refusal(field, "not finite" if math.isinf(minor) else "out of range")
        text = format(Decimal(repr(float(value))), "f")
    elif isinstance(value, int):
        if abs(value) > MAX_EXACT // unit:
            raise _refusal(field, "out of range")
        return int(value) * unit
    found = _DIGITS.fullmatch(text)
    is_money = declared.kind is Kind.MONEY
    if found is None:
        raise _refusal(field, "not money" if is_money else "not a whole number")
    sign, digits = found.groups()
    whole, _, fraction = digits.partition(".")
    if fraction[declared.scale :].strip("0"):
        raise _refusal(field, "more decimals than scale" if is_money else "not a whole number")
    kept = (whole + fraction[: declared.scale].ljust(declared.scale, "0")).lstrip("0") or "0"
    if len(kept) > len(str(MAX_EXACT)) or int(kept) > MAX_EXACT:
        raise _refusal(field, "out of range")
    return -int(kept) if sign == "-" else int(kept)


def _number(value: object, text: str, field: str) -> float:
    if isinstance(value, int | float):
        return float(value)
    if _SCIENTIFIC.fullmatch(text) is None:
        lost = _NOT_FINITE.fullmatch(_lower(text)) is not None
        raise _refusal(field, "not finite" if lost else "not a number")
    number = float(text)
    if math.isinf(number):
        raise _refusal(field, "out of range")
    return number


@lru_cache(maxsize=256)
def _spellings(true: tuple[str, ...]) -> frozenset[str]:
    return frozenset(spelling.strip().lower() for spelling in true)


def _lower(text: str) -> str:
    """Return text in lower case as DuckDB does: sign by sign, each becoming one."""
    if text.isascii():
        return text.lower()
    return "".join(sign.lower() for sign in text.replace("\u0130", "i"))


class _Written(NamedTuple):
    """Microseconds on the clock shown, or UTC where zoned; whether it is a bare day."""

    shown: int
    zoned: bool
    is_day: bool


class _Clock(NamedTuple):
    """A zone's changes, in UTC and as its clock showed them, and its offsets around them."""

    changes: tuple[int, ...]
    walls: tuple[int, ...]
    offsets: tuple[int, ...]

    def to_utc(self, wall: int) -> int:
        return wall - self.offsets[bisect_right(self.walls, wall)]

    def to_wall(self, utc: int) -> int:
        return utc + self.offsets[bisect_right(self.changes, utc)]


@lru_cache(maxsize=64)
def _clock(zone: str) -> _Clock:
    if check_zone(zone) == "UTC":
        return _Clock((), (), (0,))
    changes, offsets = (tuple(part.tolist()) for part in transitions(zone))
    # a repeated hour is the first one, a skipped one moves on by what was skipped
    steps = zip(changes, offsets[:-1], offsets[1:], strict=True)
    return _Clock(changes, tuple(at + max(before, after) for at, before, after in steps), offsets)


def _clock_of(zone: str | None, field: str) -> _Clock:
    if zone is None:
        hint = 'end it with Z or an offset, or declare zone="UTC" on the table'
        raise ZoneError("time without a zone", hint=hint, field=field)
    return _clock(zone)


def _whole_day(written: _Written, zone: str | None, field: str) -> Moment:
    """Return the day of a time, on the clock of its zone."""
    clock = _clock_of(zone, field)
    shown = clock.to_wall(written.shown) if written.zoned else written.shown
    midnight = shown - shown % DAY
    return Moment(time=clock.to_utc(midnight), known=clock.to_utc(midnight + DAY))


def _days(year: int, month: int, day: int) -> int | None:
    """Return days since 1970-01-01, None where there is no such day; there is a leap year 0."""
    try:
        number = date(year or 400, month, day).toordinal() - _EPOCH_DAY
    except ValueError:
        return None
    return number if year else number - _DAYS_IN_400_YEARS


def _of_day(hour: int, minute: str | None, second: str | None, fraction: str | None) -> int | None:
    """Return microseconds since midnight, None where there is no such time; 24:00 is one."""
    minutes, seconds = int(minute or 0), int(second or 0)
    micros = int((fraction or "")[:6].ljust(6, "0"))
    since = hour * HOUR + minutes * _MINUTE + seconds * _SECOND + micros
    return since if minutes < 60 and seconds < 60 and since <= DAY else None


def _iso(text: str) -> _Written | None:
    found = _ISO.fullmatch(text)
    if found is None:
        return None
    year, month, day = (int(part) for part in found.group(1, 2, 3))
    days, of_day = _days(year, month, day), _of_day(int(found[4] or 0), *found.group(5, 6, 7))
    if days is None or of_day is None:
        return None
    offset = 0 if found[8] is None else _offset(found[8]) or 0
    shown = days * DAY + of_day - offset
    return _Written(shown, zoned=found[8] is not None, is_day=found[4] is None)


def _offset(text: str) -> int | None:
    """Return an offset from UTC in microseconds, None where it is a day or more."""
    digits = text.translate({ord(":"): None, ord(" "): None})
    if digits in {"Z", "UTC"}:
        return 0
    hours, minutes = int(digits[1:3]), int(digits[3:5] or 0)
    if hours > 23 or minutes > 59:
        return None
    return (hours * HOUR + minutes * _MINUTE) * (-1 if digits[0] == "-" else 1)


class _Pattern(NamedTuple):
    """A shape with a named group for each part of a time; part -> directive that tells it."""

    shape: re.Pattern[str]
    told: dict[str, str]
    is_day: bool


@lru_cache(maxsize=256)
def _pattern(pattern: str, kind: Kind, field: str) -> _Pattern:
    """Return a declared pattern ready to read times, or raise DeclarationError."""
    parts, told = [], dict[str, str]()
    pieces = _PIECE.findall(pattern)
    for piece in pieces:
        if piece == "%%" or piece[0] != "%":
            parts.append(f"[{_SPACES}]++" if piece[0] in _SPACES else re.escape(piece[-1]))
            continue
        slot, shape = _DIRECTIVES.get(piece[-1], ("", ""))
        if not slot or ("-" in piece and piece[-1] not in _MAY_BE_BARE):
            raise _no_pattern(pattern, field, f"{piece} is not among them")
        if slot in told:
            raise _no_pattern(pattern, field, f"it tells the {slot} twice")
        told[slot] = piece[-1]
        parts.append(f"(?P<{slot}>{shape})")
    is_day = _CLOCK.search(pattern) is None
    if not told:
        raise _no_pattern(pattern, field, "it tells nothing")
    if "yearday" in told and {"month", "day"} & told.keys():
        raise _no_pattern(pattern, field, "it tells the day twice")
    if "offset" in told and pieces[-1] != "%z":
        raise _no_pattern(pattern, field, "%z does not end it")
    if "offset" in told and is_day and kind is not Kind.DATE:
        raise _no_pattern(pattern, field, "a day without a clock carries a zone")
    shape = f"[{_SPACES}]*+{''.join(parts)}[{_SPACES}]*+"
    return _Pattern(re.compile(shape), told=told, is_day=is_day)


def _no_pattern(pattern: str, field: str, why: str) -> DeclarationError:
    known = " ".join(f"%{letter}" for letter in _DIRECTIVES)
    return DeclarationError(
        f"format={pattern!r} cannot be read from live rows: {why}",
        hint=f"use {known}, each part of a time once; or send times in ISO 8601",
        field=field,
    )


def _follow(text: str, pattern: _Pattern) -> _Written | None:
    """Return a time that follows a pattern; parts it does not tell are those of 1900-01-01."""
    found = pattern.shape.fullmatch(text)
    if found is None:
        return None
    part = found.groupdict()
    days, hour = _day_told(part, pattern), _hour_told(part, pattern)
    zoned = "offset" in part
    offset = _offset(part["offset"]) if zoned else 0
    if days is None or hour is None or offset is None:
        return None
    of_day = _of_day(hour, part.get("minute"), part.get("second"), part.get("fraction"))
    if of_day is None:
        return None
    return _Written(days * DAY + of_day - offset, zoned=zoned, is_day=pattern.is_day)


def _day_told(part: dict[str, str], pattern: _Pattern) -> int | None:
    year = int(part.get("year", 1900))
    if pattern.told.get("year") == "y":
        year += 1900 if year >= 69 else 2000
    if "yearday" in part:
        number = int(part["yearday"])
        first = _days(year, 1, 1)
        return first + number - 1 if first is not None and 1 <= number <= 366 else None
    month = part.get("month", "1")
    if not month.isdigit():
        month = str(1 + [name[:3] for name in _MONTHS].index(month[:3].lower()))
    return _days(year, int(month), int(part.get("day", 1)))


def _hour_told(part: dict[str, str], pattern: _Pattern) -> int | None:
    hour = int(part.get("hour", 0))
    twelve = pattern.told.get("hour") == "I"
    if hour > 23 or (twelve and not 1 <= hour <= 12) or ("half" in part and hour > 12):
        return None
    if "half" not in part:
        return hour
    return hour % 12 + (12 if part["half"].lower() == "pm" else 0)
