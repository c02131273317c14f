"""Trials of a search for settings, and how long it may take."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType
from typing import Final, Protocol

from solvent.errors import BundleError, DeclarationError
from solvent.models.documents import Document, Json
from solvent.models.technique import Settings

SECONDS: Final[Mapping[str, float]] = MappingProxyType({"s": 1.0, "m": 60.0, "h": 3600.0})
_DURATION = re.compile(r"(\d+(?:\.\d+)?)\s*([smh])")
_COUNT = re.compile(r"(\d+)(?:\s*trials?)?")


class State(StrEnum):
    """How a trial ended."""

    DONE = "done"
    PRUNED = "pruned"
    FAILED = "failed"


@dataclass(frozen=True, slots=True, kw_only=True)
class Trial:
    """Settings that were tried.

    Args:
        number: From 0, which is the technique as it comes.
        settings: The values tried; empty in trial 0.
        losses: Log loss out of fold after each fold, over all rows judged by then.
        state: How it ended; pruned ones stopped early, for they did worse than most by then.
        seconds: It took.
        words: Why it failed; else empty.
    """

    number: int
    settings: Settings
    losses: tuple[float, ...]
    state: State
    seconds: float
    words: str = ""

    @property
    def loss(self) -> float:
        """Log loss over all folds; infinite unless it is done."""
        return self.losses[-1] if self.state is State.DONE else math.inf

    def document(self) -> dict[str, Json]:
        """Return itself as JSON."""
        return {
            "number": self.number, "settings": dict(self.settings), "losses": list(self.losses),
            "state": self.state.value, "seconds": self.seconds, "words": self.words,
        }  # fmt: skip

    @classmethod
    def read(cls, document: Document) -> Trial:
        """Read it back.

        Raises:
            BundleError: An entry is missing or of another kind.
        """
        settings = document.document("settings")
        whole = {name for name, value in settings.entries().items() if isinstance(value, int)}
        values = {name: settings.number(name) for name in settings.entries()}
        return cls(
            number=int(document.number("number")),
            settings={name: int(v) if name in whole else v for name, v in values.items()},
            losses=tuple(document.numbers("losses").tolist()),
            state=read_state(document), seconds=document.number("seconds"),
            words=document.text("words"),
        )  # fmt: skip


def read_state(document: Document) -> State:
    """Read how a trial ended.

    Raises:
        BundleError: It is no such word.
    """
    found = document.text("state")
    if found not in set(State):
        raise BundleError(f"{found!r} is no state of a trial", field=document.name)
    return State(found)


class TrialBook(Protocol):
    """Where trials are noted, so that a search can be resumed."""

    def read(self) -> tuple[Trial, ...]:
        """Return the trials noted so far, in order."""
        ...

    def add(self, trial: Trial) -> None:
        """Note one more."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Budget:
    """How long to search: one of the two is given.

    Args:
        seconds: Time for trials, those of an earlier run of the same search included.
        trials: Number of trials, those of an earlier run included.
    """

    seconds: float | None = None
    trials: int | None = None

    @property
    def words(self) -> str:
        """As a person reads it."""
        if self.seconds is None:
            return f"{self.trials} trials" if self.trials != 1 else "1 trial"
        unit = next(u for u in ("h", "m", "s") if self.seconds % SECONDS[u] == 0 or u == "s")
        return f"{self.seconds / SECONDS[unit]:g} {unit}"

    def share(self, spent: float, parts: int) -> Budget:
        """Return what each of the parts still to come has of what is not spent.

        Args:
            spent: In its own unit.
            parts: How many are to come, >= 1.
        """
        left = max(self.whole - spent, 0.0) / parts
        if self.seconds is None:
            return Budget(trials=max(int(left), 1))
        return Budget(seconds=round(left, 1))

    def within(self, trials: Sequence[Trial]) -> tuple[Trial, ...]:
        """Return the trials that are made before it is spent: the same whoever made more."""
        made = 0
        while made < len(trials) and self.spent(trials[:made]) < self.whole:
            made += 1
        return tuple(trials[:made])

    def spent(self, trials: Sequence[Trial]) -> float:
        """Return how much of it these trials took, in its own unit."""
        return float(len(trials)) if self.seconds is None else sum(t.seconds for t in trials)

    @property
    def whole(self) -> float:
        """Return all of it, in its own unit."""
        return float(self.trials or 0) if self.seconds is None else self.seconds


def read_budget(text: str) -> Budget:
    """Read a budget.

    Args:
        text: "90s", "10m", "1h", "50 trials" or "50".

    Raises:
        DeclarationError: It is none of these, or nothing.

    >>> read_budget("10m"), read_budget("50 trials").trials, read_budget("50").words
    (Budget(seconds=600.0, trials=None), 50, '50 trials')
    """
    plain = text.strip().lower()
    duration, number = _DURATION.fullmatch(plain), _COUNT.fullmatch(plain)
    if duration and float(duration[1]) > 0.0:
        return Budget(seconds=float(duration[1]) * SECONDS[duration[2]])
    if number and int(number[1]) > 0:
        return Budget(trials=int(number[1]))
    raise DeclarationError(
        f"{text!r} is no budget", hint="give a time or a number of trials: 10m, 90s, 1h, 50",
        field="tune",
    )  # fmt: skip
