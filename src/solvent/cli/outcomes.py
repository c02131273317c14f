"""`solvent outcomes`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from solvent.app._targets import Inputs, require_apart, whole_file
from solvent.app.bootstrap import open_service
from solvent.app.outcomes_file import LoadedOutcomes, load_from_tables, load_outcomes
from solvent.app.realised import BandedBy, Counted, Wish, realised_csv, realised_json
from solvent.app.settings import read_settings
from solvent.cli.terminal import TerminalProgress, out, show_table, told
from solvent.errors import DeclarationError
from solvent.features import instant
from solvent.features.cells import read_time

outcomes = typer.Typer(
    help="What became of loans: tell it, and see whether it is what was predicted.",
    no_args_is_help=True,
)
ProductName = Annotated[
    str, typer.Argument(metavar="PRODUCT", help="Name of the product, as its model has it.")
]


@outcomes.command()
@told
def load(
    product: ProductName,
    file: Annotated[
        Path | None,
        typer.Argument(
            metavar="FILE",
            help="CSV or Parquet with decision_id or application_id, bad (true, false) or outcome "
            "(good, bad, repaid, open), observed_at; and, where known, available, paid, lost.",
        ),
    ] = None,
    data: Annotated[
        Path | None,
        typer.Option(
            metavar="DIR",
            help="Instead of a file: folder of the product's own tables. Good and bad are derived "
            "as product.py declares.",
        ),
    ] = None,
    observed_until: Annotated[
        str,
        typer.Option(
            metavar="INSTANT",
            help="With --data: until when outcomes are known. \\[default: the latest in the data]",
            show_default=False,
        ),
    ] = "",
) -> None:
    """Tell what became of loans that were decided here; what is told twice counts once.

    Every row comes out: kept, or with a reason in FILE.refused.csv. A row that says otherwise of
    the same loan is a correction: both are kept, and the one known last (available) counts.

    Example: solvent outcomes load airtime_loans outcomes.csv
    """
    if (file is None) == (data is None):
        raise DeclarationError(
            "name a file of outcomes, or the folder of the product's tables",
            hint="solvent outcomes load PRODUCT FILE, or --data DIR", field="FILE",
        )  # fmt: skip
    if observed_until and data is None:
        raise DeclarationError("goes with --data", hint="leave it out", field="--observed-until")
    service = open_service(read_settings())
    try:
        live, progress = service.product(product), TerminalProgress()
        if file is not None:
            _show_loaded(load_outcomes(service, live, file, progress=progress))
        elif data is not None:
            found = load_from_tables(
                service, live, data, observed_until=observed_until or None, progress=progress
            )
            _show_loaded(found)
            out.print(f"young    {found.immature:,} loans whose performance window is not over")
            out.print(f"others   {found.undecided:,} applications that were not decided here")
    finally:
        service.close()


@outcomes.command()
@told
def show(
    product: ProductName,
    bands: Annotated[
        BandedBy | None,
        typer.Option(help="The policy's bands, or deciles of PD \\[default: the policy's if any]."),
    ] = None,
    loans: Annotated[
        Counted, typer.Option(help="Loans approved, or all whose outcome was told.")
    ] = Counted.APPROVED,
    at: Annotated[
        str,
        typer.Option(
            metavar="INSTANT", help="What was known then. \\[default: now]", show_default=False
        ),
    ] = "",
    output: Annotated[
        Path | None,
        typer.Option(
            "--output", "-o", metavar="FILE", help="Write the whole table as CSV as well.",
            show_default=False,
        ),
    ] = None,
) -> None:  # fmt: skip
    """Show bads against those predicted, by month of decision and by band.

    Loans whose performance window is not over are counted apart, neither good nor bad.

    Example: solvent outcomes show airtime_loans --output realised.csv
    """
    moment = read_time(at, instant(), zone=None, field="--at") if at else None
    settings = read_settings()
    if output is not None:
        kept = Inputs(
            applications=settings.home, data=settings.home, tables=(), registry=settings.home
        )
        require_apart(output, kept)
    service = open_service(settings)
    try:
        wish = Wish(by=bands, counted=loans, at=None if moment is None else moment.time)
        found = realised_json(service, product, wish)
    finally:
        service.close()
    _show(found)
    if output is not None:
        with whole_file(output) as file:
            file.write(realised_csv(found).encode())
        out.print(f"written  {output}", markup=False)


def _show_loaded(found: LoadedOutcomes) -> None:
    out.print(f"new      {found.accepted:,} outcomes, {found.corrected:,} of them corrections")
    out.print(f"repeated {found.repeated:,} that were told before")
    if found.refused:
        where = "" if found.refused_file is None else f", told in {found.refused_file}"
        out.print(f"refused  {found.refused:,} rows{where}", markup=False)
        for reason, rows in found.reasons:
            out.print(f"         {rows:,}  {reason}", markup=False)


def _show(found: dict[str, Any]) -> None:
    headings = (
        "decided", "approved", "young", "untold", "known", "bad", "expected", "bad rate",
        f"{100 * found['level']:.0f} % interval", "mean PD", "agrees",
    )  # fmt: skip
    whole = found["whole"]
    months = [(one["month"], *_cells(one)) for one in found["months"]]
    show_table(
        f"{found['product']} by month of decision", ("month", *headings),
        [*months, ("all", *_cells(whole))],
    )  # fmt: skip
    show_table(
        "By band, the safest first", ("band", *headings),
        [(one["band"], *_cells(one)) for one in found["bands"]],
    )  # fmt: skip
    ranking = found["ranking"]
    if ranking is None:
        out.print(f"AUC      {found['ranking_missing']}")
    else:
        out.print("AUC      {auc:.3f} ({auc_low:.3f} to {auc_high:.3f})".format(**ranking))
        out.print("Gini     {gini:.3f} ({gini_low:.3f} to {gini_high:.3f})".format(**ranking))
    if whole["p_value"] is not None:
        side = "more" if whole["z"] > 0 else "fewer"
        out.print(
            f"test     {side} bads than predicted by {abs(whole['z']):.2f} standard errors, "
            f"p = {whole['p_value']:.3f}"
        )
    out.print(found["note"])


def _cells(one: dict[str, Any]) -> tuple[str, ...]:
    counts = [f"{one[name]:,}" for name in ("decided", "approved", "immature", "untold", "known")]
    if not one["known"]:
        return (*counts, *["–"] * 6)
    return (
        *counts, f"{one['bads']:,}", f"{one['expected_bads']:,.1f}", _share(one["bad_rate"]),
        f"{_share(one['low'])} to {_share(one['high'])}", _share(one["mean_pd"]),
        "yes" if one["agrees"] else "no",
    )  # fmt: skip


def _share(value: float) -> str:
    return f"{100 * value:.1f} %"
