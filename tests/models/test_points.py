"""Points: added up by hand they say what the model says, within a rounding."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from solvent.errors import BundleError
from solvent.models import Card, points_card
from solvent.models.technique import rank_correlation
from solvent.scoring import score
from tests.models.cards import book, train_card, trained_card
from tests.models.test_trained import _train


def test_exact_scores_are_the_scores_of_pds() -> None:
    trained = trained_card()
    frame, _ = book(2000, seed=5)
    card = points_card(trained)
    assert np.rint(card.exact_scores(frame)).tolist() == score(trained.pd(frame)).tolist()


def test_whole_points_keep_the_rank_and_move_no_score_far() -> None:
    card = points_card(trained_card())
    frame, _ = book(20_000, seed=5)
    points, exact = card.scores(frame), card.exact_scores(frame)
    assert rank_correlation(points.astype(np.float64), exact) > 0.999
    assert np.abs(points - exact).max() <= len(card.lines) / 2 + 1
    assert abs((points - exact).mean()) < 0.5


def test_the_least_points_are_none_and_the_range_is_that_of_scores() -> None:
    card = points_card(trained_card())
    assert all(min(one.points for one in line.bins) == 0 for line in card.lines)
    low, high = card.range
    found = card.scores(book(20_000, seed=5)[0])
    assert low <= found.min()
    assert found.max() <= high


def test_a_wider_scale_gives_more_points_for_the_same_odds() -> None:
    frame, bad = book(3000)
    narrow, wide = (points_card(train_card(frame, bad, Card(pdo=pdo))) for pdo in (20.0, 60.0))
    assert wide.pd_at(600.0) == narrow.pd_at(600.0) == pytest.approx(1 / 31)
    assert wide.pd_at(660.0) == pytest.approx(narrow.pd_at(620.0))
    spans = [card.range[1] - card.range[0] for card in (narrow, wide)]
    assert spans[1] == pytest.approx(3 * spans[0], rel=0.05)


def test_missing_values_too_few_to_tell_get_neutral_points() -> None:
    frame, bad = book(3000)
    frame.columns[1].values[np.isnan(frame.columns[1].values)] = 40.0  # type: ignore[union-attr]
    card = points_card(train_card(frame, bad))
    missing = next(one for line in card.lines if "age" in line.name for one in line.bins[-1:])
    assert missing.missing
    assert missing.neutral
    assert missing.log_odds == 0.0
    assert missing.points > 0


def test_what_is_no_card_has_no_points() -> None:
    frame, bad = book(600)
    with pytest.raises(BundleError, match="logistic, which gives no card"):
        points_card(_train(frame, bad, "logistic"))


def test_an_empty_card_gives_everybody_one_score() -> None:
    frame, bad = book(600)
    trained = train_card(frame.select(["income"]), bad)
    trained = replace(trained, model=replace(trained.model, characteristics=()))  # type: ignore[type-var]
    card = points_card(trained)
    assert card.range == (card.start, card.start)
    assert set(card.scores(frame).tolist()) == {card.start}
