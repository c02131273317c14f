"""`solvent simulate`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from solvent.app.bootstrap import clock
from solvent.app.simulate import SimulateRequest, SimulateResult
from solvent.app.simulate import simulate as simulate_product
from solvent.cli.places import DataFolder, ProductFolder, data_folder
from solvent.cli.reasons import show_reasons
from solvent.cli.terminal import TerminalProgress, out, show_table, told
from solvent.product import load_product
from solvent.report.figures import money, percent
from solvent.store import home


@told
def simulate(
    folder: ProductFolder,
    data: DataFolder = None,
    model: Annotated[
        int | None,
        typer.Option(metavar="VERSION", help="Model version \\[default: the newest].", min=1),
    ] = None,
    report: Annotated[
        Path | None, typer.Option(metavar="FILE.html", help="Write the simulation report here.")
    ] = None,
    output: Annotated[
        Path | None,
        typer.Option(
            "--output",
            "-o",
            metavar="decisions.csv",
            help="Write every decision here, with what became of it and its money.",
        ),
    ] = None,
) -> None:
    """Decide every application the model was tested on, and say whether the lender makes money.

    Applicants are walked through in time order and decided by policy.yaml; the money made or lost
    is compared with approving everybody and with perfect foresight.

    Example: solvent simulate examples/airtime_loans --data demo/data --report simulation.html
    """
    loaded = load_product(folder)
    result = simulate_product(
        SimulateRequest(
            loaded=loaded, data=data_folder(loaded, data), home=home(), version=model,
            report=report, out=output, now=clock(),
        ),
        progress=TerminalProgress(),
    )  # fmt: skip
    _show(result)
    for what, path in (("report", report), ("wrote", output)):
        if path is not None:
            out.print(f"{what:<8} {path}")


def _show(result: SimulateResult) -> None:
    found = result.walk
    total = found.total
    decided = result.record.decided
    approved = decided.approved()
    bad_rate = float(decided.bad[approved].mean()) if approved.any() else None
    caught = float((~approved)[decided.bad].mean()) if decided.bad.any() else None
    captured = "" if total.captured is None else (
        f"{percent(total.captured)} of what foresight gains over approving everybody"
    )  # fmt: skip
    rows = [
        ("applications", f"{total.n:,}", f"{percent(float(decided.bad.mean()))} went bad"),
        ("approved", f"{found.approved:,}", percent(found.approved / total.n)),
        ("referred", f"{found.referred:,}", percent(found.referred / total.n)),
        ("declined", f"{found.declined:,}", percent(found.declined / total.n)),
        ("bad rate of approved", percent(bad_rate), ""),
        ("defaulters caught", percent(caught), "referred or declined, of those who went bad"),
        ("money of this policy", money(total.policy, total.currency), captured),
        ("approving everybody", money(total.approve_all, total.currency), ""),
        ("perfect foresight", money(total.perfect, total.currency), ""),
    ]
    rules = [
        (f"rule {rule.code}", f"{int(rule.caught.sum()):,}", rule.reason)
        for rule in result.record.rules
    ]
    title = (
        f"Policy {result.record.policy_name} on what model version {result.version} had not seen"
    )
    show_table(title, ("", "", ""), rows + rules)
    show_reasons(result.record.reasons)
    out.print(total.words, markup=False)
