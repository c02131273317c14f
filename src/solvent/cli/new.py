"""`solvent new`."""

from __future__ import annotations

import shlex
from pathlib import Path
from typing import Annotated

import typer

from solvent.app.new import NewRequest, NewResult
from solvent.app.new import new as scaffold
from solvent.app.policy_file import FILE as POLICY
from solvent.app.scaffold.draft import Fate, Guess
from solvent.app.scaffold.source import NO_ZONE
from solvent.cli.terminal import TerminalProgress, out, show_table, told

_MOST_SHOWN = 60


@told
def new(
    folder: Annotated[
        Path, typer.Argument(metavar="DIR", help="Folder of the new product; made if need be.")
    ],
    applications: Annotated[
        Path, typer.Option(metavar="FILE", help="One row per application: CSV or Parquet.")
    ],
    bad: Annotated[
        str,
        typer.Option(
            metavar="COLUMN[=VALUE]", help="Column with the outcome, and the value that means bad."
        ),
    ],
    id_: Annotated[
        str | None,
        typer.Option("--id", metavar="COLUMN", help="Names the application [default: guessed]."),
    ] = None,
    as_of: Annotated[
        str | None,
        typer.Option(metavar="COLUMN", help="When it was made [default: guessed; none is fine]."),
    ] = None,
    key: Annotated[
        str | None,
        typer.Option(metavar="COLUMN", help="Names the customer [default: guessed, else the id]."),
    ] = None,
) -> None:
    """Scaffold a product from a plain table: product.py, each guess with its reason beside it.

    Guesses types, id, customer, dates, money, categories, target and time zone. Columns that look
    as if they were known only after the decision are written as comments, for you to judge.

    Example: solvent new my_loans --applications loans.csv --bad defaulted
    """
    request = NewRequest(
        folder=folder, applications=applications, bad=bad, id=id_, as_of=as_of, key=key
    )
    result = scaffold(request, progress=TerminalProgress())
    _show(result)
    where = shlex.quote(str(folder))
    report = shlex.quote(str(folder / "report.html"))
    out.print(f"wrote    {result.path}: read it, mend it; then")
    out.print(f"policy   {result.path.with_name(POLICY)}: when to approve, what a loan earns")
    out.print(f"next     solvent train {where} --report {report}")


def _show(result: NewResult) -> None:
    seen = result.seen
    roles = seen.draft.roles
    rows = [
        ("id", roles.id.column, roles.id.why or "as you said"),
        ("key", roles.key.column, roles.key.why or "as you said"),
        ("as_of", roles.as_of.column if roles.as_of else "-", _as_of(result)),
        ("bad", roles.bad.bad.words, roles.bad.why or "as you said"),
    ]
    if seen.draft.zone is not None:
        rows.append(("zone", seen.draft.zone, NO_ZONE))
    if seen.draft.csv is not None:
        rows.append(("csv", seen.draft.file, seen.draft.csv_why))
    rows += [
        ("CAREFUL", one.column, f"not used as {one.part}, though its name says so: {one.why}")
        for one in roles.passed_over
    ]
    show_table("What was guessed", ("", "", "why"), [_plain(row) for row in rows])
    guesses = seen.draft.guesses
    shown = [_plain((guess.name, _type(guess), guess.why)) for guess in guesses[:_MOST_SHOWN]]
    show_table("Columns", ("column", "type", "why"), shown)
    if len(guesses) > _MOST_SHOWN:
        out.print(f"and {len(guesses) - _MOST_SHOWN:,} more columns: see {result.path.name}")
    _show_rows(result)


def _as_of(result: NewResult) -> str:
    as_of = result.seen.draft.roles.as_of
    if as_of is None:
        return "no application time found: the split will be at random"
    return as_of.why or "as you said"


def _type(guess: Guess) -> str:
    if guess.declared is None or guess.fate is Fate.LEFT_OUT:
        return guess.fate.value
    kind = guess.declared.kind.value
    return kind if guess.fate is Fate.USED else f"{kind}, {guess.fate.value}"


def _show_rows(result: NewResult) -> None:
    seen = result.seen
    found = seen.refusals
    unknown = f", {seen.unknown:,} without a known outcome" if seen.unknown else ""
    out.print(
        f"rows     {found.read:,} read, {found.accepted:,} accepted{unknown}; "
        f"bad rate {seen.bad_rate:.4f}"
    )
    for reason, count in found.reasons:
        out.print(f"refused  {count:,} rows: {_one_line(reason)}", markup=False)
    for note in seen.draft.roles.bad.notes:
        out.print(f"note     {_one_line(note)}", markup=False)


def _plain(row: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(_one_line(cell) for cell in row)


def _one_line(text: str) -> str:
    """Return a text without signs that would move the cursor."""
    return "".join(sign if sign.isprintable() else repr(sign)[1:-1] for sign in text)
