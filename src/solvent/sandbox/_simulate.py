"""The simulated lenders by name, and the one way to ask for a sandbox."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType

from solvent.errors import SandboxError
from solvent.progress import Progress, Silent
from solvent.sandbox._lender import Lender
from solvent.sandbox._write import Written, write_sandbox
from solvent.sandbox.airtime_loans import AIRTIME_LOANS
from solvent.sandbox.card_portfolio import CARD_PORTFOLIO
from solvent.sandbox.home_credit import HOME_CREDIT
from solvent.sandbox.instant_card import INSTANT_CARD
from solvent.sandbox.mobile_lender import MOBILE_LENDER

LENDERS: Mapping[str, Lender] = MappingProxyType(
    {
        lender.name: lender
        for lender in (AIRTIME_LOANS, CARD_PORTFOLIO, HOME_CREDIT, INSTANT_CARD, MOBILE_LENDER)
    }
)
"""Every simulated lender by name."""

_MOST_CUSTOMERS = 50_000_000
_SILENT = Silent()


def simulate(
    lender: str, *, customers: int, seed: int, out: Path, progress: Progress = _SILENT
) -> Written:
    """Simulate a lender and write its tables as Parquet, and a `sandbox.json` about them.

    The first n customers of a sandbox are the same however many follow. The same seed and
    customers give the same values under one version of NumPy, and under one version of PyArrow
    the same bytes.

    Args:
        lender: One of `LENDERS`.
        customers: How many, 1 to 50 million.
        seed: Any integer from 0; the same seed tells the same story.
        out: Folder to write; new, empty, or a former sandbox, which is then replaced.
        progress: Told of each block of customers done.

    Returns:
        Where the tables are, their rows and digests.

    Raises:
        SandboxError: The lender is unknown, or `customers` or `seed` is out of range.
        WriteError: `out` holds something else, or could not be written; nothing half-done stays.
    """
    if lender not in LENDERS:
        raise SandboxError(
            f"no simulated lender is called {lender!r}",
            hint=f"choose one of: {', '.join(LENDERS)}",
            field="lender",
        )
    if not 1 <= customers <= _MOST_CUSTOMERS:
        raise SandboxError(
            f"a sandbox has 1 to {_MOST_CUSTOMERS:,} customers, found {customers}",
            hint="ask for at least one customer",
            field="customers",
        )
    if seed < 0:
        raise SandboxError(f"a seed is 0 or more, found {seed}", hint="drop the sign", field="seed")
    told = Silent() if progress is None else progress
    return write_sandbox(
        LENDERS[lender], customers=customers, seed=seed, out=Path(out), progress=told
    )
