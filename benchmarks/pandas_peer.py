"""Peer: the same features by pandas, merge then groupby, window inside window."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas
from pandas.core.groupby import DataFrameGroupBy

from benchmarks.data import APPLICATIONS
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
    return joined


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
    if label in SESSION_WINDOWS:
        result[f"sessions_{label}"] = _sessions(joined)
        empty.append("sessions")
    if label == RECENT:
        result[f"entropy_{label}"] = _entropy(joined, found["count"])
        result[f"trend_{label}"] = _trend(joined, grouped)
    if label == "ever":
        result["since_last"] = grouped["age"].min() / _DAY_US
        result["since_first"] = grouped["age"].max() / _DAY_US
        newest = joined.loc[joined.sort_values(["age", "amount_cents"], ascending=[True, False])
                            .drop_duplicates(KEY).index]  # fmt: skip
        result["last_amount"] = newest.set_index(KEY)["amount_cents"]
    for word in empty:
        result[f"{word}_{label}"] = result[f"{word}_{label}"].fillna(0)


def _sessions(joined: pandas.DataFrame) -> pandas.Series:
    """Count, per application, the events after which nothing follows for a while."""
    ordered = joined[[KEY, "age"]].sort_values([KEY, "age"])
    pause = ordered["age"].diff()
    ends = (ordered[KEY] != ordered[KEY].shift()) | (pause > _SESSION_US)
    return ends.groupby(ordered[KEY]).sum()


def _entropy(joined: pandas.DataFrame, count: pandas.Series) -> pandas.Series:
    levels = joined.groupby([KEY, "category"], observed=True).size()
    part = levels / count.reindex(levels.index.get_level_values(KEY)).to_numpy()
    return (-part * np.log(part)).groupby(level=KEY).sum()


def _trend(joined: pandas.DataFrame, grouped: DataFrameGroupBy) -> pandas.Series:
    """Return the slope per day by least squares, around the mean age."""
    away = joined["age"] - grouped["age"].transform("mean")
    key = joined[KEY]
    together = (away * joined["amount_cents"]).groupby(key).sum()
    spread = (away * away).groupby(key).sum()
    return (-together / spread * _DAY_US).where(spread > 0)


def _ratios(result: pandas.DataFrame) -> None:
    for short, long in RATIOS:
        for word in ("count", "sum"):
            divided = result[f"{word}_{short}"] / result[f"{word}_{long}"]
            finite = divided.where(np.isfinite(divided))
            result[f"{word}_{short}_of_{long}"] = finite
