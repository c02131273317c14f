"""`solvent letter`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from solvent.app._targets import whole_file
from solvent.app.bootstrap import open_service
from solvent.app.letters import letter as letter_of
from solvent.app.settings import read_settings
from solvent.cli.terminal import out, told
from solvent.models.documents import to_bytes
from solvent.serve.letters import LEFT, letter_html


@told
def letter(
    decision: Annotated[
        str, typer.Argument(metavar="DECISION", help="Id of the decision, 32 hex digits.")
    ],
    output: Annotated[
        Path,
        typer.Option(
            "--output",
            "-o",
            metavar="FILE",
            help="Write the letter here: a page to print, or its data where it ends in .json.",
        ),
    ] = Path("letter.html"),
) -> None:
    """Write the letter about a request that was declined, or answered with another offer.

    The decision is told as it was kept: principal reasons, score and its range, key factors. The
    lender's name and the rights it must tell of come from letter=Letterhead(...) in product.py;
    what is left to fill in is marked in the letter and listed here.

    Example: solvent letter 0f8c1d7e5a2b4c6d9e3f1a2b3c4d5e6f -o letter.html
    """
    service = open_service(read_settings())
    try:
        found = letter_of(service, decision)
    finally:
        service.close()
    is_data = output.suffix == ".json"
    with whole_file(output) as file:
        file.write(to_bytes(found) + b"\n" if is_data else letter_html(found).encode())
    for name in found["to_fill"]:
        out.print(f"to fill  {LEFT[name]}", markup=False)
    out.print(f"wrote    {output}", markup=False)
