"""`solvent sandbox`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from solvent.cli.terminal import TerminalProgress, out, told
from solvent.sandbox import LENDERS, simulate

_NAMES = ", ".join(LENDERS)


@told
def sandbox(
    lender: Annotated[
        str,
        typer.Argument(help=f"Lender to simulate, named as its example: {_NAMES}."),
    ],
    customers: Annotated[
        int,
        typer.Option(
            help="How many customers; 10,000 of airtime_loans or mobile_lender give some 2 million "
            "rows, 40 to 50 MB."
        ),
    ] = 10_000,
    folder: Annotated[
        Path, typer.Option("--out", metavar="DIR", help="Folder to write into.")
    ] = Path("data"),
    seed: Annotated[int, typer.Option(help="Same seed, same data, byte for byte.")] = 0,
) -> None:
    """Simulate a lender whose true PDs are known: tables to try everything on.

    Example: solvent sandbox airtime_loans --customers 10000 --out demo/data
    """
    written = simulate(
        lender, customers=customers, seed=seed, out=folder, progress=TerminalProgress()
    )
    out.print(f"simulated {lender}: {customers:,} customers into {folder}")
    width = max(map(len, written.tables))
    for name, table in written.tables.items():
        out.print(f"  {name:<{width}} {table.rows:>12,} rows")
