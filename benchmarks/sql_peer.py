# ruff: noqa: S608 - every name and number is a constant of the benchmark
"""Peer: the same features by the best SQL we can write for DuckDB.

Every pair of application and payment falls into one bucket, the shortest window that holds it, and
is aggregated there once; windows are sums over buckets. Distinct values are grouped with the least
bucket they are in, sessions found among the latest rows alone.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import duckdb

from benchmarks.data import APPLICATIONS, CATEGORIES
from benchmarks.measure import THREADS
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

_HOUR_US = 3_600_000_000
_DAY_US = 24 * _HOUR_US
_LABELS = tuple(WINDOW_DAYS)
_MOST_CENTS = 2**26
"""Above every amount; times have whole milliseconds, so that the product fits 63 bits."""
_LEVELS = {level: code for code, level in enumerate(CATEGORIES)}


def run(folder: Path, events_file: str, out: Path) -> None:
    """Compute the features and write them."""
    with duckdb.connect(":memory:", config={"threads": THREADS}) as connection:
        connection.execute("SET TimeZone = 'UTC'")
        connection.execute("SET preserve_insertion_order = false")
        sql = query(str(folder / events_file), str(folder / APPLICATIONS))
        connection.execute(f"COPY ({sql}) TO '{out}' (FORMAT parquet)")


def query(events: str, applications: str) -> str:
    """Return the one statement that computes everything."""
    finished = ",\n  ".join(f"{sql} AS {name}" for name, sql in _finished())
    return f"""
