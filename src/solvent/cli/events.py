"""`solvent events`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from solvent.app.bootstrap import open_service
from solvent.app.events import load_files
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
        Path,
        typer.Argument(
            metavar="FILE", help="File of one source, or a folder with the files product.py names."
        ),
    ],
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
) -> None:
    """Load events and attributes of customers into the store; a row loaded twice counts once.

    Rows are read as for training, so a decision made from them has the same features to the bit.

    Example: solvent events load airtime_loans demo/data
    """
    service = open_service(read_settings())
    try:
        live = service.product(product)
        found = load_files(
            service, live, file, source=source, share=share, progress=TerminalProgress()
        )
    finally:
        service.close()
    show_table(
        f"Rows of {product}", ("source", "new", "there already", "refused"),
        [(one.source, f"{one.accepted:,}", f"{one.repeated:,}", f"{one.refused:,}")
         for one in found],
    )  # fmt: skip
    reasons = [(one.source, why, f"{rows:,}") for one in found for why, rows in one.reasons]
    if reasons:
        show_table("Refused rows", ("source", "reason", "rows"), reasons)
