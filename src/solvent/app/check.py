"""Check a product against its data without training."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from solvent.dataset import Check, Refusal, Stage, build_dataset, open_data, run_gate
from solvent.product import LoadedProduct
from solvent.progress import Progress, Silent
from solvent.sources import refusals


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


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckResult:
    """What was found.

    Args:
        tables: Rows by table.
        refusals: Refused rows by table and reason.
        funnel: Rows read to rows used.
        checks: The leakage gate's findings.
        features: Number of features.
        bad_rate: Bad rate of usable applications, in (0, 1).
    """

    tables: tuple[TableCheck, ...]
    refusals: tuple[Refusal, ...]
    funnel: tuple[Stage, ...]
    checks: tuple[Check, ...]
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
        DataError: If a table cannot be read at all.
    """
    progress = progress or Silent()
    with open_data(loaded.product.plan, data, progress=progress) as opened:
        dataset = build_dataset(opened, seed=seed, now=now, progress=progress)
        checks = run_gate(dataset, seed=seed, progress=progress)
        tables = {loaded.product.applications.name: opened.applications, **opened.sources}
        counted = [
            TableCheck(name=name, present=True, read=r.read, accepted=r.accepted, refused=r.refused)
            for name, r in ((name, refusals(table)) for name, table in tables.items())
        ]
        absent = [TableCheck(name=name, present=False) for name in opened.absent]
        return CheckResult(
            tables=(*counted, *absent), refusals=dataset.refusals, funnel=dataset.funnel,
            checks=checks, features=len(dataset.frame.columns),
            bad_rate=float(dataset.bad.mean()),
        )  # fmt: skip
