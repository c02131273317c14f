"""What a card says of itself is what a reader finds who counts and fits again."""

from __future__ import annotations

import numpy as np
import pytest
from sklearn.linear_model import LogisticRegression

from solvent.errors import TechniqueError
from solvent.features import FeatureFrame, NumberColumn
from solvent.metrics import psi
from solvent.models import Card, points_card
from solvent.models._card_bins import in_order
from solvent.models._card_draft import Draft, all_rules
from solvent.models.card_stability import card_stability
from solvent.models.scorers.card import CardModel, Characteristic
from solvent.models.technique import Training
from solvent.models.techniques import scorecard
from tests.models.cards import SPECIAL, book, train_card
from tests.models.frames import labels, number


def _card(frame: FeatureFrame, bad: np.ndarray, card: Card | None = None) -> CardModel:
    model = train_card(frame, bad, card).model
    assert isinstance(model, CardModel)
    return model


def _placed(one: Characteristic, frame: FeatureFrame) -> np.ndarray:
    column = frame[one.name]
    if isinstance(column, NumberColumn):
        return one.binning.place(column.values)  # type: ignore[arg-type, call-arg]
    return one.binning.place(column.codes, column.levels)  # type: ignore[call-arg, arg-type]


def _town_book(rows: int = 3000) -> tuple[FeatureFrame, np.ndarray]:
    """Applicants of sixty towns: what other folds say of a town differs from what all do."""
    frame, _ = book(rows)
    rng = np.random.default_rng(8)
    town = rng.integers(0, 60, rows)
    effect = np.random.default_rng(3).normal(0.0, 0.8, 60)
    bad = rng.random(rows) < 1.0 / (1.0 + np.exp(1.0 - effect[town]))
    many = labels("many", town, tuple(f"town {place}" for place in range(60)))
    return FeatureFrame(rows=rows, columns=(*frame.columns[:1], many)), bad


def test_coefficients_and_their_errors_are_those_of_one_regression_on_woe() -> None:
    frame, bad = book(1500)
    frame = frame.select(["income", 'the "age"', "debt now"])
    model = _card(frame, bad)
    columns = np.column_stack([one.woe[_placed(one, frame)] for one in model.characteristics])
    peer = LogisticRegression(C=np.inf, tol=1e-10, max_iter=1000).fit(columns, bad)
    pd = peer.predict_proba(columns)[:, 1]
    design = np.column_stack([np.ones(len(bad)), columns])
    covariance = np.linalg.inv((design.T * (pd * (1.0 - pd))) @ design)
    told = [(one.coefficient, one.error) for one in model.characteristics]
    expected = zip(peer.coef_[0], np.sqrt(np.diag(covariance))[1:], strict=True)
    assert np.array(told) == pytest.approx(np.array(list(expected)), rel=1e-3)


def test_a_printed_row_tells_what_counting_its_training_rows_gives() -> None:
    frame, bad = _town_book()
    trained = train_card(frame, bad)
    assert isinstance(trained.model, CardModel)
    assert "many" in trained.features
    card = points_card(trained)
    for line, one in zip(card.lines, trained.model.characteristics, strict=True):
        place = _placed(one, frame)
        for at, shown in enumerate(line.bins):
            here = place == at
            assert shown.share == pytest.approx(float(here.mean()), abs=1e-15)
            expected = float(bad[here].mean()) if here.any() else None
            assert shown.bad_rate == (None if expected is None else pytest.approx(expected))


def test_training_rows_have_not_moved_against_themselves() -> None:
    frame, bad = _town_book()
    for one in _card(frame, bad).characteristics:
        placed = np.bincount(_placed(one, frame), minlength=one.binning.size)
        assert psi(np.rint(one.share * len(bad)).astype(np.int64), placed) == 0.0


def test_the_woe_of_a_category_is_told_by_other_folds() -> None:
    frame, bad = _town_book()
    one = next(c for c in _card(frame, bad).characteristics if c.name == "many")
    goods, bads = np.array(one.binning.homes.goods), np.array(one.binning.homes.bads)
    seen = (goods > 0) & (bads > 0)
    honest = np.log(goods[seen] / goods.sum() / (bads[seen] / bads.sum()))
    assert one.woe[seen] == pytest.approx(honest)
    assert not np.array_equal(one.bads, bads)


