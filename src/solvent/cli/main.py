"""The `solvent` command."""

from __future__ import annotations

from importlib.metadata import version
from typing import Annotated

import typer

from solvent.cli.audit import audit
from solvent.cli.campaign import campaign
from solvent.cli.card import card
from solvent.cli.check import check
from solvent.cli.compare import compare
from solvent.cli.cutoff import cutoff
from solvent.cli.erase import erase
from solvent.cli.events import events
from solvent.cli.explore import explore
from solvent.cli.features import features
from solvent.cli.keys import keys
from solvent.cli.letter import letter
from solvent.cli.models import models
from solvent.cli.new import new
from solvent.cli.outcomes import outcomes
from solvent.cli.policy import policy
from solvent.cli.replay import replay
from solvent.cli.sandbox import sandbox
from solvent.cli.score import score
from solvent.cli.simulate import simulate
from solvent.cli.terminal import out
from solvent.cli.train import train
from solvent.cli.up import serve, ui, up
from solvent.cli.worker import worker

app = typer.Typer(
    name="solvent",
    help="Credit decisions you can replay, explain and defend.\n\n"
    "Two commands from a table to a model:\n\n"
    "  solvent new DIR --applications loans.csv --bad defaulted\n\n"
    "  solvent train DIR --report report.html",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    rich_markup_mode="rich",
    context_settings={"help_option_names": ["-h", "--help"]},
)
COMMANDS = (
    new, check, features, explore, compare, train, score, card, policy, cutoff, simulate,
    campaign, letter, replay, erase, up, serve, worker, ui, sandbox,
)  # fmt: skip
for command in COMMANDS:
    app.command()(command)
app.add_typer(events, name="events")
app.add_typer(outcomes, name="outcomes")
app.add_typer(keys, name="keys")
app.add_typer(models, name="models")
app.add_typer(audit, name="audit")


def _show_version(value: bool) -> None:
    if value:
        out.print(f"solvent {version('solvent')}")
        raise typer.Exit


@app.callback()
def _options(
    _version: Annotated[
        bool,
        typer.Option("--version", callback=_show_version, is_eager=True, help="Show the version."),
    ] = False,
) -> None:
    """Options of the command itself."""


def main() -> None:
    """Run the command line."""
    app()
