"""Check a product against its data without training."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from solvent.dataset import (
    Check,
    Dataset,
    OpenData,
    Refusal,
    Stage,
    build_dataset,
    open_data,
    run_gate,
)
from solvent.dataset.matching import Match, match_sources, require_matches
from solvent.errors import DataError, OneClassError
from solvent.product import LoadedProduct
from solvent.progress import Progress, Silent
from solvent.sources import refusals

MANY_REFUSED = 0.05
"""Above this share of a table's rows a loud line says how many were refused."""
MOST_REFUSED = 0.5
"""Above this share of the applications what is left is no picture of them: training refuses."""
FEWEST = 2
"""Bads, and goods, without which a side gives no figure with a spread."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TableCheck:
    """Rows of one table.

    Args:
        name: The table.
        present: False where an optional table is absent.
        read: Rows in its files.
        accepted: Rows that fit the declaration.
        refused: Rows that do not.
    """

    name: str
    present: bool
    read: int = 0
    accepted: int = 0
    refused: int = 0

    @property
    def warning(self) -> str:
        """What to say loudly of its refused rows; empty where they are few."""
        if self.refused <= MANY_REFUSED * self.read:
            return ""
        return (
            f"{self.name}: {self.refused:,} of {self.read:,} rows were refused "
            f"({self.refused / self.read:.0%}); are its columns declared as they are written?"
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckResult:
    """What was found.

    Args:
        tables: Rows by table.
        refusals: Refused rows by table and reason.
        funnel: Rows read to rows used.
        checks: The leakage gate's findings.
        matches: How many applications have rows in each source.
        features: Number of features.
        bad_rate: Bad rate of usable applications, in (0, 1).
    """

    tables: tuple[TableCheck, ...]
    refusals: tuple[Refusal, ...]
    funnel: tuple[Stage, ...]
    checks: tuple[Check, ...]
    matches: tuple[Match, ...]
    features: int
    bad_rate: float


def check(
    loaded: LoadedProduct,
    data: Path,
    *,
    seed: int = 0,
    now: int,
    progress: Progress | None = None,
) -> CheckResult:
    """Read, count, set aside and run the leakage gate.

    Args:
        loaded: The product.
        data: The data folder.
        seed: Decides the gate's sample.
        now: Today's instant (microseconds): a time beyond it is no observation.
        progress: Told how far it is.

    Raises:
        DataError: If a table cannot be read at all, most applications are refused, or none has
            a row in a source.
        OneClassError: If there are too few bads or goods.
    """
    progress = progress or Silent()
    with open_data(loaded.product.plan, data, progress=progress) as opened:
        tables, matches = table_checks(opened), match_sources(opened, progress=progress)
        require_usable(tables[0], refusals(opened.applications).reasons)
        require_matches(matches)
        dataset = build_dataset(opened, seed=seed, now=now, progress=progress)
        require_enough(dataset)
        checks = run_gate(dataset, seed=seed, progress=progress)
        return CheckResult(
            tables=tables, refusals=dataset.refusals, funnel=dataset.funnel,
            checks=checks, matches=matches, features=len(dataset.frame.columns),
            bad_rate=float(dataset.bad.mean()),
        )  # fmt: skip


def table_checks(data: OpenData) -> tuple[TableCheck, ...]:
    """Return the rows of each table, the applications first.

    Args:
        data: The open tables.
    """
    tables = {data.plan.applications.name: data.applications, **data.sources}
    counted = [
        TableCheck(name=name, present=True, read=r.read, accepted=r.accepted, refused=r.refused)
        for name, r in ((name, refusals(table)) for name, table in tables.items())
    ]
    return (*counted, *(TableCheck(name=name, present=False) for name in data.absent))


def require_usable(applications: TableCheck, reasons: Sequence[tuple[str, int]]) -> None:
    """Refuse applications most of which were refused: the rest is no picture of them.

    Args:
        applications: Rows of the application table.
        reasons: Why rows were refused, with counts.

    Raises:
        DataError: More than half of them were refused, and not all (that is told elsewhere).
    """
    if applications.accepted and applications.refused > MOST_REFUSED * applications.read:
        why = "; ".join(f"{rows:,} {reason}" for reason, rows in reasons[:5])
        raise DataError(
            f"{applications.refused:,} of {applications.read:,} applications were refused ({why})",
            hint="mend the table, or declare how its columns are written", field=applications.name,
        )  # fmt: skip


def require_enough(dataset: Dataset) -> None:
    """Refuse sides with so few bads or goods that no figure of them has a spread.

    Args:
        dataset: Split into train and test.

    Raises:
        OneClassError: A side has fewer than two of a kind.
    """
    for mask, where in ((dataset.split.test, "the test"), (dataset.split.train, "the training")):
        bads = int(dataset.bad[mask].sum())
        for kind, count in (("bads", bads), ("goods", int(mask.sum()) - bads)):
            if count < FEWEST:
                raise OneClassError(
                    f"too few {kind}: {count} in {where}",
                    hint="more data is needed, or another test_share", field="bad",
                )  # fmt: skip
