"""Values as a person reads them: exact decimals, whole floats, times in a zone."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from solvent.features.columns import ColumnType, Kind
from solvent.features.expressions import Expression, Type
from solvent.features.rows import ALWAYS, NULL
from solvent.features.twin_values import Cell
from solvent.features.windows import DAY

NOTHING = "–"
"""Stands where a value is not known."""
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def write_number(value: float) -> str:
    """Return a number to its last bit; whole ones without a fraction.

    >>> write_number(3.0), write_number(0.1), write_number(-0.0), write_number(1e300)
    ('3', '0.1', '-0', '1e+300')
    """
    text = repr(float(value))
    return text.removesuffix(".0")


def write_exact(value: int, scale: int) -> str:
    """Return an exact number of minor units in whole units, every decimal of its scale shown.

    >>> write_exact(1250, 2), write_exact(-5, 2), write_exact(7, 0)
    ('12.50', '-0.05', '7')
    """
    digits = str(abs(value)).rjust(scale + 1, "0")
    sign = "-" if value < 0 else ""
    return f"{sign}{digits[:-scale]}.{digits[-scale:]}" if scale else f"{sign}{digits}"


def write_value(value: float | str | None) -> str:
    """Return a feature's value; a dash where it is not known."""
    if value is None:
        return NOTHING
    return value if isinstance(value, str) else write_number(value)


def write_time(time: int, zone: str = "UTC") -> str:
    """Return an instant on a zone's clock, to the microsecond where it has any.

    >>> write_time(1_700_000_000_000_000), write_time(1_700_000_000_000_001, "Asia/Kathmandu")
    ('2023-11-14 22:13:20+00:00', '2023-11-15 03:58:20.000001+05:45')
    >>> write_time(-2**62), write_time(2**62)
    ('always', 'outside the calendar')
    """
    if time == ALWAYS:
        return "always"
    try:
        return str((_EPOCH + timedelta(microseconds=time)).astimezone(ZoneInfo(zone)))
    except (OverflowError, ValueError):
        return "outside the calendar"


def write_away(time: int) -> str:
    """Return a time that counts from the application, in days.

    >>> write_away(-36 * 3_600_000_000), write_away(0)
    ('-1.5 days', '0 days')
    """
    return "always" if time == ALWAYS else f"{write_number(time / DAY)} days"


def write_moment(time: int | None, zone: str, *, away: bool) -> str:
    """Return a time as its table counts it: on a zone's clock, or from the application.

    Args:
        time: Microseconds; None or `NULL` where there is none.
        zone: The zone.
        away: True where times count from the application.
    """
    if time is None or time == NULL:
        return NOTHING
    return write_away(time) if away else write_time(time, zone)


def write_cell(cell: Cell, declared: ColumnType, zone: str, *, away: bool) -> str:
    """Return a cell of a declared column.

    Args:
        cell: As the twin holds it.
        declared: The column.
        zone: Zone of times.
        away: True where times count from the application.

    >>> from solvent.features import flag, money
    >>> write_cell(1250, money("EUR"), "UTC", away=False), write_cell(1, flag(), "UTC", away=False)
    ('12.50', 'yes')
    """
    if cell is None:
        return NOTHING
    if declared.kind.is_time and isinstance(cell, int):
        return write_moment(cell, zone, away=away)
    if declared.kind is Kind.FLAG:
        return "yes" if cell else "no"
    return _plain(cell, declared.scale)


def write_computed(cell: Cell, expression: Expression, zone: str, *, away: bool) -> str:
    """Return what a row expression gave for one row.

    Args:
        cell: As `value_of` gives it.
        expression: What was computed.
        zone: Zone of times.
        away: True where times count from the application.
    """
    if cell is None:
        return NOTHING
    if expression.type is Type.TRUTH:
        return "yes" if cell else "no"
    if expression.type is Type.TIME and isinstance(cell, int):
        return write_moment(cell, zone, away=away)
    return _plain(cell, expression.scale)


def _plain(cell: float | str, scale: int) -> str:
    if isinstance(cell, str):
        return cell or "(empty)"
    return write_exact(cell, scale) if isinstance(cell, int) else write_number(cell)
