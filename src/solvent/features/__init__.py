"""Point-in-time features: values computed from sources as they were known at `as_of`."""

from solvent.features.aggregates import Aggregate, Feature, Op, Own, with_parts
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
from solvent.features.combinations import Difference, Ratio, ZScore, difference, ratio, zscore
from solvent.features.database import Database
from solvent.features.detail import Detail
from solvent.features.expressions import Column, Expression
from solvent.features.frame import CategoryColumn, FeatureFrame, NumberColumn
from solvent.features.rows import NULL, ApplicationRows, EntityRows, Values
from solvent.features.summaries import (
    active_days,
    active_months,
    active_streak,
    attribute,
    count,
    distinct,
    entropy,
    first,
    last,
    longest_gap,
    longest_streak,
    maximum,
    mean,
    mean_gap,
    median,
    minimum,
    most_common,
    night_share,
    own,
    quantile,
    sessions,
    share,
    shares,
    shortest_gap,
    since_first,
    since_last,
    std,
    std_gap,
    total,
    trend,
    weekend_share,
)
from solvent.features.tables import Applications, Attributes, Csv, Events, Excel, Table
from solvent.features.windows import DAY, EVER, HOUR, Window, days, hours, minutes, months

__all__ = [
    "DAY", "EVER", "HOUR", "NULL", "Aggregate", "ApplicationRows", "Applications", "Attributes",
    "CategoryColumn", "Column", "ColumnType", "Csv", "Database", "Detail", "Difference",
    "EntityRows", "Events", "Excel", "Expression", "Feature", "FeatureFrame", "Kind",
    "NumberColumn", "Op", "Own", "Ratio", "Table", "Values", "Window", "ZScore", "active_days",
    "active_months", "active_streak", "attribute", "behaviour", "category", "count", "date",
    "days", "difference", "distinct", "entropy", "first", "flag", "from_json", "hours", "instant",
    "integer", "last", "longest_gap", "longest_streak", "maximum", "mean", "mean_gap", "median",
    "minimum", "minutes", "money", "months", "most_common", "night_share", "number", "own",
    "quantile", "ratio", "sessions", "share", "shares", "shortest_gap", "since_first",
    "since_last", "std", "std_gap", "to_json", "total", "trend", "weekend_share", "with_parts",
    "zscore",
]  # fmt: skip
