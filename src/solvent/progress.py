"""How long work says how far it is, without knowing who listens."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from typing import Protocol


class Step(Protocol):
    """One bar: told each time some of its work is done."""

    def advance(self, amount: float = 1.0) -> None:
        """Say that `amount` more units of this step are done."""
        ...

    def say(self, words: str) -> None:
        """Say what has been found so far."""
        ...


class Progress(Protocol):
    """Somebody who shows steps: a terminal, a log, a page, or nobody."""

    def step(self, label: str, total: float | None = None) -> AbstractContextManager[Step]:
        """Open a step of `total` units (None where the end is not known)."""
        ...


class _SilentStep:
    def advance(self, amount: float = 1.0) -> None:
        """Show nothing."""

    def say(self, words: str) -> None:
        """Say nothing."""


class Silent:
    """Shows nothing: the default in libraries and tests.

    >>> with Silent().step("reading", 10) as step:
    ...     step.advance()
    """

    @contextmanager
    def step(self, label: str, total: float | None = None) -> Iterator[Step]:
        """Open a step nobody sees."""
        del label, total
        yield _SilentStep()
