"""Shape functions read for a report say what the model says, and name no rare level."""

from __future__ import annotations

import numpy as np
import pytest

from solvent.app._shapes import MOST_FEATURES, MOST_PAIRS, RARE, shapes_record
from solvent.features import FeatureFrame
from solvent.models import find_technique, fit_model, start_training
from solvent.models.scorers.additive import AdditiveModel
from solvent.progress import Silent
from solvent.report import FeatureLine
from tests.models.frames import applicants, customers, labels, number

pytest.importorskip("interpret")


def _frame(rows: int) -> tuple[FeatureFrame, np.ndarray]:
    frame, bad = applicants(rows, towns=3)
    rng = np.random.default_rng(3)
    shop = np.where(rng.random(rows) < 0.9, rng.integers(0, 3, rows), rng.integers(3, 40, rows))
    names = tuple(f"shop {place}" for place in range(40))
    more = (number(f"noise {place}", rng.normal(size=rows)) for place in range(11))
    return FeatureFrame(rows=rows, columns=(*frame, labels("shop", shop, names), *more)), bad


def test_what_is_drawn_is_what_the_model_adds_and_rare_levels_are_not_named() -> None:
    frame, bad = _frame(1500)
    training = start_training(frame, bad, groups=customers(1500), seed=1).tuned({"pairs": 2})
    model = fit_model(training, find_technique("explainable_boosting"), progress=Silent())
    inner = model.model
    assert isinstance(inner, AdditiveModel)
    order = ("income", "age", "town", "shop", "colour", *(f"noise {at}" for at in range(11)))
    lines = tuple(
        FeatureLine(name=name, title=name.upper(), importance=0.0, direction=0, missing=0.0)
        for name in order
    )
    found = shapes_record(model, frame, lines)
    assert found is not None
    assert (len(found.features), found.others) == (MOST_FEATURES, len(order) - MOST_FEATURES)
    income, age, town, shop = found.features[:4]
    assert income.missing is None
    assert age.missing is not None
    alone = [term for term in inner.additive.terms if term.columns == (0,)]
    cuts = inner.additive.cuts[0]
    for low, high, value in zip(income.edges[:-1], income.edges[1:], income.values, strict=True):
        middle = np.array([0.5 * (low + high)])
        assert value == alone[0].values[1 + np.searchsorted(cuts, middle, side="right")]
    added = inner.levels("town")
    assert {one.label: one.added for one in town.levels} == {
        label: added[label] for label in ("town 0", "town 1", "town 2")
    }
    assert sum(one.rows for one in shop.levels) == 1500
    named = [one for one in shop.levels if one.label.startswith("shop")]
    assert {one.label for one in named} == {"shop 0", "shop 1", "shop 2"}
    assert all(one.rows >= RARE for one in named)
    assert shop.levels[-1].label == "37 others"
    spreads = [one.spread for one in found.pairs]
    assert 0 < len(spreads) <= MOST_PAIRS
    assert spreads == sorted(spreads, reverse=True)
    assert all(one.least < 0.0 < one.most for one in found.pairs)


def test_other_models_have_no_shapes() -> None:
    frame, bad = applicants(300)
    training = start_training(frame, bad, groups=customers(300), seed=1)
    model = fit_model(training, find_technique("logistic"), progress=Silent())
    assert shapes_record(model, frame, ()) is None
