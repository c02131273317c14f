"""`solvent card`."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer

from solvent.app._targets import whole_file
from solvent.app.card import CardRequest, card_of
from solvent.app.card_file import Format, card_text
from solvent.app.explained_file import Target, require_target
from solvent.cli.places import ProductFolder
from solvent.cli.terminal import out, told
from solvent.errors import DeclarationError
from solvent.models.card_sql import Dialect
from solvent.product import load_product
from solvent.store import home


@told
def card(
    folder: ProductFolder,
    model: Annotated[
        int | None,
        typer.Option(metavar="VERSION", help="Model version \\[default: the newest].", min=1),
    ] = None,
    link: Annotated[
        str,
        typer.Option(
            metavar="NAME",
            help="Of a chain of models the one whose card is wanted.",
            show_default=False,
        ),
    ] = "",
    kind: Annotated[
        Format,
        typer.Option("--format", help="A page to print, a table, a specification, or a query."),
    ] = Format.HTML,
    dialect: Annotated[
        Dialect | None,
        typer.Option(help="Database the query is for \\[default: duckdb]."),
    ] = None,
    output: Annotated[
        Path | None,
        typer.Option(
            "--output", "-o", metavar="FILE", help="Write it here \\[default: to the terminal]."
        ),
    ] = None,
) -> None:
    """Print a scorecard, or carry it elsewhere.

    The model must have been trained with --technique scorecard; of a chain of models each link has
    a card of its own. The page is for people who add
    points by hand; the JSON specification, and the SQL for DuckDB or Postgres, give the same
    margin, points and PD as solvent does.

    Example: solvent card examples/airtime_loans --format html -o card.html
    """
    if dialect is not None and kind is not Format.SQL:
        raise DeclarationError(
            f"a {kind} has no dialect", hint="add --format sql, or leave it out", field="dialect"
        )
    loaded = load_product(folder)
    if output is not None:
        target = Target(
            path=output, loaded=loaded, data=loaded.folder / loaded.product.data, home=home()
        )
        require_target(target, (f".{kind}",))
    record = card_of(CardRequest(loaded=loaded, home=home(), version=model, link=link))
    text = card_text(record, kind, dialect or Dialect.DUCKDB)
    if output is None:
        sys.stdout.write(text)
        return
    with whole_file(output) as file:
        file.write(text.encode())
    out.print(f"wrote    version {record.version} to {output}", markup=False)
