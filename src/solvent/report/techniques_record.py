"""What a comparison of techniques tells its page: plain values, nothing to look up."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from solvent.errors import ShapeError
from solvent.metrics import AucDifference, CalibrationBin, Validation

ALPHA: Final = 0.05
"""Adjusted p-value from which a difference counts as within what chance explains."""


@dataclass(frozen=True, slots=True, kw_only=True)
class JudgedTechnique:
    """A technique, judged on applications its models had not seen.

    Attributes:
        name: Its word.
        title: What a person calls it.
        own: Whether it lies beside the product.
        validation: Figures over all folds together.
        curve: Bad rate against PD, in bands of equally many applications.
        auc_by_fold: AUC of each fold, in [0, 1]; None where a fold held one outcome only.
        fit_cpu, fit_wall: Seconds to make one calibrated model, the median of the folds.
        rows_per_cpu_second: Scored together.
        row_microseconds: To score one row alone, the median.
        size: Bytes of the saved model; None where it cannot be saved.
        features: How many it reads.
        exact: Whether its contributions were seen to sum to what it says.
        auc_by_link: AUC on the applications that each link of the product's chain scores; None
            where these are of one outcome; empty where the product has one model.
    """

    name: str
    title: str
    own: bool
    validation: Validation
    curve: tuple[CalibrationBin, ...]
    auc_by_fold: tuple[float | None, ...]
    fit_cpu: float
    fit_wall: float
    rows_per_cpu_second: float
    row_microseconds: float
    size: int | None
    features: int
    exact: bool
    auc_by_link: tuple[float | None, ...] = ()

    @property
    def live(self) -> bool:
        """Whether it can go live: it can be saved, and gives exact reasons."""
        return self.exact and self.size is not None

    @property
    def simplicity(self) -> tuple[bool, float, str]:
        """What simplest means here, least first: can go live, then fewest bytes when saved."""
        return (not self.live, math.inf if self.size is None else float(self.size), self.name)


@dataclass(frozen=True, slots=True, kw_only=True)
class FailedTechnique:
    """A technique that could not be judged.

    Attributes:
        name: Its word.
        words: Why.
        hint: What can be done about it; may be empty.
    """

    name: str
    words: str
    hint: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class TechniquePair:
    """Two techniques on the same applications.

    Attributes:
        first, second: Their words; the first has the higher AUC.
        found: DeLong's paired test of first minus second; None where nothing can be said.
        p_adjusted: Its p-value, by Holm over all pairs that were tested, in [0, 1].
    """

    first: str
    second: str
    found: AucDifference | None
    p_adjusted: float

    @property
    def beyond_chance(self) -> bool:
        """Whether chance does not explain the difference, however many pairs were asked about."""
        return self.p_adjusted < ALPHA

    @property
    def as_good(self) -> bool:
        """Whether the second may rank as well as the first.

        Nothing is adjusted here: it is easier to be called worse beyond chance only after many
        questions, and that must not make it easier to be called as good. Where nothing can be said
        of the difference, it is not called as good either.
        """
        return self.found is not None and self.found.p_value >= ALPHA


@dataclass(frozen=True, slots=True, kw_only=True)
class FoldLine:
    """A fold.

    Attributes:
        learnt: Applications learnt from.
        judged: Applications judged.
        bads: Bad ones among these.
        since: Day after which the judged ones were asked for; empty without times.
    """

    learnt: int
    judged: int
    bads: int
    since: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class LinkShare:
    """What a link of the product's chain has of the applications compared on.

    Attributes:
        words: Whom it is for.
        technique: The name of its technique.
        features: How many its model may read.
        known: Applications it learns from, of those techniques are compared on.
        judged: Applications it would score, of those judged.
        bads: Bad ones among these.
    """

    words: str
    technique: str
    features: int
    known: int
    judged: int
    bads: int


@dataclass(frozen=True, slots=True, kw_only=True)
class TechniquesRecord:
    """Everything the page of one comparison says.

    Attributes:
        product: Name of the product.
        title: What a person calls it.
        created_at: When it was made, as it shall be printed.
        seed: Of every random draw.
        bad_words: The definition of bad, in words.
        by_time: Whether each fold is later than what was learnt from.
        folds: In order.
        judged: The techniques, the highest AUC first.
        failed: Those that could not be judged.
        pairs: Every two of `judged`.
        candidates: Features offered.
        selected: How many of them each fold's models were offered, chosen inside its training
            part; empty where all were.
        kept_back: Applications of the test side, which no model here has seen.
        protected: Attributes no model was given.
        sources: Data fingerprints: (name, rows, sha256).
        versions: Of the software, by name.
        links: Of the product's chain, in the order they are tried; empty where it has one model.

    Raises:
        ShapeError: Nothing was judged.
    """

    product: str
    title: str
    created_at: str
    seed: int
    bad_words: str
    by_time: bool
    folds: tuple[FoldLine, ...]
    judged: tuple[JudgedTechnique, ...]
    failed: tuple[FailedTechnique, ...]
    pairs: tuple[TechniquePair, ...]
    candidates: int
    selected: tuple[int, ...]
    kept_back: int
    protected: tuple[str, ...]
    sources: tuple[tuple[str, int, str], ...]
    versions: Mapping[str, str]
    links: tuple[LinkShare, ...] = ()

    def __post_init__(self) -> None:
        if not self.judged:
            raise ShapeError("holds no technique", field="judged")

    @property
    def best(self) -> JudgedTechnique:
        """The technique of the highest AUC."""
        return self.judged[0]

    def against_best(self, name: str) -> TechniquePair | None:
        """Return the best technique beside another; None for the best itself."""
        return next((p for p in self.pairs if {p.first, p.second} == {self.best.name, name}), None)

    @property
    def as_good(self) -> tuple[JudgedTechnique, ...]:
        """The best, and those that may rank as well, their pair with the best taken alone."""
        pairs = ((one, self.against_best(one.name)) for one in self.judged)
        return tuple(one for one, pair in pairs if pair is None or pair.as_good)

    @property
    def outranked(self) -> tuple[JudgedTechnique, ...]:
        """Those that the best outranks beyond chance."""
        pairs = ((one, self.against_best(one.name)) for one in self.judged)
        return tuple(one for one, pair in pairs if pair is not None and pair.beyond_chance)

    @property
    def untold(self) -> tuple[JudgedTechnique, ...]:
        """Those of which nothing can be said beside the best."""
        pairs = ((one, self.against_best(one.name)) for one in self.judged)
        return tuple(one for one, pair in pairs if pair is not None and pair.found is None)

    @property
    def simplest(self) -> JudgedTechnique:
        """The simplest of `as_good`."""
        return min(self.as_good, key=lambda one: one.simplicity)
