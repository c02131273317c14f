"""`solvent events`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from solvent.app.bootstrap import open_service
from solvent.app.events import LoadedSource, Wanted, load_files
from solvent.app.settings import read_settings
from solvent.cli.terminal import TerminalProgress, show_table, told

events = typer.Typer(help="Live rows: what the API decides from.", no_args_is_help=True)


@events.callback()
def _events() -> None:
    """Keep `load` a word of its own: there will be more."""


@events.command()
@told
def load(
    product: Annotated[
        str, typer.Argument(metavar="PRODUCT", help="Name of the product, as its model has it.")
    ],
    file: Annotated[
        Path | None,
        typer.Argument(
            metavar="FILE",
            help="File of one source, or a folder with the files product.py names, here or at "
            "s3://BUCKET/FOLDER \\[default: only what lies in databases and buckets].",
        ),
    ] = None,
    source: Annotated[
        str | None,
        typer.Option(metavar="NAME", help="The file's source, where its name does not tell."),
    ] = None,
    share: Annotated[
        float,
        typer.Option(
            metavar="S",
            help="Load the rows of this share of customers alone, above 0 and at most 1: the same "
            "customers in every source, and every time.",
        ),
    ] = 1.0,
    since: Annotated[
        str,
        typer.Option(
            metavar="last|INSTANT",
            help="Load what became available then (2024-12-31T00:00:00Z) or later; last: since the "
            "newest row kept of each source, rows sent to the API among them. \\[default: all]",
            show_default=False,
        ),
    ] = "",
) -> None:
    """Load events and attributes of customers into the store; a row loaded twice counts once.

    Rows are read as for training, so a decision made from them has the same features to the bit.
    A row of the very instant that --since names is read again, and counts once all the same.

    Example: solvent events load airtime_loans demo/data --since last
    """
    service = open_service(read_settings())
    try:
        live = service.product(product)
        found = load_files(
            service, live, file, source=source, wanted=Wanted(share=share, since=since),
            progress=TerminalProgress(),
        )  # fmt: skip
    finally:
        service.close()
    older = ("older, not read",) if since else ()
    show_table(
        f"Rows of {product}", ("source", "new", "there already", "refused", *older),
        [(one.source, f"{one.accepted:,}", f"{one.repeated:,}", f"{one.refused:,}",
          *([_older(one)] if since else ())) for one in found],
    )  # fmt: skip
    reasons = [(one.source, why, f"{rows:,}") for one in found for why, rows in one.reasons]
    if reasons:
        show_table("Refused rows", ("source", "reason", "rows"), reasons)


def _older(one: LoadedSource) -> str:
    if one.since is None:
        return "all were read"
    return "not counted" if one.older is None else f"{one.older:,}"
