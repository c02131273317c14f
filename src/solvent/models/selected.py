"""What feature selection found, kept beside the model it was for."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, fields
from enum import StrEnum
from typing import Final

from solvent.errors import BundleError, DeclarationError
from solvent.models.documents import Document, Json, to_bytes

SELECTION_FILE: Final = "selection.json"


class Fate(StrEnum):
    """What became of a candidate; the words finish "it ...", in the order they are settled."""

    KEPT = "is kept"
    ASKED = "is kept because product.py asks for it"
    EMPTY = "has no value in any row"
    CONSTANT = "says the same of every row"
    COPY = "is equal in every row to"
    FIRST_CUT = "says too little alone to be among those judged together"
    ALIKE = "ranks applications as does"
    CHANCE = "gains no more on rows held out than shuffled copies do"
    FOLDS = "gains in too few of the folds"
    HALF = "gains in one half of the time only"
    TURNS = "is riskier when high in one half of the time and safer in the other"
    DRIFT = "moved too far from the earlier to the later half of the time"
    SURPLUS = "adds nothing that a smaller set does not already tell"

    @property
    def kept(self) -> bool:
        """True where the model reads it."""
        return self in {Fate.KEPT, Fate.ASKED}


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidate:
    """What was found of one candidate.

    Args:
        name: The feature.
        fate: What became of it.
        like: The one it copies or ranks like; empty for others.
        alone: Log loss it takes off held-out rows alone, thousandths of a nat per application.
        gain: The same among all others, by trees that had not seen the rows.
        folds: In how many folds it gained.
        halves: Gain in the earlier and in the later half of the time; None without times.
        psi: How far it moved between these; None without times.
    """

    name: str
    fate: Fate
    like: str = ""
    alone: float | None = None
    gain: float | None = None
    folds: int | None = None
    halves: tuple[float, float] | None = None
    psi: float | None = None

    @property
    def words(self) -> str:
        """What became of it, as a sentence goes on after its name."""
        return f"{self.fate.value} {self.like}".strip()


@dataclass(frozen=True, slots=True, kw_only=True)
class SizeTried:
    """A set of so many features, judged on rows held out.

    Args:
        size: Number of features.
        auc: Out of fold.
        behind: AUC of the best set less its own, >= 0.
        error: Standard error of that difference, paired.
    """

    size: int
    auc: float
    behind: float
    error: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Selected:
    """What selection found.

    Args:
        kept: The features kept, in the order given.
        candidates: Every candidate, in the order given.
        sizes: The path, largest first.
        line: The highest gain a shuffled copy reached, thousandths of a nat per application.
        shuffled: Number of shuffled copies.
        folds: Number of folds.
        rows: Training applications it was decided on.
        by_chance: True where no candidate beats what shuffled copies reach.
    """

    kept: tuple[str, ...]
    candidates: tuple[Candidate, ...]
    sizes: tuple[SizeTried, ...]
    line: float
    shuffled: int
    folds: int
    rows: int
    by_chance: bool

    def why(self, name: str) -> Candidate:
        """Return what became of a candidate.

        Raises:
            DeclarationError: There was none of that name.
        """
        for candidate in self.candidates:
            if candidate.name == name:
                return candidate
        raise DeclarationError("was no candidate of this training", field=name)

    @property
    def counts(self) -> dict[Fate, int]:
        """Candidates by what became of them, in the order it is settled."""
        found = Counter(candidate.fate for candidate in self.candidates)
        return {fate: found[fate] for fate in Fate if found[fate]}

    def to_bytes(self) -> bytes:
        """Return itself as JSON: the same bytes for the same findings."""
        return to_bytes(
            {
                "candidates": [_plain(candidate) for candidate in self.candidates],
                "sizes": [_plain(size) for size in self.sizes],
                "line": self.line, "shuffled": self.shuffled, "folds": self.folds,
                "rows": self.rows, "by_chance": self.by_chance,
            }
        )  # fmt: skip

    @classmethod
    def from_bytes(cls, raw: bytes) -> Selected:
        """Read it back.

        Raises:
            BundleError: It is damaged.
        """
        document = Document.parse(raw, SELECTION_FILE)
        candidates = tuple(_candidate(one) for one in document.documents("candidates"))
        return cls(
            kept=tuple(c.name for c in candidates if c.fate.kept), candidates=candidates,
            sizes=tuple(_size(one) for one in document.documents("sizes")),
            line=document.number("line"), shuffled=int(document.number("shuffled")),
            folds=int(document.number("folds")), rows=int(document.number("rows")),
            by_chance=document.flag("by_chance"),
        )  # fmt: skip


def _plain(value: Candidate | SizeTried) -> dict[str, Json]:
    """Return what is known, by name: what is not known is left out."""
    told = {part.name: getattr(value, part.name) for part in fields(value)}
    return {name: one for name, one in told.items() if one is not None and one != ""}


def _size(told: Document) -> SizeTried:
    return SizeTried(
        size=int(told.number("size")), auc=told.number("auc"), behind=told.number("behind"),
        error=told.number("error"),
    )  # fmt: skip


def _candidate(told: Document) -> Candidate:
    there = told.entries()

    def number(key: str) -> float | None:
        return told.number(key) if key in there else None

    folds, halves = number("folds"), told.numbers("halves") if "halves" in there else None
    if told.text("fate") not in set(Fate) or (halves is not None and len(halves) != 2):
        raise BundleError("is damaged", hint="train again", field=SELECTION_FILE)
    return Candidate(
        name=told.text("name"), fate=Fate(told.text("fate")),
        like=told.text("like") if "like" in there else "", alone=number("alone"),
        gain=number("gain"), folds=None if folds is None else int(folds),
        halves=None if halves is None else (float(halves[0]), float(halves[1])),
        psi=number("psi"),
    )  # fmt: skip
