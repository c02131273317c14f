"""`solvent up`, `solvent serve` and `solvent ui`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from solvent.app.bootstrap import clock
from solvent.app.settings import read_settings
from solvent.app.starting import HOST, UI_HOST, require_startable
from solvent.cli.running import (
    has_form,
    open_for_serving,
    require_free,
    run_api,
    run_both,
    show_addresses,
    start_pages,
)
from solvent.cli.terminal import out, told

API_PORT, UI_PORT = "SOLVENT_API_PORT", "SOLVENT_UI_PORT"
Products = Annotated[
    list[Path] | None,
    typer.Option(
        "--product",
        metavar="DIR",
        help="Folder of a product whose policy.yaml is to be registered first; may be repeated.",
    ),
]
CheckOnly = Annotated[
    bool,
    typer.Option("--check", help="Tell all that stands against a start, and start nothing."),
]
NOTHING_AGAINST = "nothing stands against a start"


@told
def up(product: Products = None, check: CheckOnly = False) -> None:
    """Start the API, the pages and the worker on this machine; the first admin key is printed once.

    Every product with a trained model and a policy is served, always with its newest versions.
    Ports: SOLVENT_API_PORT (8000), SOLVENT_UI_PORT (8501).

    Other machines reach it where SOLVENT_HOST and SOLVENT_UI_HOST say so; that is refused without a
    certificate (SOLVENT_TLS_CERT, SOLVENT_TLS_KEY) or a proxy that ends TLS
    (SOLVENT_TRUSTED_PROXY), and without an API key. What else is refused, --check tells.

    Example: solvent up --product examples/airtime_loans
    """
    settings = read_settings()
    listens = {HOST: settings.host, UI_HOST: settings.ui_host}
    require_startable(settings, listens=listens, now=clock())
    if check:
        out.print(NOTHING_AGAINST)
        return
    require_free(settings.host, {API_PORT: settings.api_port})
    require_free(settings.ui_host, {UI_PORT: settings.ui_port})
    service = open_for_serving(settings, product or [])
    show_addresses(settings, api=True, ui=True, form=has_form(service))
    run_both(settings, service)


@told
def serve(
    product: Products = None,
    worker: Annotated[
        bool, typer.Option(help="Do background jobs in this process as well.")
    ] = True,
    check: CheckOnly = False,
) -> None:
    """Start the API alone, with its worker.

    It listens on SOLVENT_HOST, this machine alone by default; `solvent up --help` tells more.

    Example: solvent serve --product examples/airtime_loans
    """
    settings = read_settings()
    require_startable(settings, listens={HOST: settings.host}, now=clock())
    if check:
        out.print(NOTHING_AGAINST)
        return
    require_free(settings.host, {API_PORT: settings.api_port})
    service = open_for_serving(settings, product or [])
    show_addresses(settings, api=True, ui=False, form=has_form(service))
    run_api(settings, service, worker=worker)


@told
def ui(check: CheckOnly = False) -> None:
    """Start the pages alone; SOLVENT_API_URL says where the API is.

    They listen on SOLVENT_UI_HOST, this machine alone by default.

    Example: SOLVENT_API_URL=http://127.0.0.1:8000 solvent ui
    """
    settings = read_settings()
    listens = {UI_HOST: settings.ui_host}
    require_startable(settings, listens=listens, now=clock(), store=False)
    if check:
        out.print(NOTHING_AGAINST)
        return
    require_free(settings.ui_host, {UI_PORT: settings.ui_port})
    process = start_pages(settings)
    show_addresses(settings, api=False, ui=True)
    try:
        code = process.wait()
    except KeyboardInterrupt:
        process.terminate()
        code = process.wait()
    if code not in {0, -15}:
        raise typer.Exit(1)
