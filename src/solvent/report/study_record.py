"""What a feature study found: plain values and figures, nothing to look up."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from solvent.binning import IvInterval, Shape
from solvent.dataset import Check, Stage
from solvent.dataset.alike import AlikeGroup
from solvent.metrics import AucDifference, AucInterval

FEWEST_SHOWN = 10
"""Of a smaller group neither bads nor a bad rate are shown: it would tell of single people."""


class Held(StrEnum):
    """What later applications, or other customers, say of a finding of the training side."""

    HELD = "held"
    WEAKER = "weaker"
    OPEN = "not confirmed"
    TURNED = "turned round"
    UNTESTED = "not tested"


@dataclass(frozen=True, slots=True, kw_only=True)
class StudyBin:
    """Applications whose value falls into one bin.

    Attributes:
        above, up_to: The bin holds above < x <= up_to; None where it is open, or no number.
        value: The only value in it, where there is only one.
        level: The label, for a category.
        others: Whether it holds all rare labels together.
        unknown: Whether it holds what is not known.
        n, bads: Applications and bads of the training side.
        low, high: 95 % interval of the bad rate (Wilson), in [0, 1].
        n_test, bads_test: Those of the test side.
    """

    above: float | None = None
    up_to: float | None = None
    value: float | None = None
    level: str = ""
    others: bool = False
    unknown: bool = False
    n: int
    bads: int
    low: float
    high: float
    n_test: int = 0
    bads_test: int = 0

    @property
    def shown(self) -> bool:
        """True where it is large enough to be told of."""
        return self.n >= FEWEST_SHOWN

    @property
    def bad_rate(self) -> float:
        """Share of bads of the training side, in [0, 1]; 0 where it holds nobody."""
        return self.bads / self.n if self.n else 0.0

    @property
    def bad_rate_test(self) -> float | None:
        """Share of bads of the test side; None where it holds nobody."""
        return self.bads_test / self.n_test if self.n_test else None


@dataclass(frozen=True, slots=True, kw_only=True)
class StudyPeriod:
    """One feature in one month or week, all usable applications of it.

    Attributes:
        period: Its label.
        n: Applications.
        auc: With its interval; None where goods or bads are too few.
        psi: How far its values lie from the training side's; None where applications are few.
        missing: Share without a value, in [0, 1].
    """

    period: str
    n: int
    auc: AucInterval | None
    psi: float | None
    missing: float


@dataclass(frozen=True, slots=True, kw_only=True)
class StudyLine:
    """One feature and what was found of it on the training side.

    Attributes:
        name, title, unit, description: As declared.
        theme: The theme it belongs to.
        op: How it is computed ("count", "share"), where it is an aggregate.
        category: Whether its values are labels.
        flag: Whether its values are yes and no.
        whole: Whether every known value is a whole number.
        iv: With its interval.
        chance_line: The IV that chance alone does not reach, all features considered.
        as_strong: How many of the features would by chance stand out as much.
        auc: Alone, each application rated by bins of other customers.
        auc_test: Alone, on the test side, by the training side's bins; None where too few.
        held: What the test side says.
        shape: Course of the bad rate along a number; None for a category.
        missing: Share without a value, in [0, 1].
        missing_auc: How well having no value tells bads by itself, a value below 0.5 telling
            goods; None where all or none have one.
        psi: How far the test side's values lie from the training side's.
        gain: Share of the gain in a quick model of all features, mean and least and most over
            folds, in [0, 1].
        bins: Bins with anybody in them; what is not known last.
        periods: In time's order; empty without times.
    """

    name: str
    title: str
    unit: str
    description: str
    theme: str
    op: str = ""
    category: bool
    flag: bool
    whole: bool
    iv: IvInterval
    chance_line: float
    as_strong: float
    auc: AucInterval
    auc_test: AucInterval | None
    held: Held
    shape: Shape | None
    missing: float
    missing_auc: AucInterval | None
    psi: float | None
    gain: tuple[float, float, float]
    bins: tuple[StudyBin, ...]
    periods: tuple[StudyPeriod, ...] = ()

    @property
    def real(self) -> bool:
        """True where it is stronger than chance explains."""
        return self.iv.iv > self.chance_line


@dataclass(frozen=True, slots=True, kw_only=True)
class ThemeLine:
    """Features that belong together.

    Attributes:
        title: As a person says it.
        features: Their names, strongest first.
        alone: AUC of a quick model of these alone, out of fold.
        adds: AUC of all features less that of all but these; None where there are no others.
    """

    title: str
    features: tuple[str, ...]
    alone: AucInterval
    adds: AucDifference | None


@dataclass(frozen=True, slots=True, kw_only=True)
class CutLine:
    """What turning away the riskiest would have done, by out-of-fold PDs of the quick model.

    Attributes:
        share: Share of applications turned away, in (0, 1).
        n: Applications turned away.
        bad_rate: Bad rate of those turned away.
        caught: Share of all bads among them.
        left: Bad rate of the others.
    """

    share: float
    n: int
    bad_rate: float
    caught: float
    left: float


@dataclass(frozen=True, slots=True, kw_only=True)
class StudyRecord:
    """Everything the page of a study says.

    Attributes:
        product, title: Name of the product, and what a person calls it.
        created_at: When the study was made, as it shall be printed.
        seed: Of every random draw.
        command: What repeats it.
        bad_words: The definition of bad, in words.
        split_words: Goes on from "the split is".
        test_is_later: Whether every test application is later than every training one.
        observed_until: Up to when outcomes were watched; None if unknown.
        first, last: Days of the first and last usable application; empty without times.
        customers: Customers of either side.
        usable: Usable applications.
        n_train, n_test: Applications of either side; with the ones set aside they make `usable`.
        bad_rate, bad_rate_test: Of either side, in (0, 1).
        immature: Applications set aside because their performance window is not over.
        funnel, refusals: From rows read to rows used; rows refused: (table, reason, count).
        gate: Findings of the leakage gate.
        lines: Every feature, strongest first.
        themes: Strongest first.
        together: AUC of the quick model of all features, out of fold.
        short: AUC of the quick model of the strongest representatives alone, and their names.
        cuts: What turning away the riskiest would have done.
        groups: Features that say nearly the same.
        different: Names of features stronger than chance that each add something: the strongest,
            then one by one that which adds most to those before it.
        chance_iv: IV the strongest of all features reaches in a typical shuffle.
        shuffles: How many there were.
        protected: Columns whose values never enter.
        left_out: Features and sources left out: (name, why).
        sources: Data fingerprints: (name, rows, sha256).
        product_digest: SHA-256 of product.py.
        versions: Of the software, by name.
        top: How many features get a card.
        period_word: "month" or "week"; empty without times.
    """

    product: str
    title: str
    created_at: str
    seed: int
    command: str
    bad_words: str
    split_words: str
    test_is_later: bool
    observed_until: str | None
    first: str
    last: str
    customers: int
    usable: int
    n_train: int
    n_test: int
    bad_rate: float
    bad_rate_test: float
    immature: int
    funnel: tuple[Stage, ...]
    refusals: tuple[tuple[str, str, int], ...]
    gate: tuple[Check, ...]
    lines: tuple[StudyLine, ...]
    themes: tuple[ThemeLine, ...]
    together: AucInterval
    short: tuple[AucInterval, tuple[str, ...]]
    cuts: tuple[CutLine, ...]
    groups: tuple[AlikeGroup, ...]
    different: tuple[str, ...]
    chance_iv: float
    shuffles: int
    protected: tuple[str, ...]
    left_out: tuple[tuple[str, str], ...]
    sources: tuple[tuple[str, int, str], ...]
    product_digest: str
    versions: Mapping[str, str]
    top: int
    period_word: str

    @property
    def represented(self) -> tuple[StudyLine, ...]:
        """Features no stronger one stands for, strongest first."""
        stood_for = {name for group in self.groups for name, _ in group.members}
        return tuple(line for line in self.lines if line.name not in stood_for)

    @property
    def looked_at(self) -> tuple[StudyLine, ...]:
        """Features that get a card: the drivers, then the strongest that no other stands for."""
        drivers = self.drivers
        others = [line for line in self.represented if line.name not in self.different]
        return (*drivers, *others)[: self.top]

    @property
    def drivers(self) -> tuple[StudyLine, ...]:
        """Features that each add something to those before them, the strongest first."""
        by_name = {line.name: line for line in self.lines}
        return tuple(by_name[name] for name in self.different)
