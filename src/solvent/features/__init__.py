"""Point-in-time features: values computed from sources as they were known at `as_of`."""

from solvent.features.aggregates import (
    Aggregate,
    Feature,
    Op,
    Own,
    Ratio,
    active_days,
    attribute,
    count,
    distinct,
    last,
    maximum,
    mean,
    minimum,
    own,
    ratio,
    share,
    since_first,
    since_last,
    std,
    total,
)
from solvent.features.behaviour import behaviour
from solvent.features.codec import from_json, to_json
from solvent.features.columns import (
    ColumnType,
    Kind,
    category,
    date,
    flag,
    instant,
    integer,
    money,
    number,
)
from solvent.features.expressions import Column, Expression
from solvent.features.frame import CategoryColumn, FeatureFrame, NumberColumn
from solvent.features.rows import NULL, ApplicationRows, EntityRows, Values
from solvent.features.tables import Applications, Attributes, Csv, Events, Table
from solvent.features.windows import DAY, EVER, HOUR, Window, days, hours

__all__ = [
    "DAY", "EVER", "HOUR", "NULL", "Aggregate", "ApplicationRows", "Applications", "Attributes",
    "CategoryColumn", "Column", "ColumnType", "Csv", "EntityRows", "Events", "Expression",
    "Feature", "FeatureFrame", "Kind", "NumberColumn", "Op", "Own", "Ratio", "Table", "Values",
    "Window", "active_days", "attribute", "behaviour", "category", "count", "date", "days",
    "distinct", "flag", "from_json", "hours", "instant", "integer", "last", "maximum", "mean",
    "minimum", "money", "number", "own", "ratio", "share", "since_first", "since_last", "std",
    "to_json", "total",
]  # fmt: skip
