"""How numbers are written on a page: one way each, never a raw float."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime

NARROW_SPACE = "\u202f"
MINUS = "−"
NONE = "–"


def percent(share: float | None) -> str:
    """A share as a percentage with one decimal; what is not quite 0 or 1 never reads as such.

    >>> percent(0.1234), percent(0.0), percent(0.0001), percent(0.9999), percent(None)
    ('12.3\u202f%', '0.0\u202f%', '<0.1\u202f%', '>99.9\u202f%', '–')
    """
    if share is None:
        return NONE
    if 0.0 < share < 0.0005:
        return f"<0.1{NARROW_SPACE}%"
    if 0.9995 <= share < 1.0:
        return f">99.9{NARROW_SPACE}%"
    return f"{_signed(100.0 * share, 1)}{NARROW_SPACE}%"


def count(rows: int) -> str:
    """A count with its thousands set apart.

    >>> count(1234567)
    '1,234,567'
    """
    return f"{rows:,}"


def counted(rows: int, singular: str, plural: str = "") -> str:
    """A count with its noun.

    >>> counted(1, "row"), counted(2000, "row"), counted(0, "category", "categories")
    ('1 row', '2,000 rows', '0 categories')
    """
    return f"{count(rows)} {singular if rows == 1 else plural or singular + 's'}"


def joined(words: Sequence[str]) -> str:
    """Words as a person lists them.

    >>> joined(["a"]), joined(["a", "b", "c"]), joined([])
    ('a', 'a, b and c', '')
    """
    return " and ".join([", ".join(words[:-1]), words[-1]] if len(words) > 1 else words)


def decimal(value: float | None, digits: int = 3) -> str:
    """A bare figure such as an AUC.

    >>> decimal(0.76249), decimal(-0.0501, 2), decimal(-0.0001, 2), decimal(None)
    ('0.762', '−0.05', '0.00', '–')
    """
    return NONE if value is None else _signed(value, digits)


def times(value: float) -> str:
    """A multiple.

    >>> times(2.31)
    '2.3\u202f×'
    """
    return f"{value:.1f}{NARROW_SPACE}×"


def money(value: float, currency: str = "") -> str:
    """A sum in major units: without decimals from 1,000 up, or where there are none.

    >>> money(1234567.8, "BRL"), money(-999.5, "BRL"), money(12.0), money(-0.001)
    ('1,234,568\u202fBRL', '−999.50\u202fBRL', '12', '0')
    """
    cents = round(value, 2)
    digits = 0 if abs(cents) >= 1000.0 or cents == int(cents) else 2
    text = _signed(cents, digits, group=",")
    return f"{text}{NARROW_SPACE}{currency}" if currency else text


def money_range(low: float, high: float, currency: str = "") -> str:
    """An interval of sums.

    >>> money_range(-1200.0, 3400.0, "BRL")
    '−1,200 to 3,400\u202fBRL'
    """
    return f"{money(low)} to {money(high, currency)}"


def earned(value: float, currency: str = "") -> str:
    """What came of lending, with its verb.

    >>> earned(1200.0, "BRL"), earned(-5.0, "BRL"), earned(0.0)
    ('earned 1,200\u202fBRL', 'lost 5\u202fBRL', 'earned nothing and lost nothing')
    """
    if round(value, 2) == 0.0:
        return "earned nothing and lost nothing"
    return f"{'earned' if value > 0.0 else 'lost'} {money(abs(value), currency)}"


def percent_range(low: float, high: float) -> str:
    """An interval of shares.

    >>> percent_range(0.5, 0.625)
    '50.0–62.5\u202f%'
    """
    between = "–" if min(low, high) >= 0.0 else " to "
    return f"{_signed(100.0 * low, 1)}{between}{_signed(100.0 * high, 1)}{NARROW_SPACE}%"


def decimal_range(low: float, high: float, digits: int = 3) -> str:
    """An interval of bare figures.

    >>> decimal_range(0.7481, 0.7763)
    '0.748–0.776'
    """
    between = "–" if min(low, high) >= 0.0 else " to "
    return f"{_signed(low, digits)}{between}{_signed(high, digits)}"


def confidence(level: float) -> str:
    """A confidence level, without needless decimals.

    >>> confidence(0.95), confidence(0.995)
    ('95\u202f%', '99.5\u202f%')
    """
    return f"{100.0 * level:g}{NARROW_SPACE}%"


def moment(text: str) -> str:
    """A day, or a day with its minute; what is neither stays as it is.

    >>> moment("2024-11-01"), moment("2024-11-01T14:03:59+00:00"), moment("2024-11-01 14:03 UTC")
    ('2024-11-01', '2024-11-01, 14:03 UTC', '2024-11-01, 14:03 UTC')
    """
    iso = text.replace(" UTC", "Z")
    try:
        found = datetime.fromisoformat(iso)
    except ValueError:
        return text
    if len(iso) <= len("2024-11-01"):
        return text
    if found.tzinfo is None:
        return f"{found:%Y-%m-%d, %H:%M}"
    return f"{found.astimezone(UTC):%Y-%m-%d, %H:%M} UTC"


def fingerprint(sha256: str) -> str:
    """The first twelve signs of a digest: enough to tell two files apart by eye.

    >>> fingerprint("9f86d081884c7d659a2feaa0c55ad015")
    '9f86d081884c'
    """
    return sha256[:12]


def _signed(value: float, digits: int, group: str = "") -> str:
    text = f"{value:{group}.{digits}f}"
    unsigned = text.lstrip("-")
    return MINUS + unsigned if text != unsigned and unsigned.strip("0.") else unsigned
