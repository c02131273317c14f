"""`solvent features`."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from typing import Annotated

import typer

from solvent.app.bootstrap import open_service
from solvent.app.catalogue import CatalogueRequest, catalogue
from solvent.app.catalogue_file import SUFFIXES, write_catalogue
from solvent.app.explain import Explained, ExplainRequest, Kept, explain_application
from solvent.app.explain_decision import explain_decision
from solvent.app.explained_file import CSV, JSON, Target, require_target, write_rows
from solvent.app.settings import read_settings
from solvent.cli.explained import show_explained
from solvent.cli.listed import show_catalogue
from solvent.cli.places import DataFolder, ProductFolder, data_folder
from solvent.cli.terminal import TerminalProgress, out, told
from solvent.errors import DeclarationError
from solvent.product import LoadedProduct, load_product
from solvent.store import ModelRegistry, home

MOST_ROWS = 20
_Name = Annotated[
    str | None,
    typer.Option(
        metavar="NAME", help="Show the very rows behind this feature's value: its name or title."
    ),
]


@told
def features(
    folder: ProductFolder,
    pattern: Annotated[
        str,
        typer.Argument(
            metavar="PATTERN",
            help="List features whose name or title fits: 'top_ups_*', or a part such as method.",
        ),
    ] = "",
    source: Annotated[
        str, typer.Option(metavar="NAME", help="List features of this source alone.")
    ] = "",
    model: Annotated[
        int | None,
        typer.Option(
            metavar="VERSION", min=1,
            help="List what this registered model uses, with each feature's share in it.",
        ),
    ] = None,
    explain: _Name = None,
    application: Annotated[
        str | None, typer.Option(metavar="ID", help="Explain the value of this application.")
    ] = None,
    decision: Annotated[
        str | None,
        typer.Option(metavar="ID", help="Explain the value in this decision, from live rows."),
    ] = None,
    data: DataFolder = None,
    rows: Annotated[
        int, typer.Option(metavar="N", min=0, help="Show at most so many rows of each kind.")
    ] = MOST_ROWS,
    output: Annotated[
        Path | None,
        typer.Option(
            "--output", "-o", metavar="FILE",
            help="Write the list (.csv, .json, .md, .html), or every row behind the value "
            "(.csv, .json).",
        ),
    ] = None,
) -> None:  # fmt: skip
    """List every feature in words, or show the very rows that made one value.

    The list needs no data: name, meaning, window, what nothing means, and the columns read.

    With --explain and --application the value is computed as for training, and every row of that
    customer is told: those that counted, with figures that add up to the value, and those that
    did not, each with its reason. With --decision the same for a decision the API made.

    Example: solvent features examples/airtime_loans --explain top_ups_count_30d --application 17
    --data demo/data
    """
    loaded = load_product(folder)
    if explain is not None:
        _require_no_list(pattern, source, model)
        asked = _Asked(
            name=explain, application=application, decision=decision, data=data, rows=rows,
            output=output,
        )  # fmt: skip
        _explain(loaded, asked)
        return
    if application is not None or decision is not None:
        raise DeclarationError(
            "no feature is named to be explained", hint="add --explain NAME", field="explain"
        )
    _list(loaded, CatalogueRequest(loaded=loaded, pattern=pattern, source=source), model, output)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Asked:
    """What `--explain` was asked with."""

    name: str
    application: str | None
    decision: str | None
    data: Path | None
    rows: int
    output: Path | None


def _list(
    loaded: LoadedProduct, request: CatalogueRequest, model: int | None, output: Path | None
) -> None:
    if output is not None:
        folder = loaded.folder / loaded.product.data
        require_target(Target(path=output, loaded=loaded, data=folder, home=home()), SUFFIXES)
    if model is not None:
        registered = ModelRegistry(home()).load(loaded.product.name, model)
        request = replace(request, registered=registered)
    found = catalogue(request)
    if output is None:
        show_catalogue(found)
        return
    write_catalogue(found, output)
    out.print(f"wrote    {len(found.lines):,} features to {output}", markup=False)


def _explain(loaded: LoadedProduct, asked: _Asked) -> None:
    if (asked.application is None) == (asked.decision is None):
        raise DeclarationError(
            "one application or one decision is explained",
            hint="add --application ID, or --decision ID", field="explain",
        )  # fmt: skip
    folder = loaded.folder / loaded.product.data if asked.data is None else asked.data
    if asked.output is not None:
        target = Target(path=asked.output, loaded=loaded, data=folder, home=home())
        require_target(target, (CSV, JSON))
    explained = _explained(loaded, asked)
    show_explained(explained, most=asked.rows)
    if asked.output is not None:
        write_rows(explained, asked.output)
        out.print(f"wrote    {asked.output}, for nobody else to read", markup=False)
    if explained.kept is Kept.DIFFERENT:
        raise typer.Exit(1)


def _explained(loaded: LoadedProduct, asked: _Asked) -> Explained:
    if asked.decision is None:
        request = ExplainRequest(
            loaded=loaded, data=data_folder(loaded, asked.data), name=asked.name,
            application=asked.application or "",
        )  # fmt: skip
        return explain_application(request, progress=TerminalProgress())
    if asked.data is not None:
        raise DeclarationError(
            "a decision is explained by the live rows it read, not by files",
            hint="leave --data out", field="data",
        )  # fmt: skip
    service = open_service(read_settings())
    try:
        return explain_decision(service, loaded.product.name, asked.decision, asked.name)
    finally:
        service.close()


def _require_no_list(pattern: str, source: str, model: int | None) -> None:
    for name, given in (("pattern", pattern), ("source", source), ("model", model)):
        if given:
            raise DeclarationError(
                "only a list takes it, and --explain shows one value", hint="leave it out",
                field=name,
            )  # fmt: skip
