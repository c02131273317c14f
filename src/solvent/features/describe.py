"""Names a machine keeps and sentences a person reads, for one aggregate."""

from __future__ import annotations

from solvent.features.aggregates import Aggregate, Op
from solvent.features.expressions import Calendar, Expression, Type
from solvent.features.windows import EVER

_TITLES = {
    Op.SUM: "sum of {value}", Op.MEAN: "mean {value}", Op.STD: "spread of {value}",
    Op.MIN: "smallest {value}", Op.MAX: "largest {value}", Op.LAST: "last {value}",
    Op.DISTINCT: "different {value}", Op.COUNT: "number of {rows} rows",
    Op.SHARE: "share where {where}", Op.SINCE_LAST: "days since the last {rows}",
    Op.SINCE_FIRST: "days since the first {rows}", Op.ATTRIBUTE: "{value}",
}  # fmt: skip

_SENTENCES = {
    Op.COUNT: "Number of {rows} rows{where}{window}; 0 when there are none.",
    Op.SUM: "Sum of {value} over {rows} rows{where}{window}; 0 when there are none.",
    Op.MEAN: "Mean of {value} over {rows} rows{where}{window}; unknown when there are none.",
    Op.STD: "Standard deviation of {value} over {rows} rows{where}{window}; unknown below two rows.",
    Op.MIN: "Smallest {value} over {rows} rows{where}{window}; unknown when there are none.",
    Op.MAX: "Largest {value} over {rows} rows{where}{window}; unknown when there are none.",
    Op.DISTINCT: "Number of different values of {value} over {rows} rows{where}{window}; 0 when there are none.",
    Op.LAST: "Newest known {value} over {rows} rows{where}{window}; unknown when there are none.",
    Op.SHARE: "Share of {rows} rows{where}{window}, of those where that is known, from 0 to 1; unknown when there are none.",
    Op.SINCE_LAST: "Days from the newest {rows} row{where}{window} to the application; unknown when there are none.",
    Op.SINCE_FIRST: "Days from the oldest {rows} row{where}{window} to the application; unknown when there are none.",
    Op.ATTRIBUTE: "{value} in the newest {rows} row valid and known at the application; unknown when there is none.",
}  # fmt: skip


def name_aggregate(feature: Aggregate) -> str:
    """Return the identifier: table, value, op, condition, window."""
    parts = [feature.table]
    if (
        feature.op is Op.DISTINCT
        and isinstance(feature.value, Calendar)
        and feature.value.part == "day"
    ):
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
    """Return the words shown beside a value: `top-up: sum of amount in the last 30 days`."""
    body = _TITLES[feature.op].format(
        value=_value(feature.value),
        rows=feature.rows,
        where="" if feature.where is None else feature.where.words,
    )
    if feature.op is Op.DISTINCT and isinstance(feature.value, Calendar):
        body = "active days"
    if feature.op not in {Op.COUNT, Op.SINCE_LAST, Op.SINCE_FIRST}:
        body = f"{feature.rows}: {body}"
    if feature.where is not None and feature.op is not Op.SHARE:
        body += f" where {feature.where.words}"
    return body if feature.over == EVER else f"{body} {feature.over.words}"


def describe_aggregate(feature: Aggregate) -> str:
    """Return one plain sentence: what is taken, over which rows, and what nothing means."""
    window = "" if feature.over == EVER else f" {feature.over.words}"
    sentence = _SENTENCES[feature.op].format(
        value=_value(feature.value),
        rows=feature.rows,
        where=f" where {feature.where.words}" if feature.where is not None else "",
        window=f"{window} before the application" if feature.op is not Op.ATTRIBUTE else "",
    )
    return sentence[:1].upper() + sentence[1:]


def _value(value: Expression | None) -> str:
    if value is None:
        return ""
    if value.type is Type.TIME:
        return f"days since {value.words}"
    return (
        f"{value.words} ({value.unit})"
        if value.unit and value.unit not in value.words
        else value.words
    )
