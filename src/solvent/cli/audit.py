"""`solvent audit`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from solvent.app.audit import check_audit, write_checkpoint
from solvent.app.settings import read_settings
from solvent.cli.terminal import out, told

audit = typer.Typer(
    help="The chain in which every decision stands: check it, note how far it is.",
    no_args_is_help=True,
)


@audit.command()
@told
def verify(
    checkpoint: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE",
            help="A checkpoint kept elsewhere: shows what was cut from the end or rewritten since. "
            "\\[default: none]",
            show_default=False,
        ),
    ] = None,
) -> None:
    """Find every decision that was changed, removed, moved or added past the audit.

    A separate program looks, which an auditor may copy and run alone: store/audit_verifier.py. It
    ends with 0 where everything holds, 1 where something does not, 2 where it could not look.

    Example: solvent audit verify --checkpoint audit-2026-11.json
    """
    found = check_audit(read_settings(), checkpoint)
    out.print(found.words, markup=False)
    if found.status:
        raise typer.Exit(found.status)


@audit.command()
@told
def checkpoint(
    output: Annotated[
        Path,
        typer.Option("--out", "-o", metavar="FILE", help="A new file, to be kept elsewhere."),
    ],
) -> None:
    """Note how far the audit is; whoever runs the database must not reach the file.

    Example: solvent audit checkpoint --out audit-2026-11.json
    """
    found = write_checkpoint(read_settings(), output)
    out.print(f"entry    {found.number:,}")
    out.print(f"written  {output}", markup=False)
    out.print("Keep it where whoever runs the database cannot reach it.")