def test_a_bin_that_tells_nothing_adds_nothing_and_moves_no_other() -> None:
    woe = np.array([-1.0, 0.0, 1.0])
    effects, rows = np.array([0.2, 0.9, -1.0]), np.array([500.0, 500.0, 500.0])
    found = in_order(effects, woe, rows, neutral=(1,))
    assert found.tolist() == [0.2, 0.0, -1.0]
    assert in_order(effects, woe, rows, neutral=()).tolist() == pytest.approx([0.55, 0.55, -1.0])


def test_no_bin_of_higher_woe_adds_more_risk_whether_or_not_a_trend_is_declared() -> None:
    rng = np.random.default_rng(12)
    for rows in (700, 900, 1100):
        frame, bad = book(rows, seed=int(rng.integers(1, 1000)))
        for one in _card(frame, bad, Card(special={"debt*": (SPECIAL,)})).characteristics:
            told = [at for at in range(one.binning.size) if at not in one.binning.homes.neutral]
            order = sorted(told, key=lambda at: one.woe[at])
            assert (np.diff(one.log_odds[order]) <= 1e-12).all()
            assert not one.log_odds[list(one.binning.homes.neutral)].any()


def test_a_card_with_nothing_on_it_is_refused() -> None:
    rng = np.random.default_rng(4)
    frame = FeatureFrame(rows=2000, columns=(number("noise", rng.normal(size=2000)),))
    with pytest.raises(TechniqueError, match="no characteristic is left") as caught:
        train_card(frame, rng.random(2000) < 0.2, Card(significance=0.001))
    assert caught.value.field == "scorecard"
    assert "least_iv" in str(caught.value.hint)


class _Said:
    """What cards of 0 and 1 characteristics say of every row: a card for `choose_length`."""

    steps = ((), (0,))

    def __init__(self, margins: np.ndarray) -> None:
        self._margins = margins

    def margins(self, out: np.ndarray, most: int) -> np.ndarray:
        assert most == 1
        return self._margins[out]


def _length_of(times: int) -> int:
    """The length chosen where every customer has so many rows, all alike."""
    rng = np.random.default_rng(6)
    customers = 400
    bad = rng.random(customers) < 0.3
    longer = -0.845 + rng.normal(0.0, 0.3, customers)
    both = np.column_stack([np.full(customers, -0.845), longer])
    fold = np.arange(customers) % 2
    wide = {
        name: np.repeat(part, times, axis=0)
        for name, part in (
            ("bad", bad),
            ("fold", fold),
            ("group", np.arange(customers)),
            ("both", both),
        )
    }
    frame = FeatureFrame(rows=customers * times, columns=())
    training = Training(
        frame=frame, bad=wide["bad"], groups=wide["group"], fold=wide["fold"], seed=1
    )
    said = [_Said(wide["both"])] * 2
    return scorecard.choose_length(said, training)  # type: ignore[arg-type]


def test_a_customers_rows_count_once_when_a_length_is_chosen() -> None:
    assert _length_of(1) == _length_of(50)


def test_a_card_made_without_a_fold_knows_nothing_of_what_became_of_it() -> None:
    frame, bad = _town_book()
    frame = FeatureFrame(rows=3000, columns=(*frame.columns, *book(3000)[0].columns[1:]))
    fold, card = np.arange(3000) % 5, Card()
    rules = all_rules(frame, card, {})
    told = []
    for outcomes in (bad, np.where(fold == 3, ~bad, bad)):
        training = Training(frame=frame, bad=outcomes, groups=np.arange(3000), fold=fold, seed=1)
        draft = Draft.of(training, rules)
        sketches = [scorecard.Sketch.of(draft, card, held) for held in (3, None)]
        told.append([sketch.card(6, card).save() for sketch in sketches])
    assert told[0][0] == told[1][0]
    assert told[0][1] != told[1][1]


def test_months_of_the_training_rows_are_held_against_the_printed_rows() -> None:
    frame, bad = _town_book()
    model = _card(frame, bad)
    whole = card_stability(model, frame, bad, np.zeros(len(bad), dtype=np.int64))
    assert {name: one.psi.tolist() for name, one in whole.items()} == {
        name: [0.0] for name in model.features
    }
