"""`solvent score`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from solvent.app.score import ScoreRequest
from solvent.app.score import score as score_file
from solvent.cli.places import DataFolder, ProductFolder, data_folder
from solvent.cli.terminal import TerminalProgress, out, show_warning, told
from solvent.product import load_product
from solvent.store import home


@told
def score(
    folder: ProductFolder,
    applications: Annotated[Path, typer.Argument(help="File of applications (CSV or Parquet).")],
    output: Annotated[
        Path,
        typer.Option(
            "--output",
            "-o",
            metavar="predictions.csv",
            help="Where to write: CSV (.csv, .txt) or Parquet (.parquet).",
        ),
    ],
    data: DataFolder = None,
    model: Annotated[
        int | None,
        typer.Option(metavar="VERSION", help="Model version \\[default: the newest].", min=1),
    ] = None,
    extra: Annotated[
        str,
        typer.Option(
            "--with",
            metavar="id,score,model",
            help="Further columns: id, score, model (which of a chain of models scored).",
        ),
    ] = "",
) -> None:
    """Write user_id, application_at, prediction_probability (the PD) for a file of applications.

    Every row comes out: in the predictions, or with a reason in PREDICTIONS.refused.csv beside
    them. Nothing half-written is left when something fails.

    Example: solvent score examples/airtime_loans demo/data/loans.parquet -o predictions.csv
    """
    loaded = load_product(folder)
    # a product without sources can be scored where its tables are not
    needed = data is not None or loaded.product.sources
    folder_of_sources = data_folder(loaded, data) if needed else folder
    result = score_file(
        ScoreRequest(
            product=loaded.product.name, applications=applications, out=output,
            data=folder_of_sources, home=home(), version=model,
            extras=tuple(name.strip() for name in extra.split(",") if name.strip()),
            current=loaded,
        ),
        progress=TerminalProgress(),
    )  # fmt: skip
    mean = "" if result.mean_pd is None else f", mean PD {result.mean_pd:.4f}"
    out.print(f"scored   {result.scored:,} applications with version {result.version}{mean}")
    out.print(f"written  {output}")
    if result.refused:
        out.print(f"refused  {result.refused:,} rows, told in {result.refused_file}")
        for reason, rows in result.reasons:
            out.print(f"         {rows:,}  {reason}")
    for source, reason, rows in result.source_refusals:
        out.print(f"left out {rows:,} rows of {source}  {reason}")
    for match in result.matches:
        out.print(f"source   {match.words}")
    for words in result.warnings:
        show_warning(words)
