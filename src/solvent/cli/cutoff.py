"""`solvent cutoff`."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated

import typer

from solvent.app.cutoff import CutoffResult, choose_cutoff, write_cutoff
from solvent.cli.places import ProductFolder
from solvent.cli.terminal import out, show_table, show_warning, told
from solvent.errors import DeclarationError
from solvent.product import load_product
from solvent.report.figures import confidence, money, percent
from solvent.simulate import Point
from solvent.store import home


class Goal(StrEnum):
    """What a cutoff can maximise."""

    PROFIT = "profit"


@told
def cutoff(
    folder: ProductFolder,
    maximise: Annotated[
        Goal | None, typer.Option(help="Choose the cutoff that maximises this.")
    ] = None,
    recall: Annotated[
        float | None,
        typer.Option(
            metavar="SHARE",
            help="Choose the cutoff that catches this share of defaulters, such as 0.8.",
        ),
    ] = None,
    model: Annotated[
        int | None,
        typer.Option(metavar="VERSION", help="Model version \\[default: the newest].", min=1),
    ] = None,
    write: Annotated[
        bool, typer.Option("--write", help="Write it into policy.yaml, and nothing else.")
    ] = False,
) -> None:
    """Choose a cutoff on the training side and judge it on the test side.

    On the training side every application has a PD from folds that had not seen it. The most
    profitable cutoff comes with a bootstrap interval: the data cannot tell those cutoffs apart.

    Example: solvent cutoff examples/airtime_loans --maximise profit
    """
    if (maximise is None) == (recall is None):
        raise DeclarationError(
            "say what the cutoff is for", hint="--maximise profit, or --recall 0.8", field="cutoff"
        )
    name = load_product(folder).product.name
    result = choose_cutoff(name, folder, home(), recall=recall, version=model)
    _show(result)
    if result.best is not None and result.at.profit < result.policy.profit:
        show_warning(
            "on applications it was not chosen on, this cutoff earns less than the policy's own: "
            "the two cannot be told apart, or the test is small"
        )
    if write:
        write_cutoff(folder, result.cutoff)
        out.print(f"wrote    approve_below: {result.digits} into {folder / 'policy.yaml'}")
        out.print(f"next     solvent policy {folder}")
    else:
        out.print("next     --write puts it into policy.yaml", markup=False)


def _show(result: CutoffResult) -> None:
    at, currency = result.at, result.compared.currency
    out.print(f"cutoff   approve a PD below {result.digits}: {result.goal}", markup=False)
    if result.best is not None:
        best = result.best
        out.print(
            f"interval {best.low:.4f} to {best.high:.4f}, with {confidence(best.level)} confidence",
            markup=False,
        )
    out.print(f"chosen   on {result.chosen_on}", markup=False)
    out.print(f"judged   on {result.judged_on}", markup=False)
    rows = [
        (name, *_cells(point, currency))
        for name, point in (("this cutoff", at), ("policy's own", result.policy))
    ]
    show_table(
        "On the test side",
        ("", "cutoff", "approved", "bad rate", "defaulters caught", "money"), rows,
    )  # fmt: skip
    found = result.matrix
    show_table(
        "Who is approved at this cutoff", ("", "approved", "declined", "money"),
        [
            ("repaid", f"{found.good_approved.n:,}", f"{found.good_declined.n:,}",
             money(found.good_approved.money + found.good_declined.money, currency)),
            ("went bad", f"{found.bad_approved.n:,}", f"{found.bad_declined.n:,}",
             money(found.bad_approved.money + found.bad_declined.money, currency)),
        ],
    )  # fmt: skip
    right = found.good_approved.n + found.bad_declined.n
    total = right + found.bad_approved.n + found.good_declined.n
    out.print(f"accuracy {percent(right / total)} of these verdicts fit the outcome", markup=False)
    words = result.compared.words.replace("The policy", "this cutoff", 1)
    out.print(f"money    {words}", markup=False)
    if not result.at.approved:
        show_warning("nobody is approved at this cutoff")


def _cells(point: Point, currency: str) -> tuple[str, ...]:
    return (
        f"{point.cutoff:.4g}", percent(point.approval_rate), percent(point.bad_rate),
        percent(point.recall), money(point.profit, currency),
    )  # fmt: skip
