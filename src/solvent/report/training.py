"""What a training run tells its report: plain values and arrays, nothing to look up."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from solvent.binning import Stability
from solvent.dataset import Check, Stage
from solvent.errors import RangeError, ShapeError
from solvent.metrics import AucDifference, AucInterval, Validation
from solvent.models import Contender, PointsCard, Selected
from solvent.models.tuning import Tuned
from solvent.report.fairness_record import CalibrationRecord, Fairness
from solvent.report.shapes_record import ShapesRecord
from solvent.scoring import Scale

FloatArray = NDArray[np.float64]
BoolArray = NDArray[np.bool_]
TextArray = NDArray[np.str_]


@dataclass(frozen=True, slots=True, kw_only=True)
class FeatureLine:
    """A feature of the model in words.

    Attributes:
        name: As declared.
        title: As a person would call it.
        unit: Of its values ("days", "USD"); may be empty.
        description: How it is computed, in a sentence.
        importance: Share of the model's total importance, in [0, 1].
        direction: +1 where a higher value is riskier, -1 where it is safer, 0 where neither holds.
        missing: Share of rows without a value, in [0, 1].
    """

    name: str
    title: str
    unit: str = ""
    description: str = ""
    importance: float
    direction: int
    missing: float

    def __post_init__(self) -> None:
        _check_share(self.importance, "features.importance")
        _check_share(self.missing, "features.missing")
        if self.direction not in {-1, 0, 1}:
            raise RangeError(
                f"must be -1, 0 or +1, found {self.direction!r}", field="features.direction"
            )


@dataclass(frozen=True, slots=True, kw_only=True)
class Reachable:
    """How much of what can be known the model knows; only where the true PD is known.

    Attributes:
        auc: Of the true PD on the test rows, in [0, 1].
        share: The model's Gini over that of the true PD; a sample's luck may carry it over 1.
        low, high: Ends of the share's two-sided interval.
        level: Confidence level of the interval, in (0, 1).
    """

    auc: float
    share: float
    low: float
    high: float
    level: float = 0.95

    def __post_init__(self) -> None:
        _check_share(self.auc, "reachable.auc")
        _check_share(self.level, "reachable.level")
        if not all(map(math.isfinite, (self.share, self.low, self.high))):
            raise RangeError("must be finite", field="reachable.share, low, high")


@dataclass(frozen=True, slots=True, kw_only=True)
class LinkLine:
    """How one model of a chain does.

    Attributes:
        name: Its word.
        words: Whom it is for.
        needs: Sources that must know the applicant, in words; empty for the last link.
        technique: How it was made.
        features: How many it reads.
        learnt: Training applications it learnt from.
        test: Figures on the test applications that it scores; None where they are too few.
        tested: How many those are, >= 0.
        over_last: AUC on these less that of the last link on the same; None for the last link, and
            where they are too few.
        alone: AUC of this model on every test application, known or not; None where customers of a
            kind are too few.
        gain: AUC of the chain less that; None where the two cannot be told apart.
        contest: The techniques that were tried for it; empty where there was only one.
    """

    name: str
    words: str
    needs: tuple[str, ...]
    technique: str
    features: int
    learnt: int
    tested: int
    test: Validation | None
    over_last: AucDifference | None
    alone: AucInterval | None
    gain: AucDifference | None
    contest: tuple[Contender, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Readable:
    """What can be read of a model by hand.

    Args:
        words: Whom it is for, in a chain of models; empty where there is one model.
        card: It as a card in points; None where it is none.
        months: How the bins of each of a card's characteristics fare from month to month, by name;
            None where applications have no times.
        shapes: What each feature adds; None where it is no sum of shape functions.
    """

    words: str = ""
    card: PointsCard | None = None
    months: Mapping[str, Stability] | None = None
    shapes: ShapesRecord | None = None


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class TrainingRecord:
    """Everything the page of one training run says.

    Attributes:
        product: Name of the product, as declared.
        title: What a person calls it.
        technique: The modelling technique, in words.
        version: Of the model.
        seed: Of every random draw in training.
        created_at: When the model was trained, as it shall be printed.
        bad_words: The definition of bad, in words.
        split_words: Goes on from "the split is": "by time: the last 20 % ...", "random: no times".
        test_is_later: Whether every test application is later than every training application.
        observed_until: Up to when outcomes were watched, as it shall be printed; None if unknown.
        immature: Applications set aside because their performance window is not over, >= 0.
        maturity_words: What makes an outcome final; may be empty.
        funnel: From rows read to rows used, in order.
        refusals: Rows refused: (table, reason, count).
        gate: Checks of the leakage gate.
        pd_test: Probability of default of the test rows in [0, 1], shape (n,).
        bad_test: Whether they went bad, shape (n,).
        period_test: Label of each test row's period, shape (n,), sorting in time's order
            ("2019-11"); None where no times are declared.
        validation: Of the test rows.
        out_of_fold: Of the training rows, each judged by a model that had not seen it; None where
            no folds were made.
        features: Of the model, in any order.
        left_out: Columns and features kept out of the model: (name, why).
        protected: Protected attributes, none of which the model sees.
        sources: Data fingerprints: (name, rows, sha256).
        versions: Of the software, by name.
        cutoff_words: Where the stated cutoff comes from; may be empty.
        reachable: Only for simulated lenders, whose true PD is known.
        score_scale: How PDs are written as points, if the product declares it.
        tuning: How the settings were searched, for each link of a chain and each technique that a
            blend or a contest is made of; empty where techniques were taken as they come.
        selection: How the features were selected; None where every candidate was kept.
        calibration: How the PDs were calibrated, and where they hold.
        fairness: How protected groups fare; None where no attribute is protected.
        contest: The techniques that were tried; empty where there was only one.
        links: Of a chain of models, in the order they are tried; empty where there is one model.
        links_aside: Links that could not learn: (whom they are for, the absent source).
        readable: What can be read of the model by hand, or of each of a chain's, in their order.
        baseline_auc: Of a simpler model on the same test rows, in [0, 1].
        baseline_words: What that simpler model is.

    Raises:
        ShapeError: arrays of different lengths, or without rows.
        RangeError: a value outside its range, or a validation of other rows than the test rows.
    """

    product: str
    title: str
    technique: str
    version: str
    seed: int
    created_at: str
    bad_words: str
    split_words: str
    test_is_later: bool
    observed_until: str | None
    immature: int = 0
    maturity_words: str = ""
    funnel: tuple[Stage, ...]
    refusals: tuple[tuple[str, str, int], ...] = ()
    gate: tuple[Check, ...]
    pd_test: FloatArray
    bad_test: BoolArray
    period_test: TextArray | None = None
    validation: Validation
    out_of_fold: Validation | None = None
    features: tuple[FeatureLine, ...]
    left_out: tuple[tuple[str, str], ...] = ()
    protected: tuple[str, ...] = ()
    sources: tuple[tuple[str, int, str], ...]
    versions: Mapping[str, str]
    cutoff_words: str = ""
    reachable: Reachable | None = None
    score_scale: Scale | None = None
    selection: Selected | None = None
    calibration: CalibrationRecord = field(default_factory=CalibrationRecord)
    fairness: Fairness | None = None
    contest: tuple[Contender, ...] = ()
    tuning: tuple[Tuned, ...] = ()
    links: tuple[LinkLine, ...] = ()
    links_aside: tuple[tuple[str, str], ...] = ()
    readable: tuple[Readable, ...] = ()
    baseline_auc: float | None = None
    baseline_words: str = "a simpler model"

    def __post_init__(self) -> None:
        _check_count(self.immature, "immature")
        for _table, _reason, count in self.refusals:
            _check_count(count, "refusals.count")
        for _name, rows, _sha256 in self.sources:
            _check_count(rows, "sources.rows")
        if self.baseline_auc is not None:
            _check_share(self.baseline_auc, "baseline_auc")
        _check_test_rows(self)


def _check_test_rows(record: TrainingRecord) -> None:
    n = record.pd_test.size
    arrays = {"bad_test": record.bad_test, "period_test": record.period_test}
    for name, array in arrays.items():
        if array is not None and array.size != n:
            raise ShapeError(
                f"has {array.size} values where pd_test has {n}",
                hint="pass one value per test row, in one order",
                field=name,
            )
    bads = int(np.count_nonzero(record.bad_test))
    if (record.validation.n, record.validation.bads) != (n, bads):
        raise RangeError(
            f"is of {record.validation.n} rows with {record.validation.bads} bads, "
            f"where the test has {n} rows with {bads}",
            hint="pass `validate(pd_test, bad_test, ...)`",
            field="validation",
        )


def _check_count(value: int, field: str) -> None:
    if value < 0:
        raise RangeError(f"must be a count, found {value!r}", field=field)


def _check_share(value: float, field: str) -> None:
    if not 0.0 <= value <= 1.0:
        raise RangeError(
            f"must lie in [0, 1], found {value!r}", hint="25 percent is 0.25", field=field
        )


def headed(heading: str, words: str) -> str:
    """Return the heading of a chapter on one model of a chain.

    >>> headed("The scorecard", ""), headed("The scorecard", "people new to the bank")
    ('The scorecard', 'The scorecard for people new to the bank')
    """
    return f"{heading} for {words}" if words else heading


def numbered(anchor: str, place: int) -> str:
    """Return the anchor of a chapter that a page may have several of.

    >>> numbered("shapes", 0), numbered("shapes", 1)
    ('shapes', 'shapes-2')
    """
    return f"{anchor}-{place + 1}" if place else anchor
