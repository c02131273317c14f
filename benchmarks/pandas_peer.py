"""Peer: the same features by pandas, merge then groupby, window inside window."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas

from benchmarks.data import APPLICATIONS
from benchmarks.wanted import (
    KEY,
    NIGHT_ENDS,
    RATIOS,
    SHARE_WINDOWS,
    SHARED_CATEGORIES,
    WINDOW_DAYS,
)

_DAY_US = 86_400_000_000
_HOUR_US = 3_600_000_000


def run(folder: Path, events_file: str, out: Path) -> None:
    """Compute the features and write them."""
    applications = pandas.read_parquet(
        folder / APPLICATIONS, columns=[KEY, "user_id", "applied_at"]
    )
    applications["as_of"] = _microseconds(applications.pop("applied_at"))
    joined = _joined(folder / events_file, applications)
    result = pandas.DataFrame(index=pandas.Index(np.sort(applications[KEY]), name=KEY))
    # from the longest window to the shortest: each is a part of the one before
    for label, length in reversed(WINDOW_DAYS.items()):
        if length is not None:
            joined = joined[joined["age"] <= length * _DAY_US]
        _of_window(joined, label, result)
    _ratios(result)
    result.reset_index().to_parquet(out)


def _microseconds(times: pandas.Series) -> pandas.Series:
    return times.astype("datetime64[us, UTC]").astype("int64")


def _joined(events_file: Path, applications: pandas.DataFrame) -> pandas.DataFrame:
    """Return the events before each application, newest first within one."""
    events = pandas.read_parquet(events_file)
    events["time"] = _microseconds(events.pop("event_time"))
    events["category"] = events["category"].astype("category")
    joined = applications.merge(events, on="user_id").drop(columns="user_id")
    joined = joined[joined["time"] < joined["as_of"]].copy()
    joined["age"] = joined.pop("as_of") - joined["time"]
    joined["night"] = joined["time"] % _DAY_US < NIGHT_ENDS * _HOUR_US
    joined["day"] = joined.pop("time") // _DAY_US
    for level in SHARED_CATEGORIES:
        joined[level] = joined["category"] == level
    return joined.drop(columns="category")


def _of_window(joined: pandas.DataFrame, label: str, result: pandas.DataFrame) -> None:
    grouped = joined.groupby(KEY, sort=False)
    amount = grouped["amount_cents"]
    found = amount.agg(["count", "sum", "mean", "std", "min", "max"])
    for word in found.columns:
        result[f"{word}_{label}"] = found[word]
    result[f"merchants_{label}"] = grouped["merchant_id"].nunique()
    empty = ["count", "sum", "merchants"]
    if label in SHARE_WINDOWS:
        for word in (*SHARED_CATEGORIES, "night"):
            result[f"{word}_{label}"] = grouped[word].sum() / found["count"]
        result[f"days_{label}"] = grouped["day"].nunique()
        empty.append("days")
    if label == "ever":
        result["since_last"] = grouped["age"].min() / _DAY_US
        result["since_first"] = grouped["age"].max() / _DAY_US
        newest = joined.loc[joined.sort_values(["age", "amount_cents"], ascending=[True, False])
                            .drop_duplicates(KEY).index]  # fmt: skip
        result["last_amount"] = newest.set_index(KEY)["amount_cents"]
    for word in empty:
        result[f"{word}_{label}"] = result[f"{word}_{label}"].fillna(0)


def _ratios(result: pandas.DataFrame) -> None:
    for short, long in RATIOS:
        for word in ("count", "sum"):
            divided = result[f"{word}_{short}"] / result[f"{word}_{long}"]
            finite = divided.where(np.isfinite(divided))
            result[f"{word}_{short}_of_{long}"] = finite
