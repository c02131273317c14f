"""Names a machine keeps, titles and sentences a person reads, for one feature."""

from __future__ import annotations

from solvent.features.aggregates import Aggregate, Feature, Op
from solvent.features.expressions import Calendar, Column, Expression, Type
from solvent.features.windows import EVER, Window
from solvent.features.words import question

_TITLES = {
    Op.SUM: "{many}: {value} summed", Op.MEAN: "{many}: mean {value}",
    Op.STD: "{many}: spread of {value}", Op.MIN: "{many}: smallest {value}",
    Op.MAX: "{many}: largest {value}", Op.LAST: "{many}: latest {value}",
    Op.DISTINCT: "{many}: different values of {value}", Op.COUNT: "{many}",
    Op.SHARE: "share of {many}", Op.SINCE_LAST: "days since the last {one}",
    Op.SINCE_FIRST: "days since the first {one}", Op.ATTRIBUTE: "{rows}: {value}",
}  # fmt: skip
_ACTIVE_DAYS = "days with {many}"
_TIMELESS_SO_FAR = {Op.ATTRIBUTE, Op.LAST, Op.SINCE_LAST, Op.SINCE_FIRST}

_NONE = "unknown when there are none"
_NOTHING = {
    Op.COUNT: "0 when there are none", Op.SUM: "0 when there are none",
    Op.DISTINCT: "0 when there are none", Op.MEAN: _NONE, Op.MIN: _NONE, Op.MAX: _NONE,
    Op.LAST: _NONE, Op.SINCE_LAST: _NONE, Op.SINCE_FIRST: _NONE,
    Op.STD: "unknown below two of them", Op.SHARE: "unknown when that is known of none",
    Op.ATTRIBUTE: "unknown when there is none",
}  # fmt: skip
_WHAT = {
    Op.STD: "standard deviation", Op.SHARE: "from 0 to 1", Op.LAST: "the newest one",
    Op.SINCE_LAST: "the newest one", Op.SINCE_FIRST: "the oldest one",
}  # fmt: skip
_BIRTHS = {"birth", "birth date", "birthdate", "birthday", "date of birth", "born", "dob"}


def name_aggregate(feature: Aggregate) -> str:
    """Return the identifier: table, value, op, condition, window."""
    parts = [feature.table]
    if _is_active_days(feature):
        parts.append("active_days")
    else:
        parts += [feature.value.slug] if feature.value is not None else []
        parts.append(str(feature.op))
    if feature.where is not None:
        parts.append(
            feature.where.slug if feature.op is Op.SHARE else f"where_{feature.where.slug}"
        )
    if feature.over != EVER:
        parts.append(feature.over.label)
    return "_".join(parts)


def title_aggregate(feature: Aggregate) -> str:
    """Return the words shown beside a value.

    >>> from solvent.features import Events, days, money, total
    >>> top_ups = Events(name="top_ups", files="t.csv", key="user", at="at", zone="UTC",
    ...                  columns={"amount": money("BRL")})
    >>> total(top_ups, top_ups["amount"], over=days(30)).title
    'Top ups: amount summed, last 30 days (BRL)'
    """
    return capital(f"{_subject(feature)}{_span(feature)}{_unit(feature.unit, _subject(feature))}")


def title_ratio(top: Feature, bottom: Feature) -> str:
    """Return the words for one feature divided by another.

    Two windows of one count or sum read as a share: "Top-ups in the last 7 days as a share of the
    last 30 days".
    """
    if not (isinstance(top, Aggregate) and isinstance(bottom, Aggregate)):
        return f"{top.title}, divided by {small(bottom.title)}"
    given = (top.title, bottom.title) == (title_aggregate(top), title_aggregate(bottom))
    if not given or _apart_from_window(top) != _apart_from_window(bottom):
        return f"{top.title}, divided by {small(bottom.title)}"
    link = "as a share of" if top.op in {Op.COUNT, Op.SUM} else "relative to"
    return capital(f"{_subject(top)}{_span(top)} {link} {_all_of(bottom.over)}")


def title_own(value: Expression) -> str:
    """Return the words for a value of the application row."""
    return capital(f"{_thing(value)}{_unit(value.unit, value.words)}")


