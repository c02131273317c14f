"""Bins and findings as a person says them."""

from __future__ import annotations

import re

from solvent.binning import Shape
from solvent.features.describe import capital, small
from solvent.report.figures import NARROW_SPACE, count, percent
from solvent.report.study_record import StudyBin, StudyLine

UNKNOWN = "not known"
OTHERS = "all others"
YEARS_FROM = 730.0
DAYS_A_YEAR = 365.25
FEW_IN_A_GROUP = 100
"""Smaller groups do not speak for a feature where larger ones can."""
_UNIT = re.compile(r" \([^()]*\)$")
_SINCE = re.compile(r"^Days since (?:the )?(.+)$", re.IGNORECASE)
_SPAN = re.compile(r", (last \d+ \w+|so far)$")
_SHAPES = {
    Shape.RISES: "The bad rate rises with it.",
    Shape.FALLS: "The bad rate falls as it grows.",
    Shape.PEAK: "The bad rate is highest in the middle.",
    Shape.DIP: "The bad rate is lowest in the middle.",
    Shape.MIXED: "The bad rate goes up and down along it.",
    Shape.FLAT: "The bad rate hardly changes along it.",
}
DIRECTIONS = {
    Shape.RISES: "▲ riskier",
    Shape.FALLS: "▼ safer",
    Shape.PEAK: "◠ riskiest in the middle",
    Shape.DIP: "◡ safest in the middle",
    Shape.MIXED: "◆ up and down",
    Shape.FLAT: "no clear course",
}


def heading(line: StudyLine) -> str:
    """Return a feature's title without its unit.

    Args:
        line: The feature.
    """
    return _UNIT.sub("", line.title) if line.unit else line.title


def is_share(line: StudyLine) -> bool:
    """Return True where a feature's values are shares, to be written in per cent.

    Args:
        line: The feature.
    """
    told = line.op == "share" or " as a share of " in line.title or line.title.startswith("Share ")
    return told and not line.unit


def written(value: float, unit: str, *, share: bool = False) -> tuple[str, str]:
    """Return a value and its unit as a person writes them.

    >>> written(0.25, "", share=True), written(0.5, "days"), written(6935.0, "days")
    (('25', '%'), ('12', 'hours'), ('19', 'years'))
    >>> written(1234.5, "BRL"), written(1.0, "days"), written(0.0, "")
    (('1,234.5', 'BRL'), ('1', 'day'), ('0', ''))
    """
    if share:
        return plain(100.0 * value), "%"
    if unit == "days" and 0.0 < abs(value) < 1.0:
        hours = plain(24.0 * value)
        return hours, "hour" if hours == "1" else "hours"
    if unit == "days" and abs(value) >= YEARS_FROM:
        return plain(round(value / DAYS_A_YEAR, 1)), "years"
    if unit == "days":
        return plain(value), "day" if value == 1.0 else "days"
    return plain(value), unit


def plain(value: float) -> str:
    """Return a number with no more digits than a person reads.

    >>> plain(0.123456), plain(12.0), plain(1234567.8), plain(-3.14159), plain(19.04)
    ('0.123', '12', '1,234,568', '−3.14', '19')
    """
    size = abs(value)
    digits = 0 if size >= 10_000 else 1 if size >= 100 else 2 if size >= 1 else 3
    text = f"{size:,.{digits}f}"
    if size < 1 and size and float(text) == 0.0:
        text = f"{size:.2g}"
    if "." in text:
        text = text.rstrip("0").rstrip(".")
    if 10 <= size < 100 and "." in text:
        text = f"{size:.1f}".removesuffix(".0")
    return f"−{text}" if value < 0 and text != "0" else text


def value_words(line: StudyLine, value: float) -> str:
    """Return a value of a feature with its unit.

    Args:
        line: The feature.
        value: One of its values.
    """
    if line.flag:
        return "yes" if value else "no"
    number, unit = written(value, line.unit, share=is_share(line))
    return _joined(number, unit)


def _joined(number: str, unit: str) -> str:
    if not unit:
        return number
    return f"{number}{NARROW_SPACE if unit == '%' else ' '}{unit}"


def bin_words(line: StudyLine, one: StudyBin) -> str:
    """Return a bin as it stands beside a bar: "2–4 days", "more than 14 days", "not known".

    Args:
        line: The feature.
        one: One of its bins.
    """
    if one.unknown:
        return UNKNOWN
    if one.others:
        return OTHERS if any(other.level for other in line.bins) else "all values"
    if line.category:
        return one.level
    if one.value is not None:
        return value_words(line, one.value)
    if one.above is None and one.up_to is None:
        return "all values"
    if one.up_to is None:
        return f"more than {value_words(line, one.above or 0.0)}"
    if one.above is None:
        return f"up to {value_words(line, one.up_to)}"
    counted = line.whole and not line.unit and not is_share(line)
    return _between(line, one.above + 1.0 if counted else one.above, one.up_to)


def _between(line: StudyLine, low: float, high: float) -> str:
    share = is_share(line)
    (first, unit), (last, other) = (written(each, line.unit, share=share) for each in (low, high))
    if first == last and unit == other:
        return _joined(last, other)
    same = unit.rstrip("s") == other.rstrip("s")
    return f"{first if same else _joined(first, unit)}–{_joined(last, other)}"


