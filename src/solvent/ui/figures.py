"""How numbers, money and times are written on the pages: in one place, one way."""

from __future__ import annotations

import math
import re
from datetime import UTC, datetime

from solvent.client import Money, Verdict

SPACE = "\u00a0"  # keeps a number and its unit on one line
MINUS = "−"
NONE = "–"

VERDICTS = {
    Verdict.APPROVE: "Approved",
    Verdict.REFER: "For review",
    Verdict.DECLINE: "Declined",
}
_MARKDOWN = re.compile(r"([\\`*_\[\]#$~|<>:{}/])")


def plain(text: str) -> str:
    r"""Return text from elsewhere so that Streamlit's Markdown shows it as it is.

    >>> plain("5 * 3 = $15 :smile:")
    '5 \\* 3 = \\$15 \\:smile\\:'
    """
    return _MARKDOWN.sub(r"\\\1", text)


def whole(number: float) -> str:
    """Return a number without decimals, thousands parted.

    >>> whole(12480.4), whole(-3.2)
    ('12,480', '−3')
    """
    text = f"{abs(number):,.0f}"
    return f"{MINUS}{text}" if number < 0 and text != "0" else text


def percent(share: float | None, decimals: int = 1) -> str:
    r"""Return a share in per cent; what is not quite 0 or 1 never reads as such.

    >>> percent(0.0672), percent(0.9, 0), percent(0.9999), percent(None)
    ('6.7\xa0%', '90\xa0%', '>99.9\xa0%', '–')
    """
    if share is None:
        return NONE
    least = 10.0 ** (-2 - decimals)
    if 0.0 < share < least / 2:
        return f"<{100 * least:g}{SPACE}%"
    if 1.0 - least / 2 <= share < 1.0:
        return f">{100 * (1.0 - least):g}{SPACE}%"
    sign = MINUS if share < 0 else ""
    return f"{sign}{100 * abs(share):.{decimals}f}{SPACE}%"


def spaced(text: str) -> str:
    r"""Return text from the API with its per cent written as on the rest of the page.

    >>> spaced("a PD of 15.0% or more")
    'a PD of 15.0\xa0% or more'
    """
    return re.sub(r"(?<=\d)%", f"{SPACE}%", text)


def amount(value: float | None, currency: str) -> str:
    r"""Return an amount of money without decimals; in millions where it is long.

    >>> amount(24399.99, "RUB"), amount(-1_234_567_890, "RUB")
    ('24,400\xa0RUB', '−1,234.6\xa0million\xa0RUB')
    """
    if value is None:
        return NONE
    number = whole(value)
    if abs(value) >= 1e8:
        number = f"{MINUS if value < 0 else ''}{abs(value) / 1e6:,.1f}{SPACE}million"
    return f"{number}{SPACE}{currency}".strip()


def small_amount(value: float | None, currency: str) -> str:
    r"""Return an amount of which cents matter: with them where there are any.

    >>> small_amount(0.75, "BRL"), small_amount(5.0, "BRL")
    ('0.75\xa0BRL', '5\xa0BRL')
    """
    if value is None:
        return NONE
    number = f"{value:,.2f}".removesuffix(".00")
    return f"{number}{SPACE}{currency}".strip()


def money(value: Money | None) -> str:
    """Return an amount the API sent, without decimals."""
    return NONE if value is None else amount(value.amount, value.currency)


def signed(text: str, value: float) -> str:
    """Return a written number with a plus where it is above zero.

    >>> signed(whole(12), 12), signed(whole(-12), -12)
    ('+12', '−12')
    """
    return f"+{text}" if value > 0 else text


def points(score: float | None) -> str:
    """Return a score.

    >>> points(612.0), points(None)
    ('612', '–')
    """
    return NONE if score is None else f"{score:.0f}"


def effect_points(effect: float, pdo: float) -> float:
    """Return what an effect costs (below zero) or earns in points of the score.

    Args:
        effect: Log-odds of bad against the reference group.
        pdo: Points that double the odds.

    >>> round(effect_points(math.log(2), 40), 6)
    -40.0
    """
    return -effect * pdo / math.log(2)


def effect_log_odds(earned: float, pdo: float) -> float:
    """Return the effect that earns so many points; the inverse of `effect_points`.

    >>> round(effect_points(effect_log_odds(-3.0, 40), 40), 6)
    -3.0
    """
    return -earned * math.log(2) / pdo


def effect_words(effect: float, pdo: float | None) -> str:
    r"""Return an effect in points, or as a multiple of the odds of not repaying.

    >>> effect_words(0.5, 40), effect_words(-0.5, None)
    ('−29\xa0points', '× 0.61')
    """
    if pdo is None:
        return f"× {math.exp(effect):.2f}"
    value = effect_points(effect, pdo)
    return f"{signed(whole(value), round(value))}{SPACE}points"


def verdict(value: Verdict | None) -> str:
    """Return a verdict in a word or two."""
    return "Never decided" if value is None else VERDICTS[value]


def moment(text: str | None) -> str:
    """Return an instant as a person reads it.

    >>> moment("2026-03-02T09:41:07Z"), moment(None)
    ('2 March 2026, 09:41 UTC', '–')
    """
    found = instant(text)
    return NONE if found is None else f"{found.day} {found:%B %Y, %H:%M} UTC"


def day(text: str | None) -> str:
    """Return the day of an instant.

    >>> day("2026-03-02T09:41:07Z")
    '2 March 2026'
    """
    found = instant(text)
    return NONE if found is None else f"{found.day} {found:%B %Y}"


def instant(text: str | None) -> datetime | None:
    """Return an ISO 8601 instant in UTC; None where there is none."""
    if not text:
        return None
    return datetime.fromisoformat(text).astimezone(UTC)


def many(number: int, one: str, more: str = "") -> str:
    """Return a count with its noun.

    >>> many(1, "client"), many(1200, "client"), many(2, "reply", "replies")
    ('1 client', '1,200 clients', '2 replies')
    """
    return f"{whole(number)} {one if number == 1 else more or one + 's'}"


def first_up(text: str) -> str:
    """Return words with their first letter large.

    >>> first_up("customer number")
    'Customer number'
    """
    return text[:1].upper() + text[1:]
