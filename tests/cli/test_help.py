"""What `--help` owes a newcomer: an example that can be typed, and a text for every word."""

from __future__ import annotations

import shlex
from collections.abc import Iterator
from pathlib import Path

import click
import pytest
import typer
from typer.testing import CliRunner

from solvent.cli.main import app
from solvent.cli.terminal import flowing

EXAMPLES = Path(__file__).parents[2] / "examples"


def _commands(group: click.Command, path: tuple[str, ...]) -> Iterator[tuple[str, click.Command]]:
    if not hasattr(group, "commands"):
        yield " ".join(path), group
        return
    for name, command in group.commands.items():
        yield from _commands(command, (*path, name))


COMMANDS = dict(_commands(typer.main.get_command(app), ()))


def test_the_commands_are_those_of_the_readme() -> None:
    assert set(COMMANDS) == {
        "new", "check", "features", "explore", "compare", "train", "card", "score",
        "policy", "cutoff", "simulate", "campaign", "letter", "replay", "erase", "up", "serve",
        "worker", "ui", "sandbox", "events load", "outcomes load", "outcomes show",
        "models list", "models sign", "models verify", "models key", "models trust",
        "keys create", "keys list", "keys revoke", "audit verify", "audit checkpoint",
    }  # fmt: skip


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_has_an_example_that_its_own_parser_takes(name: str) -> None:
    command = COMMANDS[name]
    (example,) = [
        part.removeprefix("Example: ")
        for part in (command.help or "").split("\n\n")
        if part.startswith("Example: ")
    ]
    words = [word for word in shlex.split(example) if "=" not in word]
    assert words[0] == "solvent"
    own = words[1 : 1 + len(name.split())]
    assert " ".join(own) == name
    context = command.make_context(name, words[1 + len(own) :], resilient_parsing=True)
    assert not context.args
    for word in words:
        if word.startswith("examples/"):
            assert (EXAMPLES.parent / word / "product.py").is_file()


@pytest.mark.parametrize("name", COMMANDS)
def test_every_option_and_argument_has_a_text(name: str) -> None:
    for parameter in COMMANDS[name].params:
        text = getattr(parameter, "help", None)
        assert text, f"{name}: {parameter.name}"
        assert len(text) > 5
        assert text.strip().endswith((".", ".]", "].", ": id, score.")) or "[default" in text, text


@pytest.mark.parametrize("name", COMMANDS)
@pytest.mark.parametrize("width", ["60", "80", "200"])
def test_help_is_shown_at_any_width(name: str, width: str) -> None:
    shown = CliRunner().invoke(app, [*name.split(), "--help"], env={"COLUMNS": width})
    assert shown.exit_code == 0
    told = " ".join(shown.output.split())
    told = told.replace("Example: SOLVENT_API_URL=http://127.0.0.1:8000 ", "Example: ")
    assert f"Example: solvent {name.split(maxsplit=1)[0]}" in told
    assert max(map(len, shown.output.splitlines())) <= int(width)


def test_a_paragraph_of_a_docstring_is_one_line() -> None:
    assert flowing("A b\n    c.\n\n    D\n    e.\n    ") == "A b c.\n\nD e."
    for command in COMMANDS.values():
        for part in (command.help or "").split("\n\n"):
            assert "\n" not in part
