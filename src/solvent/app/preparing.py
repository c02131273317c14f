"""From a product and its data to a dataset one may learn from: checked, built, past the gate."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from solvent.app.check import TableCheck, require_enough, require_usable, table_checks
from solvent.dataset import Check, Dataset, build_dataset, open_data, require_no_leak, run_gate
from solvent.dataset.matching import Match, match_sources, require_matches
from solvent.dataset.plan import parse_instant
from solvent.product import Product
from solvent.progress import Progress
from solvent.sources import refusals


@dataclass(frozen=True, slots=True, kw_only=True)
class Prepared:
    """A dataset, and what was found on the way to it.

    Args:
        dataset: With every candidate feature.
        checks: The leakage gate's findings; none of them stands in the way.
        tables: Rows of each table, the applications first.
        matches: How many applications have rows in each source.
    """

    dataset: Dataset
    checks: tuple[Check, ...]
    tables: tuple[TableCheck, ...]
    matches: tuple[Match, ...]


@contextmanager
def prepared(
    product: Product, data: Path, *, seed: int, created_at: str, progress: Progress
) -> Iterator[Prepared]:
    """Open the data and build a dataset, while they stay open.

    Args:
        product: The declaration.
        data: The data folder.
        seed: Of the split and of the gate's samples.
        created_at: ISO instant: now.
        progress: Told how far it is.

    Raises:
        SolventError: If the data or the gate refuse.
    """
    with open_data(product.plan, data, progress=progress) as opened:
        tables, matches = table_checks(opened), match_sources(opened, progress=progress)
        require_usable(tables[0], refusals(opened.applications).reasons)
        require_matches(matches)
        now = parse_instant(created_at, None)
        dataset = build_dataset(opened, seed=seed, now=now, progress=progress)
        require_enough(dataset)
        checks = run_gate(dataset, seed=seed, progress=progress)
        require_no_leak(checks)
        yield Prepared(dataset=dataset, checks=checks, tables=tables, matches=matches)
