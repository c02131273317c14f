"""How far back a feature looks: fixed durations, never calendar arithmetic."""

from __future__ import annotations

from dataclasses import dataclass

from solvent.errors import DeclarationError

MINUTE = 60_000_000
HOUR = 60 * MINUTE
DAY = 24 * HOUR
FOREVER = 2**63 - 1
MONTH_DAYS = 30.4375
"""Length of a month where none is declared: a twelfth of 365.25 days."""
_MONTH = round(MONTH_DAYS * DAY)
LONGEST = 3_660_000 * DAY
"""Longest window besides `FOREVER`, some ten thousand years: no instant minus it leaves int64."""


@dataclass(frozen=True, slots=True, order=True)
class Window:
    """The span before `as_of` in which events count: as_of - length <= event_time < as_of.

    Args:
        length: Microseconds, above 0 and at most `LONGEST`; `FOREVER` for all history.
    """

    length: int

    def __post_init__(self) -> None:
        if self.length <= 0:
            raise DeclarationError(
                "a window must be longer than nothing", hint="write days(30)", field="over"
            )
        if LONGEST < self.length != FOREVER:
            raise DeclarationError(
                "a window of more than ten thousand years",
                hint="leave `over` out, or write EVER, for all history",
                field="over",
            )

    @property
    def label(self) -> str:
        """Short name used in feature names: `30d`, `6h`, `ever`.

        >>> days(30).label, hours(6).label, months(3).label, EVER.label
        ('30d', '6h', '3mo', 'ever')
        """
        if self.length == FOREVER:
            return "ever"
        if self.length % _MONTH == 0:
            return f"{self.length // _MONTH}mo"
        if self.length % DAY == 0:
            return f"{self.length // DAY}d"
        if self.length % HOUR == 0:
            return f"{self.length // HOUR}h"
        if self.length % MINUTE == 0:
            return f"{self.length // MINUTE}min"
        return f"{self.length}us"

    @property
    def words(self) -> str:
        """The window as a person says it.

        >>> days(30).words, days(1).words, EVER.words
        ('in the last 30 days', 'in the last day', 'so far')
        """
        return self.span if self.length == FOREVER else f"in the {self.span}"

    @property
    def span(self) -> str:
        """The window as a label says it.

        >>> days(30).span, hours(6).span, days(30.5).span, months(3).span, EVER.span
        ('last 30 days', 'last 6 hours', 'last 30.5 days', 'last 3 months', 'so far')
        """
        if self.length == FOREVER:
            return "so far"
        unit, noun = _unit_of(self.length)
        count = self.length / unit
        return f"last {noun}" if count == 1 else f"last {count:.10g} {noun}s"


def _unit_of(length: int) -> tuple[int, str]:
    """Return the unit a length is told in, and its name."""
    if length % _MONTH == 0:
        return _MONTH, "month"
    if length % DAY == 0 or length > DAY:
        return DAY, "day"
    return (HOUR, "hour") if length % HOUR == 0 else (MINUTE, "minute")


EVER = Window(FOREVER)


def days(count: float) -> Window:
    """Return a window of `count` days of 24 hours each.

    Raises:
        DeclarationError: If `count` is not above 0, or no finite number.
    """
    return Window(_microseconds(count, DAY))


def hours(count: float) -> Window:
    """Return a window of `count` hours.

    Raises:
        DeclarationError: If `count` is not above 0, or no finite number.
    """
    return Window(_microseconds(count, HOUR))


def minutes(count: float) -> Window:
    """Return a window, or a pause, of `count` minutes.

    Raises:
        DeclarationError: If `count` is not above 0, or no finite number.
    """
    return Window(_microseconds(count, MINUTE))


def months(count: int, *, month_days: float = MONTH_DAYS) -> Window:
    """Return a window of `count` months of a declared length, as relative months are counted.

    Args:
        count: Whole months.
        month_days: Length of a month in days.

    Raises:
        DeclarationError: If `count` is not above 0.
    """
    return Window(_microseconds(count, round(month_days * DAY)))


def _microseconds(count: float, unit: int) -> int:
    # beyond LONGEST before rounding: infinity does not round
    if not -LONGEST <= count * unit <= LONGEST:
        raise DeclarationError(
            f"a window cannot be {count} long",
            hint="leave `over` out, or write EVER, for all history",
            field="over",
        )
    return round(count * unit)
