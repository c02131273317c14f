"""`solvent erase`."""

from __future__ import annotations

from typing import Annotated

import typer

from solvent.app.bootstrap import clock
from solvent.app.erasing import erase_client
from solvent.app.settings import read_settings
from solvent.cli.terminal import out, told
from solvent.errors import DeclarationError
from solvent.store import Database


@told
def erase(
    product: Annotated[str, typer.Argument(metavar="PRODUCT", help="Name of the product.")],
    client: Annotated[str, typer.Argument(metavar="CLIENT", help="The client's number.")],
    yes: Annotated[
        bool, typer.Option("--yes", help="Do it: what is erased cannot be had back.")
    ] = False,
) -> None:
    """Erase a client for ever: rows, decisions and answers, standings, and their name.

    Batches that hold the client are removed, with what was sent and their results; one that is
    under way must be over first. Verdicts, PDs, scores and times stay, under ids that lead to
    nobody, and the audit still holds.
    SQLite's file is written anew, so nothing is left in its free pages; backups are yours to
    remove, and a model that learnt from the client stays as it is. What the lender's systems send
    of them again is kept again.

    Example: solvent erase airtime_loans 55-1198 --yes
    """
    if not yes:
        raise DeclarationError(
            "nothing was erased", hint="what is erased cannot be had back: say --yes", field="--yes"
        )
    settings = read_settings()
    database = Database.open(settings.home, settings.database_url)
    try:
        found, batches = erase_client(database, settings.home, product, client, at=clock())
    finally:
        database.close()
    out.print(f"emptied  {found.decisions:,} decisions")
    out.print(f"removed  {found.rows:,} rows, {found.texts:,} texts that stood in no other row")
    if batches:
        out.print(f"removed  {batches:,} batches whose files held the client, with their results")
    out.print("audit    notes the erasure; solvent audit verify tells that the chain holds")
