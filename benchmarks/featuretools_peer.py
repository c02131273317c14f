"""Peer: Featuretools with cutoff times, 35 features. Run by the interpreter of its own environment.

`python -P featuretools_peer.py PAYMENTS APPLICATIONS OUT`: imports nothing of the project, and is
handed the payments of the asked customers alone, which spares it the reading and the filtering.
"""

from __future__ import annotations

import sys
from pathlib import Path

import featuretools  # type: ignore[import-not-found]  # in an environment of its own
import pandas

WINDOW_DAYS = {"1d": 1, "7d": 7, "30d": 30, "90d": 90, "ever": None}
NAMES = {
    "count": "COUNT(payments)", "sum": "SUM(payments.amount_cents)",
    "mean": "MEAN(payments.amount_cents)", "std": "STD(payments.amount_cents)",
    "min": "MIN(payments.amount_cents)", "max": "MAX(payments.amount_cents)",
    "merchants": "NUM_UNIQUE(payments.merchant_id)",
}  # fmt: skip


def run(payments_file: Path, applications_file: Path, out: Path) -> None:
    """Compute the features of every application in the file and write them."""
    applications = pandas.read_parquet(applications_file)
    payments = pandas.read_parquet(payments_file)
    cutoffs = pandas.DataFrame(
        {
            "user_id": applications["user_id"],
            "time": _naive(applications["applied_at"]),
            "application_id": applications["application_id"],
        }
    )
    payments["event_time"] = _naive(payments["event_time"])
    book = _book(payments, applications)
    result = cutoffs[["application_id"]].set_index("application_id")
    for label, length in WINDOW_DAYS.items():
        matrix, _ = featuretools.dfs(
            entityset=book,
            target_dataframe_name="users",
            cutoff_time=cutoffs,
            cutoff_time_in_index=True,
            # with this, windows are closed on the left and open on the right, as ours are
            include_cutoff_time=False,
            training_window=None if length is None else featuretools.Timedelta(length, "d"),
            agg_primitives=["count", "sum", "mean", "std", "min", "max", "num_unique"],
            trans_primitives=[],
            max_depth=1,
            verbose=False,
        )
        matrix = matrix.set_index("application_id")
        for word, name in NAMES.items():
            result[f"{word}_{label}"] = matrix[name].astype("float64")
        # no payment is no merchant: a null there, a nought here
        result[f"merchants_{label}"] = result[f"merchants_{label}"].fillna(0.0)
    result.reset_index().to_parquet(out)


def _naive(times: pandas.Series) -> pandas.Series:
    return times.dt.tz_localize(None).astype("datetime64[us]")


def _book(payments: pandas.DataFrame, applications: pandas.DataFrame) -> featuretools.EntitySet:
    book = featuretools.EntitySet("book")
    users = pandas.DataFrame({"user_id": applications["user_id"].unique()})
    book.add_dataframe(dataframe_name="users", dataframe=users, index="user_id")
    payments = payments.drop(columns="category").reset_index(names="payment_id")
    book.add_dataframe(
        dataframe_name="payments",
        dataframe=payments,
        index="payment_id",
        time_index="event_time",
        logical_types={"amount_cents": "Double", "merchant_id": "Categorical"},
    )
    book.add_relationship("users", "user_id", "payments", "user_id")
    return book


if __name__ == "__main__":
    run(*map(Path, sys.argv[1:4]))
