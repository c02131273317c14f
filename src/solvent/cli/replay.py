"""`solvent replay`."""

from __future__ import annotations

from typing import Annotated

import typer

from solvent.app.bootstrap import Service, open_service
from solvent.app.replay import Replayed, Replays, Unreplayed, require_share
from solvent.app.settings import read_settings
from solvent.cli.terminal import TerminalProgress, out, told
from solvent.errors import DeclarationError
from solvent.features import instant
from solvent.features.cells import read_time

SHOWN = 20


@told
def replay(
    decision: Annotated[
        str | None,
        typer.Argument(metavar="[DECISION]", help="Id of one decision, 32 hex digits."),
    ] = None,
    sample: Annotated[
        str,
        typer.Option(
            metavar="SHARE",
            help="Instead of one: a share of all decisions, 1% or 0.01, the same ones every time.",
        ),
    ] = "",
    since: Annotated[
        str,
        typer.Option(
            metavar="INSTANT",
            help="With --sample: those decided then (2024-12-31T00:00:00Z) or later. "
            "\\[default: all]",
            show_default=False,
        ),
    ] = "",
) -> None:
    """Make decisions again from the model, policy and rows they name, and compare every byte.

    Rows that were told later, corrections among them, change nothing. It ends with 1 where a
    decision differs, or cannot be made again.

    Example: solvent replay --sample 1% --since 2024-12-31T00:00:00Z
    """
    if (decision is None) == (not sample):
        raise DeclarationError(
            "name one decision, or a share of them", hint="solvent replay DECISION, or --sample 1%",
            field="decision",
        )  # fmt: skip
    if since and not sample:
        raise DeclarationError("goes with --sample", hint="leave it out", field="--since")
    service = open_service(read_settings())
    try:
        if decision is not None:
            _show_one(Replays(service).replay(decision))
            return
        _show_many(service, require_share(sample), _since(since))
    finally:
        service.close()


def _since(text: str) -> int:
    if not text:
        return 0
    moment = read_time(text, instant(), zone=None, field="--since")
    return 0 if moment is None else moment.time


def _show_one(found: Replayed) -> None:
    out.print(f"decision {found.decision}, made by solvent {found.made_by}", markup=False)
    out.print(f"read     {found.rows:,} live rows")
    if not found.differs:
        out.print(f"same     all {found.compared:,} values, to the last byte")
        return
    for place in found.differs:
        out.print(f"differs  {place}", markup=False)
    raise typer.Exit(1)


def _show_many(service: Service, share: float, since: int) -> None:
    same, faults = 0, list[str]()
    with TerminalProgress().step("deciding again") as step:
        for one in Replays(service).sample(since=since, share=share):
            if isinstance(one, Unreplayed):
                faults.append(f"cannot   {one.decision}: {one.reason}")
            elif one.differs:
                faults.append(f"differs  {one.decision}: {', '.join(one.differs[:5])}")
            else:
                same += 1
            step.advance()
    for fault in faults[:SHOWN]:
        out.print(fault, markup=False)
    if len(faults) > SHOWN:
        out.print(f"and {len(faults) - SHOWN:,} more")
    out.print(f"same     {same:,} of {same + len(faults):,} decisions, to the last byte")
    if faults:
        raise typer.Exit(1)
