"""`solvent explore`."""

from __future__ import annotations

import shlex
from pathlib import Path
from typing import Annotated

import typer

from solvent.app.bootstrap import clock
from solvent.app.explore import TOP, ExploreRequest, Study
from solvent.app.explore import explore as explore_product
from solvent.cli.places import DataFolder, ProductFolder, data_folder
from solvent.cli.terminal import TerminalProgress, out, show_table, show_warning, told
from solvent.product import load_product
from solvent.report.figures import decimal, decimal_range, percent
from solvent.report.study_suspects import suspicions
from solvent.report.study_words import heading, sentence
from solvent.store import home

SHOWN = 10


@told
def explore(
    folder: ProductFolder,
    data: DataFolder = None,
    output: Annotated[
        Path | None,
        typer.Option(
            "--output", "-o", metavar="study.html", help="Write the study here, as one HTML file."
        ),
    ] = None,
    notebook: Annotated[
        Path | None,
        typer.Option(
            metavar="study.ipynb",
            help="Write a notebook here that makes the figures again and goes on from them.",
        ),
    ] = None,
    top: Annotated[
        int, typer.Option(min=1, help="How many of the strongest features get a page of their own.")
    ] = TOP,
    seed: Annotated[
        int, typer.Option(min=0, help="Same seed and data: the same study, figure for figure.")
    ] = 0,
) -> None:
    """Study which features drive repayment, before any model is trained.

    Ranks every declared feature by how well it tells bad from good (IV, AUC, with intervals and
    against chance), says the strongest drivers in words, shows the bad rate by group and month,
    what is missing, which features repeat each other, which themes add something, and what looks
    like a leak. Findings are made on the training side and confirmed on the test side. Nothing is
    registered.

    Example: solvent explore examples/airtime_loans --data demo/data -o study.html
    """
    loaded = load_product(folder)
    study = explore_product(
        ExploreRequest(
            loaded=loaded, data=data_folder(loaded, data), now=clock(), home=home(),
            command=_command(folder, data, top, seed), seed=seed, top=top, output=output,
            notebook=notebook,
        ),
        progress=TerminalProgress(),
    )  # fmt: skip
    _show(study)
    for what, path in (("study", output), ("notebook", notebook)):
        if path is not None:
            out.print(f"{what:<8} {path}")


def _command(folder: Path, data: Path | None, top: int, seed: int) -> str:
    """Return what repeats the study; folders are named, not the way to them."""
    parts = ["solvent", "explore", folder.resolve().name]
    parts += ["--data", data.resolve().name] if data is not None else []
    parts += ["--top", str(top)] if top != TOP else []
    return shlex.join([*parts, "--seed", str(seed), "-o", "study.html"])


def _show(study: Study) -> None:
    record = study.record
    rows = [
        (str(number), heading(line), decimal(line.iv.iv),
         decimal_range(line.iv.low, line.iv.high), decimal(line.auc.auc), str(line.held))
        for number, line in enumerate(record.drivers[:SHOWN], 1)
    ]  # fmt: skip
    show_table(
        "The strongest drivers, one of each kind",
        ("", "feature", "IV", "95 % interval", "AUC", "on others"), rows,
    )  # fmt: skip
    for line in record.drivers[:3]:
        out.print(f"- {heading(line)}. {sentence(line)}", markup=False)
    real = sum(line.real for line in record.lines)
    out.print(
        f"{real:,} of {len(record.lines):,} features are stronger than chance; bad rate "
        f"{percent(record.bad_rate)} of {record.n_train:,} applications"
    )
    leaks = [one for one in suspicions(record) if one.leak]
    for one in leaks[:SHOWN]:
        show_warning(f"{one.title}: {one.what}")
    if len(leaks) > SHOWN:
        show_warning(f"{len(leaks) - SHOWN} more findings that may know the outcome")