def describe_aggregate(feature: Aggregate) -> str:
    """Return what the title leaves open: over which time, and what nothing means.

    A title of its own says nothing of that, so the sentence then says the whole.

    >>> from solvent.features import Events, count, days
    >>> count(Events(name="top_ups", files="t.csv", key="user", at="at"), over=days(7)).describe()
    'In the last 7 days before the application; 0 when there are none.'
    """
    nothing, title = _NOTHING[feature.op], title_aggregate(feature)
    if feature.op is Op.ATTRIBUTE:
        words = "as last known before the application"
    else:
        span = "at any time" if feature.over == EVER else feature.over.words
        words = f"{span} before the application"
        if feature.op in _WHAT:
            words = f"{_WHAT[feature.op]}, {words}"
    own = "" if feature.title == title else f"{title}: "
    return capital(f"{own}{words}; {nothing}.")


def describe_own(value: Expression) -> str:
    """Return where a value of the application row comes from."""
    if isinstance(value, Calendar):
        return f"{capital(value.words)}, told by its time."
    if value.type is Type.TIME:
        return f"Days from {value.words} to the application."
    if isinstance(value, Column):
        return "As given in the application."
    return f"{title_own(value)}, as given in the application."


def describe_ratio(top: Feature, bottom: Feature) -> str:
    """Return one plain sentence for one feature divided by another."""
    return (
        f"{top.title}, divided by {small(bottom.title)};"
        " unknown when either is unknown or the second is 0."
    )


def plural(noun: str) -> str:
    """Return several of a noun.

    >>> plural("top-up"), plural("enquiry"), plural("address"), plural("use of the network")
    ('top-ups', 'enquiries', 'addresses', 'uses of the network')
    """
    head, of, rest = noun.partition(" of ")
    if of:
        return plural(head) + of + rest
    if noun.endswith("y") and noun[-2:-1] not in set("aeiou"):
        return noun[:-1] + "ies"
    return noun + ("es" if noun.endswith(("s", "x", "ch", "sh")) else "s")


def capital(words: str) -> str:
    """Return `words` beginning with a capital letter."""
    return words[:1].upper() + words[1:]


def small(words: str) -> str:
    """Return `words` beginning with a small letter, unless they begin with an abbreviation."""
    return words if words[1:2].isupper() else words[:1].lower() + words[1:]


def _is_active_days(feature: Aggregate) -> bool:
    value = feature.value
    return feature.op is Op.DISTINCT and isinstance(value, Calendar) and value.part == "day"


def _apart_from_window(feature: Aggregate) -> tuple[str, ...]:
    return (feature.table, str(feature.op), repr(feature.value), repr(feature.where))


def _subject(feature: Aggregate) -> str:
    """Return the title without its window and unit."""
    form = _ACTIVE_DAYS if _is_active_days(feature) else _TITLES[feature.op]
    where = _where(feature)
    return form.format(
        many=plural(feature.rows) + where,
        one=feature.rows + where,
        rows=feature.rows,
        value="" if feature.value is None else _thing(feature.value),
    )


def _where(feature: Aggregate) -> str:
    return "" if feature.where is None else f" where {question(feature.where)}"


def _span(feature: Aggregate) -> str:
    """Return the window as it follows the subject of a title."""
    if feature.over == EVER:
        if feature.op in _TIMELESS_SO_FAR:
            return ""
        return ", so far" if _has_clause(feature) else " so far"
    return f", {feature.over.span}" if _has_clause(feature) else f" {feature.over.words}"


def _has_clause(feature: Aggregate) -> bool:
    plain = {Op.COUNT, Op.SINCE_LAST, Op.SINCE_FIRST}
    return feature.where is not None or not (feature.op in plain or _is_active_days(feature))


def _all_of(window: Window) -> str:
    return "all so far" if window == EVER else f"the {window.span}"


def _thing(value: Expression) -> str:
    if value.type is Type.TRUTH and not isinstance(value, Column):
        return f"whether {value.words}"
    if value.type is Type.TIME and value.words.lower() in _BIRTHS:
        return "age in days"
    return f"days since {value.words}" if value.type is Type.TIME else value.words


def _unit(unit: str, words: str) -> str:
    """Return the unit in brackets, unless the words already name it."""
    return f" ({unit})" if unit and unit not in words.lower().split() else ""
