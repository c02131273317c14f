"""Names a machine keeps, titles and sentences a person reads, for one feature."""

from __future__ import annotations

from solvent.features.aggregates import ROW_OPS, Aggregate, Feature, Op
from solvent.features.calendars import Calendar
from solvent.features.expressions import Column, Expression, Literal, Type
from solvent.features.windows import EVER, Window
from solvent.features.words import question

_TITLES = {
    Op.SUM: "{many}: {value} summed", Op.MEAN: "{many}: mean {value}",
    Op.STD: "{many}: spread of {value}", Op.MIN: "{many}: smallest {value}",
    Op.MAX: "{many}: largest {value}", Op.LAST: "{many}: latest {value}",
    Op.DISTINCT: "{many}: different values of {value}", Op.COUNT: "{many}",
    Op.SHARE: "share of {many}", Op.SINCE_LAST: "days since the last {one}",
    Op.SINCE_FIRST: "days since the first {one}", Op.ATTRIBUTE: "{rows}: {value}",
    Op.FIRST: "{many}: first {value}", Op.MOST_COMMON: "{many}: most common {value}",
    Op.ENTROPY: "{many}: variety of {value}", Op.TREND: "{many}: trend of {value}",
    Op.QUANTILE: "{many}: {quantile} {value}", Op.SESSIONS: "sessions of {many}, {gap} apart",
    Op.STREAK: "{many}: longest streak in which {asked}",
    Op.ACTIVE_STREAK: "most days in a row with {many}",
    Op.MEAN_GAP: "mean time between {many}", Op.STD_GAP: "irregularity of time between {many}",
    Op.SHORTEST_GAP: "shortest time between {many}", Op.LONGEST_GAP: "longest time between {many}",
}  # fmt: skip
_ACTIVE = "{unit} with {many}"
_ORDINALS = {"1": "st", "2": "nd", "3": "rd"}
_TIMELESS_SO_FAR = {Op.ATTRIBUTE, Op.FIRST, Op.LAST, Op.SINCE_LAST, Op.SINCE_FIRST}

_NONE = "unknown when there are none"
_FEW = "unknown below two of them"
_ZERO = "0 when there are none"
_NOTHING = {
    Op.COUNT: _ZERO, Op.SUM: _ZERO, Op.DISTINCT: _ZERO, Op.SESSIONS: _ZERO, Op.STREAK: _ZERO,
    Op.ACTIVE_STREAK: _ZERO, Op.FIRST: _NONE, Op.MOST_COMMON: _NONE, Op.ENTROPY: _NONE,
    Op.QUANTILE: _NONE, Op.TREND: "unknown below two points in time", Op.MEAN_GAP: _FEW,
    Op.SHORTEST_GAP: _FEW, Op.LONGEST_GAP: _FEW, Op.STD_GAP: "unknown below three of them",
    Op.MEAN: _NONE, Op.MIN: _NONE, Op.MAX: _NONE,
    Op.LAST: _NONE, Op.SINCE_LAST: _NONE, Op.SINCE_FIRST: _NONE,
    Op.STD: _FEW, Op.SHARE: "unknown when that is known of none",
    Op.ATTRIBUTE: "unknown when there is none",
}  # fmt: skip
_WHAT = {
    Op.STD: "standard deviation", Op.SHARE: "from 0 to 1", Op.LAST: "the newest one",
    Op.FIRST: "the oldest one", Op.SINCE_LAST: "the newest one", Op.SINCE_FIRST: "the oldest one",
    Op.MOST_COMMON: "of several as common, the one seen last",
    Op.ENTROPY: "entropy in nats, 0 where all are alike",
    Op.TREND: "change a day, by least squares", Op.STD_GAP: "standard deviation, 0 is clockwork",
}  # fmt: skip
_BIRTHS = {"birth", "birth date", "birthdate", "birthday", "date of birth", "born", "dob"}


