"""What the mobile lender could count before each loan, by plain joins in Polars."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

import polars as pl

from solvent.sandbox._mobile.calendar import OBSERVED_UNTIL

AT = pl.col("application_at")
MATURE_DAYS = 45


def mature_loans(folder: Path) -> pl.DataFrame:
    """Loans whose outcome is final, with `bad`, `true_pd` and how many came before."""
    loans = pl.read_parquet(folder / "loan_outcomes.parquet")
    loans = loans.join(pl.read_parquet(folder / "truth.parquet"), on="loan_id")
    known: datetime = OBSERVED_UNTIL
    return loans.with_columns(
        bad=pl.col("loan_outcome") == "defaulted",
        before=AT.rank("ordinal").over("user_id").cast(pl.Int64) - 1,
    ).filter(pl.lit(known) - pl.duration(days=MATURE_DAYS) >= AT)


def signals(folder: Path, loans: pl.DataFrame, *, honest: bool = True) -> pl.DataFrame:
    """One row a loan, in their order: recency, counts and shares of what came before.

    Args:
        folder: The sandbox.
        loans: From `mature_loans`.
        honest: Whether rows uploaded after the application are left out.
    """
    gps = _before(folder, loans, "gps", "position_id", "recorded_at", honest=honest)
    taps = _before(folder, loans, "events", "event_id", "event_at", honest=honest)
    told = gps.group_by("loan_id").agg(
        recency=pl.col("ago").min(),
        positions=pl.len(),
        positions_30=(pl.col("ago") < 30).sum(),
        positions_7=(pl.col("ago") < 7).sum(),
        accuracy=pl.col("accuracy").log().mean(),
        speed=pl.col("speed").mean(),
        moving=(pl.col("speed") > 1).mean(),
    )
    done = taps.group_by("loan_id").agg(
        tap_recency=pl.col("ago").min(),
        taps=pl.len(),
        sessions_30=pl.col("session_id").filter(pl.col("ago") < 30).n_unique(),
        help=(pl.col("screen") == "help").mean(),
        terms=(pl.col("screen") == "terms").mean(),
        errors=(pl.col("action") == "error").mean(),
        night=(pl.col("event_at").dt.hour() < 5).mean(),
        wifi=(pl.col("network") == "wifi").mean(),
    )
    both = loans.select("loan_id", "amount", "term_days", "before")
    both = both.join(told, on="loan_id", how="left", maintain_order="left")
    both = both.join(done, on="loan_id", how="left", maintain_order="left")
    both = both.join(broker(folder, loans, honest=honest), on="loan_id", how="left",
                     maintain_order="left")  # fmt: skip
    counted = ("positions", "positions_30", "positions_7", "taps", "sessions_30")
    return both.drop("loan_id").with_columns(pl.col(*counted).fill_null(0))


def broker(folder: Path, loans: pl.DataFrame, *, honest: bool = True) -> pl.DataFrame:
    """The broker's numbers by loan: as known at the application, or simply the newest."""
    rows = pl.read_parquet(folder / "features.parquet")
    joined = loans.select("loan_id", "user_id", "application_at").join(rows, on="user_id")
    if honest:
        joined = joined.filter(pl.col("valid_from") <= AT, pl.col("recorded_at") <= AT)
    newest = joined.sort("valid_from").group_by("loan_id").last()
    return newest.select("loan_id", *(f"feature_{number}" for number in range(1, 11)))


def recency(folder: Path, loans: pl.DataFrame, *, honest: bool = True) -> pl.Series:
    """Days since the last position before each loan, the median where there was none."""
    gps = _before(folder, loans, "gps", "position_id", "recorded_at", honest=honest)
    last = gps.group_by("loan_id").agg(recency=pl.col("ago").min())
    both = loans.join(last, on="loan_id", how="left", maintain_order="left")
    return both["recency"].fill_null(both["recency"].median())


def positions_after(folder: Path, loans: pl.DataFrame) -> pl.Series:
    """Positions within 30 days after each loan: what nobody may use."""
    gps = pl.read_parquet(folder / "gps.parquet").unique("position_id")
    joined = loans.select("loan_id", "user_id", "application_at").join(gps, on="user_id")
    after = (pl.col("recorded_at") - AT).dt.total_days()
    counts = joined.filter(pl.col("recorded_at") > AT, after < 30).group_by("loan_id").len()
    both = loans.join(counts, on="loan_id", how="left", maintain_order="left")
    return both["len"].fill_null(0).cast(pl.Float64)


def _before(
    folder: Path, loans: pl.DataFrame, table: str, name: str, time: str, *, honest: bool
) -> pl.DataFrame:
    """Rows of a table before each loan, once each as last sent, with `ago` in days."""
    rows = pl.read_parquet(folder / f"{table}.parquet")
    joined = loans.select("loan_id", "user_id", "application_at").join(rows, on="user_id")
    joined = joined.filter(pl.col(time) < AT)
    if honest:
        joined = joined.filter(pl.col("uploaded_at") <= AT)
    joined = joined.sort("uploaded_at").unique(["loan_id", name], keep="last")
    return joined.with_columns(ago=(AT - pl.col(time)).dt.total_seconds() / 86_400)