WITH apps AS MATERIALIZED (
  SELECT {KEY}, user_id, epoch_us(applied_at) AS as_of FROM read_parquet('{applications}')
), pairs AS MATERIALIZED (
  SELECT {KEY}, {_bucket()} AS b, as_of - time AS age, amount, level, merchant_id,
    CAST(time // {_DAY_US} AS INTEGER) AS day, time % {_DAY_US} < {NIGHT_ENDS * _HOUR_US} AS night
  FROM (
    SELECT user_id, epoch_us(event_time) AS time, amount_cents AS amount, merchant_id,
      CAST({_level_code()} AS TINYINT) AS level
    FROM read_parquet('{events}')
  ) e JOIN apps a USING (user_id) WHERE e.time < a.as_of
), parts AS (
  SELECT {KEY}, b, {", ".join(_partial())} FROM pairs GROUP BY {KEY}, b
), whole AS (
  SELECT {KEY}, {", ".join(_merged())} FROM parts GROUP BY {KEY}
), latest_parts AS (
  SELECT {KEY}, b, {", ".join(_partial_latest())} FROM pairs
  WHERE b <= {_LABELS.index(RECENT)} GROUP BY {KEY}, b
), latest AS (
  SELECT {KEY}, {", ".join(_merged_latest())} FROM latest_parts GROUP BY {KEY}
), merchants AS (
  {_distinct("merchant_id", "merchants", _LABELS)}
), days AS (
  {_distinct("day", "days", SHARE_WINDOWS)}
), visits AS (
  {_sessions()}
)
SELECT {KEY},
  {finished}
FROM apps LEFT JOIN whole USING ({KEY}) LEFT JOIN latest USING ({KEY})
  LEFT JOIN merchants USING ({KEY}) LEFT JOIN days USING ({KEY}) LEFT JOIN visits USING ({KEY})
"""


def _bucket() -> str:
    cases = " ".join(
        f"WHEN as_of - time <= {length * _DAY_US} THEN {place}"
        for place, length in enumerate(WINDOW_DAYS.values())
        if length is not None
    )
    return f"CAST(CASE {cases} ELSE {len(_LABELS) - 1} END AS TINYINT)"


def _level_code() -> str:
    cases = " ".join(f"WHEN '{level}' THEN {code}" for level, code in _LEVELS.items())
    return f"CASE category {cases} END"


def _partial() -> Iterator[str]:
    """Yield what is aggregated within one bucket."""
    yield "count(*) AS n, sum(amount) AS s, sum(amount * amount) AS ss"
    yield "min(amount) AS low, max(amount) AS high"
    yield "min(age) AS newest, max(age) AS oldest"
    # newest first, the larger amount first among equals: one number that sorts like that
    yield f"arg_min(amount, age // 1000 * {_MOST_CENTS} - amount) AS last"


def _partial_latest() -> Iterator[str]:
    """Yield what is aggregated within one of the buckets that shorter windows are made of."""
    yield "count(*) AS n, count(*) FILTER (night) AS night"
    yield "avg(age) AS mx, var_pop(age) AS vx, avg(amount) AS my, covar_pop(amount, age) AS vxy"
    for level, code in _LEVELS.items():
        yield f"count(*) FILTER (level = {code}) AS {level}"


def _merged() -> Iterator[str]:
    """Yield what buckets add up to, window by window."""
    for label in _LABELS:
        inside = _inside(label)
        for word in ("n", "s", "ss"):
            yield f"sum({word}){inside} AS {word}_{label}"
        yield f"min(low){inside} AS low_{label}, max(high){inside} AS high_{label}"
    yield "min(newest) AS newest, max(oldest) AS oldest, arg_min(last, newest) AS last"


def _merged_latest() -> Iterator[str]:
    for label in SHARE_WINDOWS:
        levels = CATEGORIES if label == RECENT else SHARED_CATEGORIES
        for word in (*levels, "night"):
            yield f"sum({word}){_inside(label)} AS {word}_{label}"
    # moments of the whole from those of its parts: within them, and between their means
    yield f"sum(n * vx) + sum(n) * {_between('mx')} AS xx"
    yield f"sum(n * vxy) + sum(n) * {_between('my')} AS xy"


def _inside(label: str) -> str:
    place = _LABELS.index(label)
    return "" if place == len(_LABELS) - 1 else f" FILTER (b <= {place})"


def _between(other: str) -> str:
    """Return SQL of the covariance of the buckets' mean ages and another mean, weighted."""
    parts = (f"n * mx * {other}", "n * mx", f"n * {other}")
    both, one, two = (f"(sum({part}) / sum(n))" for part in parts)
    return f"({both} - {one} * {two})"


def _distinct(value: str, word: str, labels: tuple[str, ...]) -> str:
    counts = ", ".join(
        f"count(*) FILTER (b <= {_LABELS.index(label)}) AS {word}_{label}" for label in labels
    )
    longest = max(_LABELS.index(label) for label in labels)
    within = "" if longest == len(_LABELS) - 1 else f" WHERE b <= {longest}"
    least = f"SELECT {KEY}, {value}, min(b) AS b FROM pairs{within} GROUP BY {KEY}, {value}"
    return f"SELECT {KEY}, {counts} FROM ({least}) GROUP BY {KEY}"


def _sessions() -> str:
    counts = ", ".join(
        f"count(*) FILTER (b <= {_LABELS.index(label)} AND (pause IS NULL OR pause >"
        f" {SESSION_MINUTES * 60_000_000})) AS sessions_{label}"
        for label in SESSION_WINDOWS
    )
    longest = max(_LABELS.index(label) for label in SESSION_WINDOWS)
    latest = (
        f"SELECT {KEY}, b, age - lag(age) OVER (PARTITION BY {KEY} ORDER BY age) AS pause"
        f" FROM pairs WHERE b <= {longest}"
    )
    return f"SELECT {KEY}, {counts} FROM ({latest}) GROUP BY {KEY}"


def _finished() -> Iterator[tuple[str, str]]:
    """Yield (name, SQL) of every feature."""
    for label in _LABELS:
        n, s = _double(f"n_{label}"), _double(f"s_{label}")
        yield f"count_{label}", n
        yield f"sum_{label}", s
        yield f"mean_{label}", f"CASE WHEN n_{label} > 0 THEN {s} / {n} END"
        spread = f"(n_{label} * ss_{label} - CAST(s_{label} AS HUGEINT) * s_{label})"
        variance = f"CAST({spread} AS DOUBLE) / ({n} * ({n} - 1))"
        yield f"std_{label}", f"CASE WHEN n_{label} > 1 THEN sqrt({variance}) END"
        yield f"min_{label}", f"CAST(low_{label} AS DOUBLE)"
        yield f"max_{label}", f"CAST(high_{label} AS DOUBLE)"
        yield f"merchants_{label}", _double(f"merchants_{label}")
        if label in SHARE_WINDOWS:
            for word in (*SHARED_CATEGORIES, "night"):
                share = f"{_double(f'{word}_{label}')} / {n}"
                yield f"{word}_{label}", f"CASE WHEN n_{label} > 0 THEN {share} END"
            yield f"days_{label}", _double(f"days_{label}")
    yield "last_amount", "CAST(last AS DOUBLE)"
    yield "since_last", f"newest / {float(_DAY_US)}"
    yield "since_first", f"oldest / {float(_DAY_US)}"
    for short, long in RATIOS:
        for word, part in (("count", "n"), ("sum", "s")):
            top, bottom = _double(f"{part}_{short}"), _double(f"{part}_{long}")
            yield f"{word}_{short}_of_{long}", f"CASE WHEN {bottom} <> 0 THEN {top} / {bottom} END"
    for label in SESSION_WINDOWS:
        yield f"sessions_{label}", _double(f"sessions_{label}")
    yield f"entropy_{RECENT}", _entropy()
    yield f"trend_{RECENT}", f"CASE WHEN n_{RECENT} > 1 AND xx > 0 THEN -xy / xx * {_DAY_US} END"


def _entropy() -> str:
    n = _double(f"n_{RECENT}")
    terms = (
        f"CASE WHEN {level}_{RECENT} > 0 THEN"
        f" -({_double(f'{level}_{RECENT}')} / {n}) * ln({_double(f'{level}_{RECENT}')} / {n})"
        " ELSE 0 END"
        for level in CATEGORIES
    )
    return f"CASE WHEN n_{RECENT} > 0 THEN {' + '.join(terms)} END"


def _double(name: str) -> str:
    """Return SQL of a whole number as a double, 0 where there is none."""
    return f"CAST(CAST(coalesce({name}, 0) AS BIGINT) AS DOUBLE)"
