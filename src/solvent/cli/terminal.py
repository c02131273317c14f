"""What the terminal shows: progress bars, tables, errors without stack traces."""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import wraps
from typing import ParamSpec

import typer
from rich.console import Console
from rich.markup import escape
from rich.progress import (
    BarColumn,
    SpinnerColumn,
    TaskProgressColumn,
    TextColumn,
    TimeElapsedColumn,
)
from rich.progress import Progress as Bars
from rich.table import Table

from solvent.errors import SolventError
from solvent.progress import Step

P = ParamSpec("P")
_WIDTH_IN_A_FILE = 120
_FIGURE = re.compile(r"[<>]?[-−]?[\d,]+(\.\d+)?(\s?(%|[A-Z]{3,5}|units))?|–")
out = Console(
    highlight=False, soft_wrap=True, width=None if sys.stdout.isatty() else _WIDTH_IN_A_FILE
)
err = Console(stderr=True, highlight=False, soft_wrap=True)
DEBUG_VARIABLE = "SOLVENT_DEBUG"


class TerminalProgress:
    """Shows steps as bars on the error stream; they vanish where it is no terminal."""

    def __init__(self) -> None:
        self._bars = Bars(
            SpinnerColumn(), TextColumn("{task.description}"), BarColumn(), TaskProgressColumn(),
            TimeElapsedColumn(), console=err, disable=not err.is_terminal,
        )  # fmt: skip
        self._depth = 0

    @contextmanager
    def step(self, label: str, total: float | None = None) -> Iterator[Step]:
        """Show one bar while the step is open."""
        if self._depth == 0:
            self._bars.start()
        self._depth += 1
        task = self._bars.add_task(label, total=total)
        try:
            yield _Bar(self._bars, task, label)
            self._bars.update(task, completed=self._bars.tasks[task].completed)
        finally:
            self._bars.stop_task(task)
            self._depth -= 1
            if self._depth == 0:
                self._bars.stop()


class _Bar:
    def __init__(self, bars: Bars, task: int, label: str) -> None:
        self._bars, self._task, self._label = bars, task, label

    def advance(self, amount: float = 1.0) -> None:
        """Move the bar."""
        self._bars.advance(self._task, amount)  # type: ignore[arg-type]  # a TaskID is an int

    def say(self, words: str) -> None:
        """Show words beside the label."""
        told = escape(f"{self._label}: {words}")
        self._bars.update(self._task, description=told)  # type: ignore[arg-type]  # as above


def told(command: Callable[P, None]) -> Callable[P, None]:
    """Turn errors into one clear message and exit code 1; never a stack trace."""

    @wraps(command)
    def run(*args: P.args, **kwargs: P.kwargs) -> None:
        try:
            command(*args, **kwargs)
        except SolventError as error:
            show_error(str(error))
            raise typer.Exit(1) from None
        except KeyboardInterrupt:
            show_error("stopped by you; nothing half-written is left")
            raise typer.Exit(130) from None
        except Exception as error:  # the edge of the program
            if os.environ.get(DEBUG_VARIABLE) or isinstance(error, typer.Exit):
                raise
            show_error(
                f"this should not happen ({type(error).__name__}): a bug in solvent\n"
                f"  hint: {DEBUG_VARIABLE}=1 shows where; please report it"
            )
            raise typer.Exit(2) from None

    run.__doc__ = flowing(command.__doc__ or "")
    return run


def flowing(text: str) -> str:
    r"""Return a docstring with each paragraph on one line: the help breaks it where it must.

    >>> flowing("Train a model.\n\n    Read tables,\n    compute.\n    ")
    'Train a model.\n\nRead tables, compute.'
    """
    return "\n\n".join(" ".join(part.split()) for part in text.strip().split("\n\n"))


def show_error(message: str) -> None:
    """Print an error."""
    err.print(f"[bold red]error:[/] {escape(message)}")


def show_warning(message: str) -> None:
    """Print what a person must see before they trust the result."""
    out.print(f"[bold yellow]warning:[/] {escape(message)}")


def show_table(title: str, headings: tuple[str, ...], rows: Sequence[tuple[str, ...]]) -> None:
    """Print a table; cells that look like figures stand right."""
    table = Table(
        title=title, title_justify="left", title_style="bold", box=None, pad_edge=False,
        show_header=any(headings),
    )  # fmt: skip
    for j, heading in enumerate(headings):
        figures = bool(rows) and all(_FIGURE.fullmatch(row[j]) for row in rows)
        table.add_column(heading, justify="right" if figures else "left", overflow="fold")
    for row in rows:
        table.add_row(*(escape(cell) for cell in row))
    out.print(table)