def condition(line: StudyLine, one: StudyBin, *, again: bool = False) -> str:
    """Return a bin as the condition of a sentence: "the last top-up was more than 14 days ago".

    Args:
        line: The feature.
        one: One of its bins.
        again: Whether the subject was named just before.
    """
    if one.unknown:
        return "it was not known" if again else f"{subject(line)} was not known"
    said = bin_words(line, one)
    if not (line.category or one.value is not None or one.above is None):
        said = said if one.up_to is None else f"between {said.replace('–', ' and ')}"
    said = said.replace("up to ", "at most ")
    if line.flag:
        return f"{'it' if again else f'“{small(heading(line))}”'} was {said}"
    since = _SINCE.match(_thing(heading(line)))
    if since and line.unit == "days":
        return f"{'it' if again else _the(since[1])} was {said} ago"
    rising = line.title.startswith("Days with ")
    if (line.op == "count" or rising) and not line.unit:
        said = "no" if said == "0" else said
        if again:
            return f"there were {'none' if said == 'no' else said}"
        return f"there were {said} {small(heading(line)).replace(' so far', ' before')}"
    if line.category and not one.others:
        said = f"“{said}”"
    top, linked, bottom = heading(line).partition(" as a share of ")
    if linked and not again:
        whole = f"{'that' if ': ' in top else 'those'} of {bottom}"
        was = "was" if ": " in top else "were"
        return f"{spoken(top)} {was} {said} of {whole}"
    if again:
        return f"they were {said}" if linked and ": " not in top else f"it was {said}"
    return f"{subject(line)} was {said}"


def subject(line: StudyLine) -> str:
    """Return what a sentence says something about.

    Args:
        line: The feature.
    """
    return spoken(heading(line))


def spoken(title: str) -> str:
    """Return a title as the subject of a sentence.

    >>> spoken("Top-ups: amount topped up summed, last 30 days")
    'the total amount topped up in the last 30 days'
    """
    thing = small(_thing(title))
    where = _SPAN.search(thing)
    if where:
        span = "" if where[1] == "so far" else f" in the {where[1]}"
        thing = _SPAN.sub("", thing) + span
    if thing.endswith(" summed") or " summed in" in thing:
        thing = f"total {thing.replace(' summed', '')}"
    if thing.startswith("different values of "):
        thing = f"number of {thing}"
    if thing == "age in days":
        thing = "age"
    return _the(thing)


def _thing(title: str) -> str:
    """Return a title without its table: "mean amount topped up, last 30 days"."""
    table, colon, thing = title.partition(": ")
    if not colon:
        return table
    return f"{thing} ({small(table)})" if " where " in table else thing


def _the(words: str) -> str:
    first = words.split(" ", 1)[0]
    return words if first in {"the", "how", "whether", "top-ups", "days"} else f"the {words}"


def extremes(line: StudyLine) -> tuple[StudyBin, StudyBin] | None:
    """Return the bins a sentence sets against each other, the safer one first.

    For a number that only rises or only falls these are its two ends; else the bins of known values
    with the lowest and the highest bad rate, small ones and the rest of the labels left out.

    Args:
        line: The feature.

    Returns:
        None where there are not two bins of known values, and none for unknown ones.
    """
    known = [one for one in line.bins if one.shown and not one.unknown]
    if len(known) < 2:
        known = [one for one in line.bins if one.shown]
    if len(known) < 2:
        return None
    large = [one for one in known if one.n >= FEW_IN_A_GROUP and not one.others]
    known = large if len(large) > 1 else known
    if line.shape in {Shape.RISES, Shape.FALLS} and not any(one.unknown for one in known):
        ends = (known[0], known[-1])
        return ends if ends[0].bad_rate <= ends[1].bad_rate else (ends[1], ends[0])
    order = sorted(known, key=lambda one: one.bad_rate)
    return order[0], order[-1]


def sentence(line: StudyLine) -> str:
    """Return what was seen of a feature, in one sentence with counts.

    Args:
        line: The feature.
    """
    found = extremes(line)
    if found is None:
        return f"{capital(subject(line))} is the same for nearly everybody, so it tells nothing."
    safe, risky = found
    return (
        f"Where {condition(line, safe)}, {percent(safe.bad_rate)} went bad "
        f"({_n(safe)}); where {condition(line, risky, again=True)}, "
        f"{percent(risky.bad_rate)} ({_n(risky)}).{_on_others(safe, risky)}"
    )


def _on_others(safe: StudyBin, risky: StudyBin) -> str:
    """Return the bad rates of the same two groups on the test side, where it has both."""
    later = [(one.bad_rate_test, one.n_test) for one in (safe, risky)]
    told = [f"{percent(rate)} (n\u00a0=\u00a0{count(n)})" for rate, n in later if rate is not None]
    return f" On other customers: {told[0]} and {told[1]}." if len(told) == 2 else ""


def _n(one: StudyBin) -> str:
    return f"n\u00a0=\u00a0{count(one.n)}"


def course(line: StudyLine) -> str:
    """Return which way the bad rate goes along a number; empty for a category or a flag.

    Args:
        line: The feature.
    """
    return "" if line.shape is None or line.flag else _SHAPES[line.shape]


def direction(line: StudyLine) -> str:
    """Return which way a higher value points, in a word.

    Args:
        line: The feature.
    """
    return "◆ by label" if line.shape is None else DIRECTIONS[line.shape]


def strength(value: float) -> str:
    """Return the conventional word for an IV.

    >>> [strength(each) for each in (0.01, 0.05, 0.2, 0.4, 0.9)]
    ['weak', 'modest', 'medium', 'strong', 'suspiciously strong']
    """
    words = ((0.02, "weak"), (0.1, "modest"), (0.3, "medium"), (0.5, "strong"))
    return next((word for top, word in words if value < top), "suspiciously strong")


def small_heading(line: StudyLine) -> str:
    """Return a feature's title as it stands inside a sentence.

    Args:
        line: The feature.
    """
    return small(heading(line))
