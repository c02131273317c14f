"""`solvent cutoff`."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated

import typer

from solvent.app.cutoff import CutoffResult, choose_cutoff, write_cutoff
from solvent.cli.places import ProductFolder
from solvent.cli.terminal import out, show_table, told
from solvent.errors import DeclarationError
from solvent.product import load_product
from solvent.report.figures import money, percent
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
        typer.Option(help="Choose the cutoff that catches this share of defaulters: 0.8."),
    ] = None,
    model: Annotated[
        int | None,
        typer.Option(metavar="VERSION", help="Model version \\[default: the newest].", min=1),
    ] = None,
    write: Annotated[bool, typer.Option("--write", help="Write it into policy.yaml.")] = False,
) -> None:
    """Choose a cutoff on the training side and judge it on the test side.

    On the training side every application has a PD from folds that had not seen it. The most
    profitable cutoff comes with a bootstrap interval: a wide one says the choice matters little.

    Example: solvent cutoff examples/airtime_loans --maximise profit
    """
    if (maximise is None) == (recall is None):
        raise DeclarationError(
            "say what the cutoff is for", hint="--maximise profit, or --recall 0.8", field="cutoff"
        )
    name = load_product(folder).product.name
    result = choose_cutoff(name, folder, home(), recall=recall, version=model)
    _show(result)
    if write:
        write_cutoff(folder, result.cutoff)
        out.print(f"wrote    approve_below: {result.cutoff:.6g} into {folder}/policy.yaml")
        out.print(f"next     solvent policy {folder}")


def _show(result: CutoffResult) -> None:
    at, currency = result.at, result.compared.currency
    out.print(f"cutoff   approve a PD below {result.cutoff:.4f}: {result.goal}", markup=False)
    if result.best is not None:
        best = result.best
        out.print(
            f"interval {best.low:.4f} to {best.high:.4f} ({percent(best.level)} of 500 resamples)",
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
    out.print(f"accuracy {right / total:.4f}; {result.compared.words}", markup=False)


def _cells(point: Point, currency: str) -> tuple[str, ...]:
    return (
        f"{point.cutoff:.4f}", percent(point.approval_rate), percent(point.bad_rate),
        percent(point.recall), money(point.profit, currency),
    )  # fmt: skip
