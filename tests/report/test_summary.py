"""The report copes with what is missing, odd or wrong, and warns where it should."""

from __future__ import annotations

import re
from dataclasses import replace

import numpy as np
import pytest

from solvent.dataset import Check
from solvent.errors import RangeError, ShapeError
from solvent.metrics import (
    validate,
)
from solvent.report import (
    Reachable,
    build,
)
from solvent.scoring import Scale
from tests.report.reading import RECORD, text_of
from tests.report.records import accounts, features, record


def test_a_bare_run_still_makes_a_whole_page() -> None:
    """Nothing optional given: every chapter says what is missing instead of breaking."""
    text = text_of(
        observed_until=None,
        immature=0,
        maturity_words="",
        funnel=(),
        refusals=(),
        gate=(),
        period_test=None,
        out_of_fold=None,
        features=(),
        left_out=(),
        protected=(),
        sources=(),
        versions={},
        cutoff_words="",
        reachable=None,
        score_scale=None,
        baseline_auc=None,
        split_words="random: no times",
        test_is_later=False,
    )
    for told in (
        "No application was set aside as immature.",
        "No funnel was recorded.",
        "No row was refused.",
        "The gate did not run.",
        "No times were declared, so nothing can be said about change over time.",
        "No folds were made, so there are no figures of training rows.",
        "The model has no features.",
        "Nothing declared was left out.",
        "No protected attribute was declared.",
        "No data fingerprints were recorded.",
        "random: no times",
        "not stated",
        "Spread of PDs",
    ):
        assert told in text
    assert "eachable" not in text
    assert "None" not in text


def test_a_period_with_one_kind_of_outcome_has_no_auc_and_says_why() -> None:
    """A period without bads is shown with its counts and the reason for the missing AUC."""
    bad = RECORD.bad_test.copy()
    bad[:500] = False
    text = text_of(bad_test=bad, validation=validate(RECORD.pd_test, bad, cutoff=0.2))
    assert "no account of 500 is bad" in text
    assert "1 period with fewer than 20 bads left out." in text


def test_a_single_period_is_not_drawn() -> None:
    """One period cannot show change: it is said, tabled and not drawn."""
    page = build(record(period_test=np.full(3000, "2024-04")))
    (chapter,) = (section for section in page.sections if section.anchor == "time")
    assert chapter.charts == ()
    assert "one period, 2024-04" in chapter.lead[0]


@pytest.mark.parametrize("scale", [None, Scale(base_score=600, base_odds=20, pdo=40)])
@pytest.mark.parametrize("kind", ["constant", "certain", "tied"])
def test_odd_predictions_still_make_a_page(kind: str, scale: Scale | None) -> None:
    """A constant PD, PDs of 0 and 1 and a handful of tied PDs are reported like any other."""
    bad = np.arange(40) % 4 == 0
    pd = {
        "constant": np.full(40, 0.25),
        "certain": np.where(np.arange(40) % 3 == 0, 1.0, 0.0),
        "tied": np.where(np.arange(40) < 20, 0.4, 0.1),
    }[kind]
    text = text_of(
        pd_test=pd,
        bad_test=bad,
        validation=validate(pd, bad, cutoff=1.0),
        period_test=None,
        score_scale=scale,
    )
    assert "40 applications it had not seen" in text
    assert "nan" not in text.lower().split()
    assert "may rank risk no better than chance" in text


def _mark(topic: str, **changes: object) -> str:
    (mark,) = (each.mark for each in build(record(**changes)).answers if topic in each.question)
    return mark


def test_the_verdict_warns_where_it_should() -> None:
    """Each question turns to a warning when its figure does."""
    pd, bad = RECORD.pd_test, RECORD.bad_test
    low = pd * 0.6
    assert _mark("PDs") == "Yes"
    assert _mark("PDs", pd_test=low, validation=validate(low, bad, cutoff=0.2)) == "Caution"
    assert _mark("later", test_is_later=False) == "No"
    failed = Check(name="x", words="It leaks.", passed=False)
    assert _mark("gate", gate=(failed,)) == "Failed"
    assert _mark("gate", gate=(replace(failed, waived="known"),)) == "Waived"
    assert _mark("gate", gate=(replace(failed, passed=True),)) == "Yes"
    better = validate(*accounts(9000, seed=8, noise=0.0), cutoff=0.2)
    blind = np.random.default_rng(1).permutation(pd)
    assert _mark("hold outside", out_of_fold=better, pd_test=blind,
                 validation=validate(blind, bad, cutoff=0.2)) == "Caution"  # fmt: skip
    assert _mark("rank", pd_test=blind, validation=validate(blind, bad, cutoff=0.2)) == "No"
    few = slice(0, 300)
    assert _mark("large", pd_test=pd[few], bad_test=bad[few], period_test=None,
                 validation=validate(pd[few], bad[few], cutoff=0.2)) == "Caution"  # fmt: skip


def test_a_model_too_good_is_suspected() -> None:
    """An AUC no lender reaches is a reason to look for leakage, not to rejoice."""
    pd = np.clip(RECORD.bad_test * 0.9 + 0.05 + RECORD.pd_test * 0.01, 0.0, 1.0)
    text = text_of(pd_test=pd, validation=validate(pd, RECORD.bad_test, cutoff=0.2))
    assert "suspiciously well" in text
    assert "look for a feature that knows the outcome" in text


@pytest.mark.parametrize(
    ("changes", "field", "error"),
    [
        ({"bad_test": RECORD.bad_test[1:]}, "bad_test", ShapeError),
        ({"period_test": np.array(["2024-04"])}, "period_test", ShapeError),
        ({"validation": RECORD.out_of_fold}, "validation", RangeError),
        ({"immature": -1}, "immature", RangeError),
        ({"refusals": (("a", "b", -1),)}, "refusals.count", RangeError),
        ({"sources": (("a", -1, "b"),)}, "sources.rows", RangeError),
        ({"baseline_auc": 74.0}, "baseline_auc", RangeError),
    ],
)
def test_a_record_that_cannot_be_is_refused(
    changes: dict[str, object], field: str, error: type[Exception]
) -> None:
    """A mistake is found when the record is made, and names its field."""
    with pytest.raises(error, match=re.escape(field)):
        record(**changes)


@pytest.mark.parametrize("value", [float("nan"), -0.1, 1.1])
def test_shares_outside_their_range_are_refused(value: float) -> None:
    """Importance, missing share and AUC lie in [0, 1]; a NaN does not."""
    line = features(1)[0]
    for field in ("importance", "missing"):
        with pytest.raises(RangeError, match=f"features.{field}"):
            replace(line, **{field: value})
    with pytest.raises(RangeError, match=r"reachable\.auc"):
        Reachable(auc=value, share=0.9, low=0.8, high=1.0)


def test_other_values_that_cannot_be_are_refused() -> None:
    """A direction is -1, 0 or +1; a scale has odds and pdo above zero; a share is finite."""
    with pytest.raises(RangeError, match="direction"):
        replace(features(1)[0], direction=2)
    with pytest.raises(RangeError, match="finite"):
        Reachable(auc=0.8, share=float("inf"), low=0.8, high=1.0)