def name_aggregate(feature: Aggregate) -> str:
    """Return the identifier: table, value, op, condition, window."""
    parts = [feature.table]
    if _calendar_count(feature):
        parts.append(f"active_{_calendar_count(feature)}s")
    else:
        timeless = feature.value is None or feature.op is Op.ACTIVE_STREAK
        parts += [] if timeless or feature.value is None else [feature.value.slug]
        parts.append(_op_word(feature))
    if feature.where is not None:
        parts.append(
            feature.where.slug if feature.op is Op.SHARE else f"where_{feature.where.slug}"
        )
    parts += [f"newest_{feature.newest}"] if feature.newest else []
    if feature.over != EVER:
        parts.append(feature.over.label)
    return "_".join(parts)


def _op_word(feature: Aggregate) -> str:
    """Return what is done as a name tells it: `mean`, `median`, `q90`, `sessions_30min`."""
    if feature.op is Op.QUANTILE:
        return "median" if feature.quantile == 0.5 else f"q{_percent(feature.quantile)}"
    if feature.op is Op.SESSIONS:
        return f"sessions_{Window(feature.gap).label}"
    return str(feature.op)


def _percent(quantile: float) -> str:
    """Return a quantile in percent: 90, or 97_5 where it is no whole one."""
    return f"{quantile * 100:.10g}".replace(".", "_")


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


def title_zscore(value: Feature, average: Feature) -> str:
    """Return the words for a value against the usual one of the same customer."""
    return f"{value.title} against {small(average.title)}, in standard deviations"


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
    if isinstance(feature.value, Literal):  # of any row the same: only its being there is told
        return "Yes where there is one as of the application; unknown when there is none."
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


def words_below(feature: Feature) -> str:
    """Return a feature of the rows below a row as a value of that row: its title, without "so far".

    >>> from solvent.features import Events, count
    >>> months = Events(name="months", files="m.csv", key="loan", at="at", parent="loans")
    >>> words_below(count(months))
    'number of months'
    """
    title = small(feature.title).removesuffix(" so far").removesuffix(",")
    is_count = isinstance(feature, Aggregate) and feature.op is Op.COUNT
    return f"number of {title}" if is_count else title


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


def _calendar_count(feature: Aggregate) -> str:
    """Return "day" or "month" where those with a row are counted, else nothing."""
    value = feature.value
    if feature.op is not Op.DISTINCT or not isinstance(value, Calendar):
        return ""
    return value.part if value.part in {"day", "month"} else ""


def _apart_from_window(feature: Aggregate) -> tuple[str, ...]:
    return (feature.table, str(feature.op), repr(feature.value), repr(feature.where))


def _subject(feature: Aggregate) -> str:
    """Return the title without its window and unit."""
    unit = _calendar_count(feature)
    form = _ACTIVE.format(unit=f"{unit}s", many="{many}") if unit else _TITLES[feature.op]
    where = _where(feature)
    latest = f"latest {feature.newest:,} " if feature.newest > 1 else "latest "
    latest = latest if feature.newest else ""
    many = feature.rows if feature.newest == 1 else plural(feature.rows)
    return form.format(
        many=latest + many + where,
        one=feature.rows + where,
        rows=feature.rows,
        value="" if feature.value is None else _thing(feature.value),
        asked=_asked(feature),
        quantile=_quantile_words(feature.quantile),
        gap=Window(feature.gap).span.removeprefix("last ") if feature.gap else "",
    )


def _asked(feature: Aggregate) -> str:
    is_streak = feature.op is Op.STREAK and feature.value is not None
    return question(feature.value) if is_streak and feature.value is not None else ""


def _quantile_words(quantile: float) -> str:
    """Return a quantile as it stands before a value.

    >>> _quantile_words(0.5), _quantile_words(0.9), _quantile_words(0.02)
    ('median', '90th percentile of', '2nd percentile of')
    """
    if quantile == 0.5:
        return "median"
    percent = f"{quantile * 100:.10g}"
    tens = percent[-2:] if len(percent) > 1 else ""
    ending = "th" if tens[:1] == "1" or "." in percent else _ORDINALS.get(percent[-1], "th")
    return f"{percent}{ending} percentile of"


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
    plain = {Op.ACTIVE_STREAK, *ROW_OPS} - {Op.SESSIONS}
    return feature.where is not None or not (feature.op in plain or _calendar_count(feature))


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
