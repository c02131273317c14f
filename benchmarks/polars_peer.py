"""Peer: the same features by Polars, one lazy query of conditional aggregates."""

from __future__ import annotations

from pathlib import Path

import polars as pl

from benchmarks.data import APPLICATIONS, CATEGORIES
from benchmarks.wanted import (
    KEY,
    NIGHT_ENDS,
    RATIOS,
    RECENT,
    SESSION_MINUTES,
    SESSION_WINDOWS,
    SHARE_WINDOWS,
    SHARED_CATEGORIES,
    WINDOW_DAYS,
)

_DAY_US = 86_400_000_000
_HOUR_US = 3_600_000_000
_SESSION_US = SESSION_MINUTES * 60_000_000


def run(folder: Path, events_file: str, out: Path) -> None:
    """Compute the features and write them."""
    query(folder, events_file).collect(engine="streaming").write_parquet(out)


def query(folder: Path, events_file: str) -> pl.LazyFrame:
    """Return the lazy query."""
    applications = pl.scan_parquet(folder / APPLICATIONS).select(
        KEY, "user_id", as_of=pl.col("applied_at").dt.epoch("us")
    )
    events = pl.scan_parquet(folder / events_file).with_columns(
        time=pl.col("event_time").dt.epoch("us")
    )
    joined = (
        events.drop("event_time")
        .join(applications, on="user_id")
        .filter(pl.col("time") < pl.col("as_of"))
        .with_columns(
            age=pl.col("as_of") - pl.col("time"),
            day=pl.col("time") // _DAY_US,
            night=pl.col("time") % _DAY_US < NIGHT_ENDS * _HOUR_US,
        )
    )
    grouped = joined.group_by(KEY).agg(*_aggregates())
    return applications.select(KEY).join(grouped, on=KEY, how="left").select(KEY, *_finished())


def _aggregates() -> list[pl.Expr]:
    amount, age = pl.col("amount_cents"), pl.col("age")
    found = [
        amount.filter(age == age.min()).max().alias("last_amount"),
        age.min().alias("since_last"),
        age.max().alias("since_first"),
    ]
    for label, length in WINDOW_DAYS.items():
        inside = pl.lit(value=True) if length is None else age <= length * _DAY_US
        part = amount if length is None else amount.filter(inside)
        merchants = pl.col("merchant_id")
        found += [
            part.len().alias(f"count_{label}"),
            part.sum().alias(f"sum_{label}"),
            part.std().alias(f"std_{label}"),
            part.min().alias(f"min_{label}"),
            part.max().alias(f"max_{label}"),
            (merchants if length is None else merchants.filter(inside))
            .n_unique()
            .alias(f"merchants_{label}"),
        ]
        if label in SESSION_WINDOWS:
            ends = age.filter(inside).sort().diff() > _SESSION_US
            found.append(ends.sum().alias(f"pauses_{label}"))
        if label == RECENT:
            found.append(_slope(age.filter(inside), part).alias(f"trend_{label}"))
        if label in SHARE_WINDOWS:
            found += [
                (inside & (pl.col("category") == level)).sum().alias(f"{level}_{label}")
                for level in (CATEGORIES if label == RECENT else SHARED_CATEGORIES)
            ]
            found.append((inside & pl.col("night")).sum().alias(f"night_{label}"))
            found.append(pl.col("day").filter(inside).n_unique().alias(f"days_{label}"))
    return found


def _slope(age: pl.Expr, amount: pl.Expr) -> pl.Expr:
    """Return the slope per day by least squares."""
    spread = age.cast(pl.Float64).var()
    return pl.when(spread > 0).then(-pl.cov(age, amount) / spread * _DAY_US)


def _entropy(label: str, count: pl.Expr) -> pl.Expr:
    parts = [_or_zero(f"{level}_{label}") / count for level in CATEGORIES]
    terms = [pl.when(part > 0).then(-part * part.log()).otherwise(0.0) for part in parts]
    return pl.when(count > 0).then(pl.sum_horizontal(terms))


def _finished() -> list[pl.Expr]:
    found = [
        pl.col("last_amount").cast(pl.Float64),
        pl.col("since_last", "since_first").cast(pl.Float64) / float(_DAY_US),
    ]
    for label in WINDOW_DAYS:
        count, total = _or_zero(f"count_{label}"), _or_zero(f"sum_{label}")
        found += [
            count,
            total,
            pl.when(count > 0).then(total / count).alias(f"mean_{label}"),
            pl.col(f"std_{label}"),
            pl.col(f"min_{label}", f"max_{label}").cast(pl.Float64),
            _or_zero(f"merchants_{label}"),
        ]
        if label in SESSION_WINDOWS:
            visits = _or_zero(f"pauses_{label}") + (count > 0).cast(pl.Float64)
            found.append(visits.alias(f"sessions_{label}"))
        if label == RECENT:
            found.append(_entropy(label, count).alias(f"entropy_{label}"))
            found.append(pl.col(f"trend_{label}"))
        if label in SHARE_WINDOWS:
            found += [
                pl.when(count > 0)
                .then(_or_zero(f"{word}_{label}") / count)
                .alias(f"{word}_{label}")
                for word in (*SHARED_CATEGORIES, "night")
            ]
            found.append(_or_zero(f"days_{label}"))
    for short, long in RATIOS:
        for word in ("count", "sum"):
            top, bottom = _or_zero(f"{word}_{short}"), _or_zero(f"{word}_{long}")
            found.append(pl.when(bottom != 0).then(top / bottom).alias(f"{word}_{short}_of_{long}"))
    return found


def _or_zero(name: str) -> pl.Expr:
    return pl.col(name).fill_null(0).cast(pl.Float64)
