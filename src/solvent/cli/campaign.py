"""`solvent campaign`."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer

from solvent.app.campaign_file import CampaignRequest, campaign_file
from solvent.cli.places import DataFolder, ProductFolder, data_folder
from solvent.cli.terminal import TerminalProgress, out, show_table, show_warning, told
from solvent.product import load_product
from solvent.report.figures import money, percent
from solvent.store import home


@told
def campaign(
    folder: ProductFolder,
    customers: Annotated[
        Path,
        typer.Argument(
            metavar="CUSTOMERS",
            help="CSV or Parquet with the customers' key column, and any column of the "
            "applications you know.",
        ),
    ],
    output: Annotated[
        Path,
        typer.Option("--output", "-o", metavar="eligible.csv", help="Where the eligible go."),
    ],
    confidence: Annotated[
        float,
        typer.Option(metavar="P", help="Least repayment probability, between 0 and 1."),
    ] = 0.9,
    data: DataFolder = None,
    as_of: Annotated[
        str | None,
        typer.Option(
            metavar="INSTANT",
            help="Look at customers as of then, where the file has no times: "
            "2024-12-31T00:00:00Z \\[default: now].",
        ),
    ] = None,
) -> None:
    """Write the customers a policy would approve, with offers, and say where others fell out.

    A customer is eligible who repays with at least the confidence, whom no knock-out rule catches
    and whom the policy approves.

    Example: solvent campaign examples/airtime_loans demo/data/customers.parquet --data demo/data
    --confidence 0.9 --as-of 2024-12-31T00:00:00Z -o eligible.csv
    """
    loaded = load_product(folder)
    result = campaign_file(
        CampaignRequest(
            product=loaded.product.name, folder=folder, customers=customers,
            data=data_folder(loaded, data), home=home(), confidence=confidence,
            as_of=as_of or datetime.now(UTC).isoformat(), out=output,
        ),
        progress=TerminalProgress(),
    )  # fmt: skip
    stages = [(stage.label, f"{stage.rows:,}", stage.note) for stage in result.funnel]
    show_table("From customers to the eligible", ("", "customers", ""), stages)
    found = result.outlook
    show_table(
        "What to expect", ("", ""),
        [
            ("customers", f"{found.clients:,}"), ("mean PD", percent(found.bad_rate)),
            ("lent", _money(found.lent, found.currency)),
            ("lost to bad debt", _money(found.bad_debt, found.currency)),
            ("profit", _money(found.profit, found.currency)),
        ],
    )  # fmt: skip
    for warning in result.warnings:
        show_warning(warning)
    out.print(f"decided  with policy {result.policy}, model version {result.version}", markup=False)
    out.print(f"wrote    {output}", markup=False)


def _money(value: float | None, currency: str) -> str:
    return "not known" if value is None else money(value, currency)
